package dev.rondo.train.ngram;

import dev.rondo.error.InputException;

/**
 * How probability is taken from n-grams that were seen and given to those that were not. {@code c} is a count, {@code h} a
 * context, {@code h'} the context without its first word, {@code V} the number of tokens that can be predicted.
 */
public sealed interface Smoothing {
    /** {@code P(w|h) = (c(hw) + delta) / (c(h) + delta V)} with contexts of full length only; 1/V where h was never seen. */
    record AddDelta(double delta) implements Smoothing {
        /** @throws InputException when delta is not above 0 and finite */
        public AddDelta {
            if (!(delta > 0 && delta <= 1e6)) {
                throw new InputException(
                        "delta", "is above 0 and at most 1000000", "" + delta, "give 1 for Laplace's rule, or less");
            }
        }
    }

    /**
     * Backoff with absolute discounting (Ney, Essen and Kneser 1994): {@code P(w|h) = (c(hw) - D) / c(h)} where hw was seen,
     * else {@code b(h) P(w|h')}. One D for each order, {@code n1 / (n1 + 2 n2)}.
     */
    record Backoff() implements Smoothing {}

    /**
     * Backoff with Good-Turing discounts (Katz 1987): counts r up to 5 become {@code d_r r} with
     * {@code d_r = (r*}/{@code r - A) / (1 - A)}, {@code r* = (r+1) n_(r+1) / n_r}, {@code A = (k+1) n_(k+1) / n_1}, k = 5.
     */
    record Katz() implements Smoothing {}

    /**
     * Interpolated Kneser-Ney with one discount an order (Chen and Goodman 1998, section 2.7): lower orders count in how many
     * contexts a word was seen, the first order is interpolated with 1/V.
     */
    record KneserNey() implements Smoothing {}

    /** The same with three discounts an order, for counts of 1, 2 and more (Chen and Goodman 1998, section 3.4). */
    record ModifiedKneserNey() implements Smoothing {}
}
