package dev.rondo.train.seq2seq;

import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.error.InputException;

/**
 * How the decoder attends, where it does.
 *
 * @param score how well a state and a place of the source fit
 * @param size  A of additive attention, the rank of low-rank attention; others have none
 * @param heads side by side; 1 without attention
 * @param query which state asks
 */
public record AttentionSettings(Score score, int size, int heads, Attention.Query query) {
    /** How well a state and a place of the source fit. */
    public enum Score {
        DOT,
        SCALED_DOT,
        GENERAL,
        LOW_RANK,
        ADDITIVE
    }

    /** @throws InputException when a value is out of range */
    public AttentionSettings {
        NetworkRules.size("attention size", size);
        NetworkRules.size("heads", heads);
    }
}
