package dev.rondo.train.ngram;

import dev.rondo.format.SpecialIds;
import java.util.Arrays;

/** Counted n-grams with what estimation asks of them: endings, what can be predicted, what is kept. */
final class NgramTrie {
    private final NgramCounts counts;
    private final SpecialIds special;
    private final int[] cutoffs;
    /** By order from 2 on: where the same n-gram without its first word lies in the order below. */
    private final int[][] endings;

    private final int predictable;

    /**
     * @param cutoffs by order: n-grams with such a count or less are not kept; 0 for the first, and never falling, so that
     *                what is kept has its beginnings and endings kept
     */
    NgramTrie(NgramCounts counts, SpecialIds special, int[] cutoffs) {
        this.counts = counts;
        this.special = special;
        this.cutoffs = cutoffs;
        this.endings = new int[counts.order() + 1][];
        for (int order = 2; order <= counts.order(); order++) {
            endings[order] = endings(order);
        }
        int words = 0;
        for (int word = 0; word < counts.level(1).size(); word++) {
            words += isPredicted(word) ? 1 : 0;
        }
        this.predictable = words;
    }

    private int[] endings(int order) {
        NgramCounts.Level parents = counts.level(order - 1);
        int[] words = counts.level(order).words;
        int[] result = new int[words.length];
        for (int parent = 0; parent < parents.size(); parent++) {
            for (int i = parents.children[parent]; i < parents.children[parent + 1]; i++) {
                result[i] = order == 2 ? words[i] : child(order - 2, endings[order - 1][parent], words[i]);
            }
        }
        return result;
    }

    private int child(int order, int parent, int word) {
        int[] children = counts.level(order).children;
        return Arrays.binarySearch(counts.level(order + 1).words, children[parent], children[parent + 1], word);
    }

    int order() {
        return counts.order();
    }

    NgramCounts.Level level(int order) {
        return counts.level(order);
    }

    /** The same n-gram without its first word, in the order below. */
    int ending(int order, int index) {
        return endings[order][index];
    }

    /** The number of contexts that the n-grams of an order follow: one, empty, before the first. */
    int contexts(int order) {
        return order == 1 ? 1 : level(order - 1).size();
    }

    /** Where the n-grams of an order begin that follow a context. */
    int from(int order, int context) {
        return order == 1 ? 0 : level(order - 1).children[context];
    }

    /** Where they end. */
    int to(int order, int context) {
        return order == 1 ? level(1).size() : level(order - 1).children[context + 1];
    }

    /** Whether an n-gram is to be in the model; all words are. */
    boolean isKept(int order, int index) {
        return order == 1 || level(order).counts[index] > cutoffs[order - 1];
    }

    /** Whether a word can come next: what begins sentences and what fills them up cannot, unless it ends them as well. */
    boolean isPredicted(int word) {
        return word == special.end() || word != special.begin() && word != special.padding();
    }

    /** The number of those, V. */
    int predictable() {
        return predictable;
    }

    /** Which n-grams of an order begin a sentence: from, to. They are neighbours; none without a begin token. */
    int[] beginnings(int order) {
        int from = Math.max(0, special.begin());
        int to = special.begin() < 0 ? 0 : from + 1;
        for (int k = 1; k < order; k++) {
            from = level(k).children[from];
            to = level(k).children[to];
        }
        return new int[] {from, to};
    }

    /**
     * In how many contexts of one word each n-gram of an order below the last was seen. Before what begins a sentence
     * nothing can stand, so there it is how often it was seen.
     */
    int[] continuations(int order) {
        int[] result = new int[level(order).size()];
        for (int ending : endings[order + 1]) {
            result[ending]++;
        }
        int[] beginnings = beginnings(order);
        for (int i = beginnings[0]; i < beginnings[1]; i++) {
            result[i] = level(order).counts[i];
        }
        return result;
    }
}
