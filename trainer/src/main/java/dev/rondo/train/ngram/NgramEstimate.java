package dev.rondo.train.ngram;

import dev.rondo.format.NgramTable;
import dev.rondo.ngram.NgramTableBuilder;
import java.util.ArrayList;
import java.util.List;

/** The probabilities of a model while they are made: one for each n-gram that is kept, and a weight for each context. */
final class NgramEstimate {
    private final NgramTrie trie;
    private final double[][] probabilities;
    private final double[][] backoffs;
    private final List<Discount> discounts = new ArrayList<>();

    private NgramEstimate(NgramTrie trie) {
        this.trie = trie;
        this.probabilities = new double[trie.order() + 1][];
        this.backoffs = new double[trie.order() + 1][];
        for (int order = 1; order <= trie.order(); order++) {
            probabilities[order] = new double[trie.level(order).size()];
            // Of the empty context in place 0: what the first order is interpolated with.
            backoffs[order - 1] = new double[trie.contexts(order)];
        }
    }

    /** Estimates a model. */
    static NgramEstimate of(NgramTrie trie, Smoothing smoothing) {
        var estimate = new NgramEstimate(trie);
        switch (smoothing) {
            case Smoothing.AddDelta(double delta) -> estimate.addDelta(delta);
            case Smoothing.Backoff _ -> estimate.backOff(false);
            case Smoothing.Katz _ -> estimate.backOff(true);
            case Smoothing.KneserNey _ -> estimate.interpolate(false);
            case Smoothing.ModifiedKneserNey _ -> estimate.interpolate(true);
        }
        return estimate;
    }

    /** What was taken from counts, by order; empty for add-delta. */
    List<Discount> discounts() {
        return discounts;
    }

    double probability(int order, int index) {
        return probabilities[order][index];
    }

    double backoff(int order, int index) {
        return backoffs[order][index];
    }

    /** The probability of the same word after one word less. */
    private double lower(int order, int index) {
        return order == 1 ? 1.0 / trie.predictable() : probabilities[order - 1][trie.ending(order, index)];
    }

    /** Whether an n-gram of the order says something of its context: words that cannot come next do not. */
    private boolean isEvent(int order, int index) {
        return order > 1 || trie.isPredicted(index);
    }

    private void interpolate(boolean modified) {
        for (int order = 1; order <= trie.order(); order++) {
            int[] counts = order == trie.order() ? trie.level(order).counts : trie.continuations(order);
            Discount discount =
                    modified ? Discount.modified(trie, order, counts) : Discount.absolute(trie, order, counts);
            discounts.add(discount);
            for (int context = 0; context < trie.contexts(order); context++) {
                interpolate(order, context, counts, discount);
            }
        }
    }

    private void interpolate(int order, int context, int[] counts, Discount discount) {
        long total = 0;
        double taken = 0;
        for (int i = trie.from(order, context); i < trie.to(order, context); i++) {
            if (isEvent(order, i)) {
                total += counts[i];
                taken += trie.isKept(order, i) ? discount.of(counts[i]) : counts[i];
            }
        }
        double weight = total == 0 ? 1 : taken / total;
        backoffs[order - 1][context] = weight;
        for (int i = trie.from(order, context); i < trie.to(order, context); i++) {
            if (isEvent(order, i) && trie.isKept(order, i)) {
                double own = total == 0 ? 0 : (counts[i] - discount.of(counts[i])) / total;
                probabilities[order][i] = own + weight * lower(order, i);
            }
        }
    }

    private void backOff(boolean katz) {
        for (int order = 1; order <= trie.order(); order++) {
            int[] counts = trie.level(order).counts;
            Discount discount =
                    katz ? Discount.goodTuring(trie, order, counts) : Discount.absolute(trie, order, counts);
            discounts.add(discount);
            for (int context = 0; context < trie.contexts(order); context++) {
                backOff(order, context, counts, discount);
            }
        }
    }

