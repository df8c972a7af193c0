package dev.rondo.train.seq2seq;

import dev.rondo.error.InputException;
import dev.rondo.train.rule.Settings;

/**
 * From a step's state and context to scores.
 *
 * @param readout        from state and context to what the output reads
 * @param readoutSize    with tanh; 0: the embedding's size when the output is tied, else the decoder's
 * @param readsEmbedding whether the embedding of a step's token is part of the readout
 * @param kind           from the readout to scores
 * @param tie            which tables are one
 */
public record OutputSettings(Readout readout, int readoutSize, boolean readsEmbedding, Kind kind, Tie tie) {
    /** From state and context to the output. */
    public enum Readout {
        /** Side by side. */
        STRAIGHT,
        /** Through a linear map and tanh. */
        TANH
    }

    /** From the readout to scores. */
    public enum Kind {
        /** A linear map to the vocabulary. */
        GENERATE,
        /** That, or a token of the source, as attention says; both sides share a vocabulary (See et al. 2017). */
        GENERATE_OR_COPY,
        /** Tokens of the source only (Vinyals et al. 2015). */
        COPY
    }

    /** Which tables are one. */
    public enum Tie {
        NONE,
        /** The output's matrix is the target's embedding. */
        OUTPUT,
        /** And the source's embedding too; both sides share a vocabulary. Without an encoder these two are always one. */
        ALL
    }

    /** @throws InputException when a value is out of range, or has no meaning beside the others */
    public OutputSettings {
        Settings.require(
                readoutSize >= 0 && readoutSize <= NetworkRules.MAX_SIZE,
                "readout size",
                "is 0 for the default, or at most " + NetworkRules.MAX_SIZE,
                readoutSize);
        Settings.require(
                readout == Readout.TANH || readoutSize == 0,
                "readout size",
                "is 0 for a straight readout, which has that of its parts",
                readoutSize);
        Settings.require(kind != Kind.COPY || tie == Tie.NONE, "tie", "is none where tokens are only copied", tie);
    }
}
