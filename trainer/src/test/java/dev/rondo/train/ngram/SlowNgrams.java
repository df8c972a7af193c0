package dev.rondo.train.ngram;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * The smoothings as their papers write them, over maps of lists: slow, and not made of the code under test. Words are ids;
 * {@code predicted} are those that can come next.
 */
final class SlowNgrams {
    private final int order;
    private final Smoothing smoothing;
    private final int begin;
    private final List<Integer> predicted;
    private final int[] cutoffs;
    private final Map<List<Integer>, Integer> counts = new HashMap<>();
    private final Map<List<Integer>, Set<Integer>> before = new HashMap<>();
    private final Map<Integer, double[]> discounts = new HashMap<>();

    /** @param sentences with begin and end */
    SlowNgrams(
            List<List<Integer>> sentences,
            int order,
            Smoothing smoothing,
            int[] cutoffs,
            int begin,
            List<Integer> predicted) {
        this.order = order;
        this.smoothing = smoothing;
        this.begin = begin;
        this.predicted = predicted;
        this.cutoffs = cutoffs;
        for (List<Integer> sentence : sentences) {
            for (int from = 0; from < sentence.size(); from++) {
                for (int to = from + 1; to <= Math.min(sentence.size(), from + order); to++) {
                    List<Integer> ngram = List.copyOf(sentence.subList(from, to));
                    counts.merge(ngram, 1, Integer::sum);
                    if (from > 0) {
                        before.computeIfAbsent(ngram, _ -> new HashSet<>()).add(sentence.get(from - 1));
                    }
                }
            }
        }
    }

    /** P(w|h) of a context that has at most N - 1 words. */
    double probability(List<Integer> context, int word) {
        return switch (smoothing) {
            case Smoothing.AddDelta(double delta) -> addDelta(context, word, delta);
            case Smoothing.Backoff _, Smoothing.Katz _ -> backOff(context, word);
            case Smoothing.KneserNey _, Smoothing.ModifiedKneserNey _ -> interpolate(context, word);
        };
    }

    private int count(List<Integer> ngram) {
        return counts.getOrDefault(ngram, 0);
    }

    /** What is left after cutoffs. */
    private boolean kept(List<Integer> ngram) {
        return count(ngram) > cutoffs[ngram.size() - 1];
    }

    private static List<Integer> and(List<Integer> context, int word) {
        var ngram = new ArrayList<>(context);
        ngram.add(word);
        return ngram;
    }

    private static List<Integer> shorter(List<Integer> context) {
        return context.subList(1, context.size());
    }

    private double uniform() {
        return 1.0 / predicted.size();
    }

    private double addDelta(List<Integer> context, int word, double delta) {
        boolean full = context.size() == order - 1 || !context.isEmpty() && context.getFirst() == begin;
        double total = 0;
        for (int w : predicted) {
            total += kept(and(context, w)) ? count(and(context, w)) : 0;
        }
        if (!full || total == 0 && order > 1) {
            return uniform();
        }
        int own = kept(and(context, word)) ? count(and(context, word)) : 0;
        return (own + delta) / (total + delta * predicted.size());
    }

    /** Counts of Kneser and Ney: in how many contexts. */
    private int different(List<Integer> ngram) {
        boolean raw = ngram.size() == order || ngram.getFirst() == begin;
        return raw ? count(ngram) : before.getOrDefault(ngram, Set.of()).size();
    }

    private double interpolate(List<Integer> context, int word) {
        double lower = context.isEmpty() ? uniform() : interpolate(shorter(context), word);
        double total = 0;
        double taken = 0;
        for (int w : predicted) {
            List<Integer> ngram = and(context, w);
            int c = different(ngram);
            total += c;
            taken += context.isEmpty() || kept(ngram) ? discount(ngram.size(), c) : c;
        }
        if (total == 0 || !context.isEmpty() && !kept(context)) {
            return lower;
        }
        List<Integer> ngram = and(context, word);
        int c = different(ngram);
        double own = context.isEmpty() || kept(ngram) ? (c - discount(ngram.size(), c)) / total : 0;
        return own + taken / total * lower;
    }

    private double backOff(List<Integer> context, int word) {
        double total = 0;
        double kept = 0;
        double given = 0;
        double lower = 0;
        int words = 0;
        for (int w : predicted) {
            List<Integer> ngram = and(context, w);
            int c = count(ngram);
            total += c;
            if (c > 0 && kept(ngram)) {
                kept += c;
                given += discount(ngram.size(), c);
                lower += context.isEmpty() ? uniform() : backOff(shorter(context), w);
                words++;
            } else {
                given += c;
            }
        }
        double below = context.isEmpty() ? uniform() : backOff(shorter(context), word);
        if (words == 0) {
            return below;
        }
        List<Integer> ngram = and(context, word);
        boolean seen = kept(ngram);
        if (words == predicted.size()) {
            return count(ngram) / kept;
        }
        if (given == 0) {
            total++;
            given = 1;
        }
        return seen
                ? (count(ngram) - discount(ngram.size(), count(ngram))) / total
                : given / total / (1 - lower) * below;
    }

    private double discount(int length, int count) {
        double[] d = discounts.computeIfAbsent(length, this::discounts);
        return d[Math.min(count, d.length - 1)];
    }

    /** By count; the last number serves all larger counts. */
    private double[] discounts(int length) {
        boolean continued =
                smoothing instanceof Smoothing.KneserNey || smoothing instanceof Smoothing.ModifiedKneserNey;
        ToIntFunction<List<Integer>> counter = continued ? this::different : this::count;
        var n = new double[8];
        for (List<Integer> ngram : counts.keySet()) {
            if (ngram.size() == length && predicted.contains(ngram.getLast())) {
                int c = counter.applyAsInt(ngram);
                if (c < n.length) {
                    n[c]++;
                }
            }
        }
        double y = n[1] / (n[1] + 2 * n[2]);
        if (smoothing instanceof Smoothing.Katz) {
            return katz(n);
        }
        if (smoothing instanceof Smoothing.ModifiedKneserNey) {
            double[] d = {0, 1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3]};
            boolean fits = d[1] > 0 && d[1] < 1 && d[2] > 0 && d[2] < 2 && d[3] > 0 && d[3] < 3;
            return fits ? d : new double[] {0, 0.5, 1, 1.5};
        }
        return new double[] {0, y > 0 && y < 1 ? y : 0.5};
    }

    private static double[] katz(double[] n) {
        for (int k = 5; k > 0; k--) {
            var taken = new double[k + 2];
            double common = (k + 1) * n[k + 1] / n[1];
            boolean fits = common < 1;
            for (int r = 1; r <= k; r++) {
                double good = (r + 1) * n[r + 1] / n[r] / r;
                double share = (good - common) / (1 - common);
                fits &= share > 0 && share < 1;
                taken[r] = r * (1 - share);
            }
            if (fits) {
                return taken;
            }
        }
        return new double[] {0, 0.5, 0.5, 0.5, 0.5, 0.5, 0};
    }
}
