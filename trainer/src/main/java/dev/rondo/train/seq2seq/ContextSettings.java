package dev.rondo.train.seq2seq;

import dev.rondo.architecture.seq2seq.Summary;

/**
 * What the decoder has of the source.
 *
 * @param kind    how it sees it
 * @param summary one vector for the source, where the bridge or the context needs one
 * @param bridge  where its states begin
 */
public record ContextSettings(Kind kind, Summary summary, Bridge bridge) {
    /** How the decoder sees the source. */
    public enum Kind {
        /** Its first state is all that it has of the source (Sutskever et al. 2014). */
        FIRST,
        /** A summary at every step; the first state is zero. */
        EVERY,
        /** A summary at every step, and the first state (Cho et al. 2014). */
        BOTH,
        /** Another part of it at every step. */
        ATTENTION
    }

    /** Where the decoder's states begin. */
    public enum Bridge {
        ZERO,
        /** With the last states of the encoder's layers. */
        COPY,
        /** With the summary itself. */
        SAME,
        /** With tanh of a linear map of the summary. */
        PROJECTED
    }
}
