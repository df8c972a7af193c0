package dev.rondo.train.ngram;

import dev.rondo.error.InputException;
import java.util.Arrays;

/**
 * How often each n-gram of the orders 1 to N occurs, as a trie: the n-grams of an order lie in the order of their words, so
 * that those which begin alike are neighbours. Made by sorting the places of a text by the N words from there on.
 */
final class NgramCounts {
    /** What estimation takes for an n-gram, with counts, probabilities and the packed result. */
    private static final long BYTES_PER_NGRAM = 64;

    /** The n-grams of one order; the first order has all words, also those that do not occur. */
    static final class Level {
        /** The last word of each. */
        final int[] words;

        final int[] counts;
        /** Where the n-grams of the next order that begin with each begin; one more number than n-grams. */
        final int[] children;

        private int size;

        private Level(int size) {
            words = new int[size];
            counts = new int[size];
            children = new int[size + 1];
        }

        int size() {
            return words.length;
        }
    }

    private final Level[] levels;

    private NgramCounts(Level[] levels) {
        this.levels = levels;
    }

    /**
     * Counts.
     *
     * @param vocabulary the number of words
     * @throws InputException when there is too little memory
     */
    static NgramCounts of(SentenceStream text, int vocabulary, int order) {
        requireMemory(12L * text.length() + 4L * vocabulary);
        int[] places = sorted(text, vocabulary, order);
        long[] sizes = sizes(text, places, vocabulary, order);
        requireMemory(BYTES_PER_NGRAM * Arrays.stream(sizes).sum());
        var levels = new Level[order];
        for (int k = 0; k < order; k++) {
            levels[k] = new Level(Math.toIntExact(sizes[k]));
        }
        for (int word = 0; word < vocabulary; word++) {
            levels[0].words[word] = word;
        }
        var counts = new NgramCounts(levels);
        counts.fill(text, places);
        return counts;
    }

    int order() {
        return levels.length;
    }

    /** The n-grams of an order from 1 on. */
    Level level(int order) {
        return levels[order - 1];
    }

    private static void requireMemory(long bytes) {
        Runtime runtime = Runtime.getRuntime();
        long free = runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
        if (bytes > free) {
            throw new InputException(
                    "counting n-grams",
                    "needs some " + (bytes >> 20) + " MiB of heap",
                    (free >> 20) + " MiB",
                    "raise -Xmx, lower the order, or take a part of the text");
        }
    }

    /** The places of all words, by the words from there on: one counting sort a word, from the last to the first. */
    private static int[] sorted(SentenceStream text, int vocabulary, int order) {
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            count += text.at(i) == SentenceStream.SEPARATOR ? 0 : 1;
        }
        int[] places = new int[count];
        int next = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.at(i) != SentenceStream.SEPARATOR) {
                places[next++] = i;
            }
        }
        int[] other = new int[count];
        int[] starts = new int[vocabulary + 2];
        for (int k = order - 1; k >= 0; k--) {
            // What lies behind a separator sorts too, but in n-grams that are not counted.
            Arrays.fill(starts, 0);
            for (int place : places) {
                starts[text.at(place + k) + 2]++;
            }
            for (int i = 1; i < starts.length; i++) {
                starts[i] += starts[i - 1];
            }
            for (int place : places) {
                other[starts[text.at(place + k) + 1]++] = place;
            }
            int[] swap = places;
            places = other;
            other = swap;
        }
        return places;
    }

    /** How many words two places have in common before a sentence ends, N at most. */
    private static int common(SentenceStream text, int a, int b, int order) {
        int k = 0;
        while (k < order && text.at(a + k) == text.at(b + k) && text.at(a + k) != SentenceStream.SEPARATOR) {
            k++;
        }
        return k;
    }

    private static long[] sizes(SentenceStream text, int[] places, int vocabulary, int order) {
        long[] sizes = new long[order];
        sizes[0] = vocabulary;
        for (int i = 0; i < places.length; i++) {
            int known = i == 0 ? 0 : common(text, places[i - 1], places[i], order);
            for (int k = known; k < order && text.at(places[i] + k) != SentenceStream.SEPARATOR; k++) {
                sizes[k] += k == 0 ? 0 : 1;
            }
        }
        return sizes;
    }

    private void fill(SentenceStream text, int[] places) {
        int order = levels.length;
        for (int i = 0; i < places.length; i++) {
            int place = places[i];
            int known = i == 0 ? 0 : common(text, places[i - 1], place, order);
            for (int k = 0; k < order && text.at(place + k) != SentenceStream.SEPARATOR; k++) {
                int word = text.at(place + k);
                if (k >= known) {
                    begin(k, word);
                }
                levels[k].counts[levels[k].size - 1]++;
            }
        }
        // Those that are left have no children.
        while (levels[0].size < levels[0].words.length) {
            begin(0, levels[0].size);
        }
        for (int k = 0; k < order; k++) {
            levels[k].children[levels[k].size] = k + 1 < order ? levels[k + 1].size : 0;
        }
    }

    /** Begins an n-gram of k + 1 words; in the first order also all words before it that do not occur. */
    private void begin(int k, int word) {
        Level level = levels[k];
        int next = k + 1 < levels.length ? levels[k + 1].size : 0;
        while (k == 0 && level.size < word) {
            level.children[level.size++] = next;
        }
        level.words[level.size] = word;
        level.children[level.size++] = next;
    }
}
