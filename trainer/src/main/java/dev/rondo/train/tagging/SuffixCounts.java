package dev.rondo.train.tagging;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tags of rare words by the ends of the words (Samuelsson 1993; Brants 2000): the distribution of a suffix is that of its counts and,
 * with the weight θ, that of the suffix one character shorter,
 * {@code P(t | sᵢ) = (c(t, sᵢ) / c(sᵢ) + θ P(t | sᵢ₋₁)) / (1 + θ)}. The shortest, of no character, has the distribution of all rare
 * words.
 */
final class SuffixCounts {
    private final int tags;
    private final int longest;
    private final Map<String, long[]> counts = new HashMap<>();
    private double theta;

    SuffixCounts(int tags, int longest) {
        this.tags = tags;
        this.longest = longest;
        counts.put("", new long[tags]);
    }

    /** Counts a word that occurs with a tag. */
    void add(String word, int tag, long times) {
        int length = word.codePointCount(0, word.length());
        for (int characters = 0; characters <= Math.min(longest, length); characters++) {
            String suffix = word.substring(word.offsetByCodePoints(word.length(), -characters));
            counts.computeIfAbsent(suffix, _ -> new long[tags])[tag] += times;
        }
    }

    /** Sets θ. */
    SuffixCounts withTheta(double theta) {
        this.theta = theta;
        return this;
    }

    boolean isEmpty() {
        return Arrays.stream(counts.get("")).sum() == 0;
    }

    /** The suffixes that occur so often or more, in the order of their text, with their distributions; the empty one first. */
    Map<String, double[]> distributions(int least) {
        var found = new TreeMap<String, double[]>();
        counts.forEach((suffix, count) -> {
            if (suffix.isEmpty() || Arrays.stream(count).sum() >= least) {
                found.put(suffix, of(suffix));
            }
        });
        return found;
    }

    /** The distribution of the tags of a word. */
    double[] of(String word) {
        double[] p = relative(counts.get(""));
        int length = Math.min(longest, word.codePointCount(0, word.length()));
        for (int characters = 1; characters <= length; characters++) {
            long[] count = counts.get(word.substring(word.offsetByCodePoints(word.length(), -characters)));
            if (count == null) {
                break;
            }
            double[] here = relative(count);
            for (int t = 0; t < tags; t++) {
                p[t] = (here[t] + theta * p[t]) / (1 + theta);
            }
        }
        return p;
    }

    /** Shares, of nothing equal ones. */
    private double[] relative(long[] count) {
        double sum = Arrays.stream(count).sum();
        double[] p = new double[tags];
        for (int t = 0; t < tags; t++) {
            p[t] = sum == 0 ? 1.0 / tags : count[t] / sum;
        }
        return p;
    }
}
