package dev.rondo.search;

import dev.rondo.error.InputException;

/**
 * What the log-probability of a sequence is divided by: longer sequences are less likely, and without a penalty searches
 * prefer short ones. The length counts the end token. It ranks finished hypotheses; those that are alive in a step have the
 * same length, so among them it would change nothing.
 */
public sealed interface LengthPenalty {
    /** No penalty: 1. */
    LengthPenalty NONE = new Power(0);

    /** The divisor at a length of at least 1; above 0. */
    double at(int length);

    /** {@code length^alpha}; alpha 1 is the mean (Bahdanau et al. 2015; OpenNMT "avg"). */
    record Power(double alpha) implements LengthPenalty {
        public Power {
            require(alpha);
        }

        @Override
        public double at(int length) {
            return StrictMath.pow(length, alpha);
        }
    }

    /** {@code ((5 + length) / 6)^alpha} (Wu et al. 2016, equation 14). */
    record Gnmt(double alpha) implements LengthPenalty {
        public Gnmt {
            require(alpha);
        }

        @Override
        public double at(int length) {
            return StrictMath.pow((5.0 + length) / 6, alpha);
        }
    }

    private static void require(double alpha) {
        if (!(Math.abs(alpha) <= 10)) {
            throw new InputException(
                    "length penalty",
                    "has an exponent between -10 and 10",
                    "" + alpha,
                    "0 is none, 1 divides by the length");
        }
    }
}
