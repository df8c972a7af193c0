package dev.rondo.train.tagging;

import java.util.Optional;

/**
 * Probabilities of a tag after another. The boundary of sentences is a tag of its own here, number K: what comes first and what
 * comes last.
 */
final class TagBigrams {
    private final int tags;
    private final long[][] pairs;
    private final long[] singles;
    private long all;

    TagBigrams(int tags) {
        this.tags = tags;
        this.pairs = new long[tags + 1][tags + 1];
        this.singles = new long[tags + 1];
    }

    /** Counts a sentence. */
    void add(int[] sentence) {
        int before = tags;
        for (int tag : sentence) {
            count(before, tag);
            before = tag;
        }
        count(before, tags);
    }

    private void count(int before, int tag) {
        pairs[before][tag]++;
        singles[tag]++;
        all++;
    }

    /** How often a tag occurs. */
    long count(int tag) {
        return singles[tag];
    }

    /**
     * {@code P(j | i)} for all tags and the boundary [K+1,K+1].
     *
     * @param addK added to each count; empty for {@code λ c(i,j) / c(i) + (1 − λ) c(j) / N}
     */
    double[][] probabilities(Optional<Double> addK) {
        double lambda = addK.isPresent() ? 0 : bigramWeight();
        double[][] p = new double[tags + 1][tags + 1];
        for (int i = 0; i <= tags; i++) {
            for (int j = 0; j <= tags; j++) {
                // Every tag is followed by something: counts of what goes before are those of what is.
                p[i][j] = addK.isPresent()
                        ? (pairs[i][j] + addK.get()) / (singles[i] + addK.get() * (tags + 1))
                        : lambda * pairs[i][j] / singles[i] + (1 - lambda) * singles[j] / all;
            }
        }
        return p;
    }

    /** λ by deleted interpolation (Brants 2000, figure 1): each pair votes for what would have predicted it best without itself. */
    double bigramWeight() {
        double bigram = 0;
        double unigram = 0;
        for (int i = 0; i <= tags; i++) {
            for (int j = 0; j <= tags; j++) {
                if (pairs[i][j] == 0) {
                    continue;
                }
                double two = singles[i] > 1 ? (pairs[i][j] - 1.0) / (singles[i] - 1.0) : 0;
                double one = all > 1 ? (singles[j] - 1.0) / (all - 1.0) : 0;
                if (two >= one) {
                    bigram += pairs[i][j];
                } else {
                    unigram += pairs[i][j];
                }
            }
        }
        // Never all for bigrams: a pair that was not seen is unlikely, not impossible.
        return Math.min(0.999, bigram / (bigram + unigram));
    }
}
