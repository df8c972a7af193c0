package dev.rondo.train.ngram;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * What is taken from each count of an order.
 *
 * @param first  from counts of 1, 2, ...
 * @param beyond from larger counts
 * @param usual  whether it follows from the counts; else there were too few of them, and it is what documentation says
 */
record Discount(double[] first, double beyond, boolean usual) {
    /** Good-Turing discounts counts up to this. */
    private static final int SMALL = 5;

    /** How many counts of counts a discount needs. */
    private static final int COUNTS = SMALL + 1;

    /** From a count; nothing from 0. */
    double of(int count) {
        if (count == 0) {
            return 0;
        }
        return count <= first.length ? first[count - 1] : beyond;
    }

    /** {@code n_r}: how many n-grams have the count r, for r from 1 to 6. */
    private static double[] countsOfCounts(NgramTrie trie, int order, int[] counts) {
        var n = new double[COUNTS + 1];
        for (int i = 0; i < counts.length; i++) {
            boolean event = order > 1 || trie.isPredicted(i);
            if (event && counts[i] > 0 && counts[i] <= COUNTS) {
                n[counts[i]]++;
            }
        }
        return n;
    }

    /** {@code n1 / (n1 + 2 n2)}; a half where that is not between 0 and 1. */
    static Discount absolute(NgramTrie trie, int order, int[] counts) {
        double[] n = countsOfCounts(trie, order, counts);
        double d = n[1] / (n[1] + 2 * n[2]);
        boolean usual = d > 0 && d < 1;
        return new Discount(new double[0], usual ? d : 0.5, usual);
    }

    /** {@code D_r = r - (r+1) Y n_(r+1) / n_r} with {@code Y = n1 / (n1 + 2 n2)}; 0.5, 1, 1.5 where these are not in (0, r). */
    static Discount modified(NgramTrie trie, int order, int[] counts) {
        double[] n = countsOfCounts(trie, order, counts);
        double y = n[1] / (n[1] + 2 * n[2]);
        var d = new double[4];
        boolean usual = true;
        for (int r = 1; r <= 3; r++) {
            d[r] = r - (r + 1) * y * n[r + 1] / n[r];
            usual &= d[r] > 0 && d[r] < r;
        }
        return usual
                ? new Discount(new double[] {d[1], d[2]}, d[3], true)
                : new Discount(new double[] {0.5, 1}, 1.5, false);
    }

    /**
     * Good and Turing's with Katz's correction, of counts up to 5, or up to the largest number below for which all shares
     * {@code d_r} lie between 0 and 1; where there is none, a half from counts up to 5.
     */
    static Discount goodTuring(NgramTrie trie, int order, int[] counts) {
        double[] n = countsOfCounts(trie, order, counts);
        for (int k = SMALL; k >= 1; k--) {
            double a = (k + 1) * n[k + 1] / n[1];
            var taken = new double[k];
            boolean usual = a < 1;
            for (int r = 1; r <= k; r++) {
                double share = ((r + 1) * n[r + 1] / (r * n[r]) - a) / (1 - a);
                usual &= share > 0 && share < 1;
                taken[r - 1] = r - share * r;
            }
            if (usual) {
                return new Discount(taken, 0, true);
            }
        }
        var half = new double[SMALL];
        Arrays.fill(half, 0.5);
        return new Discount(half, 0, false);
    }

    /** The numbers, for people. */
    String text() {
        return DoubleStream.concat(Arrays.stream(first), DoubleStream.of(beyond))
                .mapToObj(d -> String.format(Locale.ROOT, "%.4f", d))
                .collect(Collectors.joining(" ", "", usual ? "" : " (too few counts to say)"));
    }
}
