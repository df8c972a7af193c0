package dev.rondo.search;

/** Hears of tokens while a search goes on, and may end it. */
@FunctionalInterface
public interface TokenListener {
    /** Hears nothing. */
    TokenListener NONE = (sentence, length, token, logProb) -> true;

    /**
     * A sentence got longer by a token: the last one of its best hypothesis, or of the first of its samples that has not ended; it
     * may be another one at the next call.
     *
     * @param sentence its index in the call of the search
     * @param length   how many tokens it has now
     * @param logProb  of the whole hypothesis
     * @return whether to go on; else all its hypotheses are results as they are
     */
    boolean token(int sentence, int length, int token, double logProb);
}
