package dev.rondo.train.ngram;

import dev.rondo.error.InputException;
import dev.rondo.format.SpecialIds;
import java.util.Arrays;

/** The ids of all sentences in one array, begin and end tokens included; a separator follows each. */
final class SentenceStream {
    /** Stands between sentences. Below all ids. */
    static final int SEPARATOR = -1;

    private static final int MAX_LENGTH = 1 << 29;

    private final SpecialIds special;
    private int[] ids = new int[1 << 12];
    private int length;
    private long sentences;

    SentenceStream(SpecialIds special) {
        this.special = special;
    }

    /** Adds a sentence without begin and end. */
    void add(int[] sentence) {
        long needed = length + sentence.length + 3L;
        if (needed > MAX_LENGTH) {
            throw new InputException(
                    "text to count n-grams in", "has at most " + MAX_LENGTH + " tokens", "more", "take a part of it");
        }
        if (needed > ids.length) {
            ids = Arrays.copyOf(ids, (int) Math.min(MAX_LENGTH, Math.max(needed, 2L * ids.length)));
        }
        if (special.begin() >= 0) {
            ids[length++] = special.begin();
        }
        System.arraycopy(sentence, 0, ids, length, sentence.length);
        length += sentence.length;
        if (special.end() >= 0) {
            ids[length++] = special.end();
        }
        ids[length++] = SEPARATOR;
        sentences++;
    }

    /** With separators. */
    int length() {
        return length;
    }

    /** The id at a place; separators behind the last one. */
    int at(int place) {
        return place < length ? ids[place] : SEPARATOR;
    }

    long sentences() {
        return sentences;
    }
}
