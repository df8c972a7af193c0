package dev.rondo.train.network;

import dev.rondo.train.rule.Settings;

/**
 * What a network is trained for.
 *
 * @param kind      the loss
 * @param smoothing of labels, with cross-entropy: the share that all classes have in the target
 * @param balanced  whether each class weighs as much as any other in the loss: a sample of class k, or a token with
 *                  tag k, has the weight n / (K nₖ)
 */
public record ObjectiveSettings(Kind kind, double smoothing, boolean balanced) {
    /** Losses. */
    public enum Kind {
        /** {@code −ln p(target)} of each class or tag. */
        CROSS_ENTROPY,
        /** {@code −ln p(all tags of a sentence)} of a linear chain (Lafferty et al. 2001). */
        CHAIN,
        /** {@code (y − target)²}. */
        SQUARED,
        /** {@code |y − target|}. */
        ABSOLUTE
    }

    /** @throws dev.rondo.error.InputException when values do not fit */
    public ObjectiveSettings {
        Settings.require(smoothing >= 0 && smoothing < 1, "label smoothing", "lies in [0, 1)", smoothing);
        Settings.require(
                smoothing == 0 || kind == Kind.CROSS_ENTROPY, "label smoothing", "is for cross-entropy", smoothing);
        Settings.require(
                !balanced || kind == Kind.CROSS_ENTROPY,
                "class weights",
                "are for cross-entropy: a chain gives a loss to whole sentences, and numbers have no classes",
                kind);
    }

    /** Without smoothing or weights. */
    public static ObjectiveSettings of(Kind kind) {
        return new ObjectiveSettings(kind, 0, false);
    }
}
