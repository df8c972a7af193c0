package dev.rondo.train.seq2seq;

import dev.rondo.error.InputException;

/**
 * How an encoder-decoder is judged while it is trained.
 *
 * @param measure  what decides which parameters are the best, when the run ends early, and when a plateau is reached
 * @param beamSize hypotheses of a sentence, to translate the validation sources for BLEU; 1 is greedy
 */
public record ValidationSettings(Measure measure, int beamSize) {
    private static final int MAX_BEAM = 64;

    /** What decides. */
    public enum Measure {
        /** The mean cross-entropy of a target token, and with it perplexity; nothing is translated. */
        LOSS,
        /** BLEU of translations by the model as its file would have it. The loss is shown too. */
        BLEU
    }

    /** @throws InputException when the beam is no size */
    public ValidationSettings {
        if (beamSize < 1 || beamSize > MAX_BEAM) {
            throw new InputException(
                    "setting beam size of the validation", "is 1 to " + MAX_BEAM, "" + beamSize, "change the setting");
        }
    }
}
