package dev.rondo.search;

/** The length penalty as a table, and what bounds the score that a living hypothesis may come to. */
final class Penalties {
    private double[] divisors = {};
    private final LengthPenalty penalty;

    Penalties(LengthPenalty penalty) {
        this.penalty = penalty;
    }

    /** Prepares lengths up to this one. */
    void reserve(int longest) {
        if (divisors.length > longest) {
            return;
        }
        divisors = new double[longest + 1];
        divisors[0] = penalty.at(1);
        boolean rises = penalty.at(longest) >= penalty.at(1);
        for (int i = 1; i <= longest; i++) {
            // Powers are monotone, their rounding need not be: the bound relies on it.
            divisors[i] = rises ? Math.max(divisors[i - 1], penalty.at(i)) : Math.min(divisors[i - 1], penalty.at(i));
        }
    }

    double score(double logProb, int length) {
        return logProb / divisors[length];
    }

    /**
     * No less than the score of any sequence that continues a hypothesis: its log-probability is at most that of the hypothesis, and
     * its length lies between these two. Coverage adds at most 0.
     */
    double bound(double logProb, int least, int greatest) {
        double a = score(logProb, least);
        double b = score(logProb, greatest);
        return Math.max(a, b);
    }
}
