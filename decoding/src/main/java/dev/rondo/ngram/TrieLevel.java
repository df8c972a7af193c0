package dev.rondo.ngram;

import dev.rondo.error.FormatException;
import dev.rondo.format.NgramTable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The n-grams of one order, read where they lie. */
final class TrieLevel {
    /** 16-bit values count these; the lowest stands for minus infinity. */
    static final float FIXED_POINT = 1 / 1024f;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment records;
    private final int count;
    private final int recordBits;
    private final int wordBits;
    private final int valueBits;
    private final int childBits;

    TrieLevel(NgramTable.Level level) {
        records = level.records();
        count = level.count();
        recordBits = level.recordBits();
        wordBits = level.wordBits();
        valueBits = level.valueBits();
        childBits = level.childBits();
    }

    int count() {
        return count;
    }

    int word(int index) {
        return (int) field((long) index * recordBits, wordBits);
    }

    float logProb(int index) {
        return value((long) index * recordBits + wordBits);
    }

    /** Log of what the probabilities of lower order are multiplied with after this n-gram. */
    float logBackoff(int index) {
        return value((long) index * recordBits + wordBits + valueBits);
    }

    /** The first n-gram of the next order that begins with this one. They end where those of the next begin. */
    int child(int index) {
        return (int) field((long) index * recordBits + wordBits + 2 * valueBits, childBits);
    }

    /** The n-gram in a range of siblings that ends in that word, or -1. */
    int find(int word, int from, int to) {
        int low = from;
        int high = to - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int found = word(middle);
            if (found == word) {
                return middle;
            }
            if (found < word) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    /** Checks what queries rely on: the first order has all words, siblings are in order, and every child has one parent. */
    void check(int order, TrieLevel next, int words) {
        if (order == 1 && (wordBits != 0 || count != words)) {
            throw wrong(
                    order,
                    "one for each of the " + words + " words, in their order",
                    count + ", " + wordBits + " bits");
        }
        if (next == null != (childBits == 0)) {
            throw wrong(order, "children where there is a next order, and only there", childBits + " bits for a child");
        }
        for (int i = 0; i < count; i++) {
            checkValue(order, i, logProb(i), 0);
            if (next != null) {
                checkValue(order, i, logBackoff(i), Float.MAX_VALUE);
            }
        }
        if (next != null) {
            checkChildren(order, next, words);
        }
    }

    private void checkValue(int order, int index, float value, float max) {
        if (!(value <= max)) {
            throw wrong(order, "log-probabilities up to 0 and finite weights", "record " + index + ": " + value);
        }
    }

    private void checkChildren(int order, TrieLevel next, int words) {
        int from = child(0);
        if (from != 0 || child(count) != next.count) {
            throw wrong(order, "all n-grams of the next order as children", from + " to " + child(count));
        }
        for (int i = 0; i < count; i++) {
            int to = child(i + 1);
            if (to < from || to > next.count) {
                throw wrong(order, "children in the order of parents", "record " + i + ": " + from + " to " + to);
            }
            int before = -1;
            for (int child = from; child < to; child++) {
                int word = next.word(child);
                if (word <= before || word >= words) {
                    throw wrong(
                            order + 1,
                            "siblings in the order of their words, below " + words,
                            "record " + child + ": " + word);
                }
                before = word;
            }
            from = to;
        }
    }

    private static FormatException wrong(int order, String rule, String got) {
        return new FormatException("n-grams of order " + order, "have " + rule, got, "the section n-grams is damaged");
    }

    private float value(long bit) {
        if (valueBits == 32) {
            return Float.intBitsToFloat((int) field(bit, 32));
        }
        short fixed = (short) field(bit, 16);
        return fixed == Short.MIN_VALUE ? Float.NEGATIVE_INFINITY : fixed * FIXED_POINT;
    }

    /** At most 32 bits, which lie in the eight bytes from the first one's on. */
    private long field(long bit, int width) {
        return records.get(WORD, bit >>> 3) >>> (bit & 7) & (1L << width) - 1;
    }
}