    private void backOff(int order, int context, int[] counts, Discount discount) {
        int from = trie.from(order, context);
        int to = trie.to(order, context);
        double total = 0;
        double kept = 0;
        double taken = 0;
        double lower = 0;
        int words = 0;
        for (int i = from; i < to; i++) {
            if (counts[i] == 0 || !isEvent(order, i)) {
                continue;
            }
            total += counts[i];
            if (trie.isKept(order, i)) {
                kept += counts[i];
                taken += discount.of(counts[i]);
                lower += lower(order, i);
                words++;
            } else {
                taken += counts[i];
            }
        }
        double unseen = 1 - lower;
        // With nothing to give to, nothing is taken.
        boolean all = words == trie.predictable() || unseen < 1e-9;
        if (taken == 0) {
            // Large counts lose nothing in Katz's rule; what was never seen still needs a share: that of one more
            // count.
            total++;
            taken = 1;
        }
        double weight = words == 0 || all ? 1 : taken / total / unseen;
        backoffs[order - 1][context] = weight;
        for (int i = from; i < to; i++) {
            if (!isEvent(order, i)) {
                continue;
            }
            if (counts[i] == 0) {
                probabilities[order][i] = weight * lower(order, i);
            } else if (trie.isKept(order, i)) {
                probabilities[order][i] = all ? counts[i] / kept : (counts[i] - discount.of(counts[i])) / total;
            }
        }
    }

    /**
     * The same query serves it: lower orders say 1/V, and a context of full length gives to them what it has not seen.
     * What begins a sentence is of full length, however short.
     */
    private void addDelta(double delta) {
        int size = trie.predictable();
        for (int order = 1; order <= trie.order(); order++) {
            int[] beginnings = trie.beginnings(order - 1 == 0 ? 1 : order - 1);
            for (int context = 0; context < trie.contexts(order); context++) {
                boolean begins = order > 1 && context >= beginnings[0] && context < beginnings[1];
                boolean full = order == trie.order() || begins;
                double total = 0;
                for (int i = trie.from(order, context); i < trie.to(order, context); i++) {
                    total += isEvent(order, i) && trie.isKept(order, i) ? trie.level(order).counts[i] : 0;
                }
                double whole = total + delta * size;
                backoffs[order - 1][context] = full ? delta * size / whole : 1;
                for (int i = trie.from(order, context); i < trie.to(order, context); i++) {
                    if (isEvent(order, i)) {
                        double own = (trie.level(order).counts[i] + delta) / whole;
                        probabilities[order][i] = full ? own : 1.0 / size;
                    }
                }
            }
        }
    }

    /** What is kept, packed. */
    NgramTable table(boolean halved) {
        var builder = new NgramTableBuilder(halved);
        int[] places = places(1);
        for (int order = 1; order <= trie.order(); order++) {
            boolean last = order == trie.order();
            int[] next = last ? null : places(order + 1);
            int size = places[places.length - 1];
            var words = new int[size];
            var logProbs = new float[size];
            var logBackoffs = new float[last ? 0 : size];
            var children = new int[size + 1];
            for (int i = 0; i < trie.level(order).size(); i++) {
                if (trie.isKept(order, i)) {
                    int place = places[i];
                    words[place] = trie.level(order).words[i];
                    logProbs[place] = (float) StrictMath.log(Math.min(1, probabilities[order][i]));
                    if (!last) {
                        logBackoffs[place] = (float) StrictMath.log(backoffs[order][i]);
                        children[place] = next[trie.level(order).children[i]];
                    }
                }
            }
            children[size] = last ? 0 : next[next.length - 1];
            builder.add(words, logProbs, logBackoffs, children);
            places = next;
        }
        return builder.build();
    }

    /** Where each n-gram of an order comes to lie, or would; the last number is how many are kept. */
    private int[] places(int order) {
        var places = new int[trie.level(order).size() + 1];
        for (int i = 0; i < places.length - 1; i++) {
            places[i + 1] = places[i] + (trie.isKept(order, i) ? 1 : 0);
        }
        return places;
    }
}
