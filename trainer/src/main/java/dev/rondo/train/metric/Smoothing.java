package dev.rondo.train.metric;

import dev.rondo.error.InputException;
import java.util.Locale;

/** What BLEU does where no n-gram of an order matches (Chen and Cherry 2014). */
public sealed interface Smoothing {
    /** The first such order counts as half a match, the next as a quarter, and so on: sacrebleu's default. */
    record Exponential() implements Smoothing {}

    /**
     * Each such order counts as a part of a match.
     *
     * @param matches instead of none, sacrebleu's default 0.1
     */
    record Floor(double matches) implements Smoothing {
        /** @throws InputException when that is not positive */
        public Floor {
            positive("floor of matches", matches);
        }
    }

    /**
     * Orders above the first get as many matches and n-grams more.
     *
     * @param k sacrebleu's default 1
     */
    record AddK(double k) implements Smoothing {
        /** @throws InputException when k is not positive */
        public AddK {
            positive("k that is added", k);
        }
    }

    /** An order without a match makes the score 0. */
    record None() implements Smoothing {}

    private static void positive(String subject, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new InputException(subject, "is a positive number", "" + value, "change it");
        }
    }

    /** What sacrebleu calls it. */
    default String text() {
        return switch (this) {
            case Exponential() -> "exp";
            case Floor(double matches) -> String.format(Locale.ROOT, "floor[%.2f]", matches);
            case AddK(double k) -> String.format(Locale.ROOT, "add-k[%.2f]", k);
            case None() -> "none";
        };
    }
}
