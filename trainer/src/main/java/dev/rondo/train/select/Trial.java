package dev.rondo.train.select;

import java.util.List;

/**
 * What a search tried.
 *
 * @param number  the first is 1
 * @param values  of the space's dimensions
 * @param outcome what came of it
 */
public record Trial(int number, List<String> values, Outcome outcome) {
    /** Copies the values. */
    public Trial {
        values = List.copyOf(values);
    }

    /** How good it was; NaN when it failed. */
    public double score() {
        return outcome.score;
    }

    public boolean failed() {
        return !Double.isFinite(outcome.score);
    }

    /**
     * What came of a trial.
     *
     * @param score   more is better; no finite number when it failed
     * @param seconds that it took
     * @param note    why it failed; else empty
     */
    public record Outcome(double score, double seconds, String note) {
        /** One that did not fail. */
        public static Outcome of(double score, double seconds) {
            return new Outcome(score, seconds, "");
        }

        /** One that failed. */
        public static Outcome failure(String note, double seconds) {
            return new Outcome(Double.NaN, seconds, note);
        }
    }
}
