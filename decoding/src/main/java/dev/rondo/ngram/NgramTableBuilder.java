package dev.rondo.ngram;

import dev.rondo.error.InputException;
import dev.rondo.format.NgramTable;
import dev.rondo.format.NgramTable.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Packs n-grams, order by order, into the table of a file. */
public final class NgramTableBuilder {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final boolean halved;
    private final List<Order> orders = new ArrayList<>();

    private record Order(int[] words, float[] logProbs, float[] logBackoffs, int[] children) {}

    /**
     * A builder without n-grams.
     *
     * @param halved whether values take 16 bits: signed numbers of 1/1024, so that they are off by up to 0.0005 and
     *               range from -31.999 to 31.999
     */
    public NgramTableBuilder(boolean halved) {
        this.halved = halved;
    }

    /**
     * Adds the n-grams of the next order, in the order of their words.
     *
     * @param words       the last word of each; in the first order all words
     * @param logProbs    natural logarithms
     * @param logBackoffs natural logarithms; not asked for in the last order
     * @param children    where the children of each begin in the next order, and where those of the last end: one number
     *                    more than words; not asked for in the last order
     */
    public NgramTableBuilder add(int[] words, float[] logProbs, float[] logBackoffs, int[] children) {
        orders.add(new Order(words, logProbs, logBackoffs, children));
        return this;
    }

    /**
     * The table, in memory that the garbage collector frees.
     *
     * @throws InputException when there are no orders, something is not given of each n-gram or does not fit its bits, or it takes
     *                        more than {@link NgramTable#MAX_BYTES}
     */
    public NgramTable build() {
        require(!orders.isEmpty(), "n-grams", "have at least one order", "none", "add words");
        for (int k = 0; k < orders.size(); k++) {
            check(k + 1, orders.get(k), k == orders.size() - 1);
        }
        int vocabulary = orders.getFirst().words().length;
        var levels = new ArrayList<Level>();
        long bytes = 0;
        for (int k = 0; k < orders.size(); k++) {
            int wordBits = k == 0 ? 0 : width(vocabulary - 1);
            int childBits = k == orders.size() - 1 ? 0 : width(orders.get(k + 1).words().length);
            int valueBits = halved ? 16 : 32;
            int count = orders.get(k).words().length;
            long size = Level.byteSize(count, wordBits, valueBits, childBits);
            bytes += size;
            if (bytes > NgramTable.MAX_BYTES) {
                throw new InputException(
                        "n-grams",
                        "take at most " + NgramTable.MAX_BYTES + " bytes",
                        "more in order " + (k + 1),
                        "leave out rare n-grams, or lower the order");
            }
            MemorySegment records = Arena.ofAuto().allocate(size, Long.BYTES);
            pack(orders.get(k), wordBits, valueBits, childBits, records);
            levels.add(new Level(count, wordBits, valueBits, childBits, records));
        }
        return new NgramTable(levels);
    }

    private static void check(int number, Order order, boolean last) {
        int count = order.words().length;
        boolean whole = order.logProbs().length >= count
                && (last || order.logBackoffs().length >= count && order.children().length > count);
        require(
                whole,
                "n-grams of order " + number,
                "have a log-probability each, and a weight and children unless they are the longest",
                order.logProbs().length + ", " + order.logBackoffs().length + " and " + order.children().length
                        + " for " + count,
                "give arrays of these lengths, children one more");
    }

    private static void require(boolean holds, String subject, String rule, String got, String remedy) {
        if (!holds) {
            throw new InputException(subject, rule, got, remedy);
        }
    }

    /** As many bits as the largest number needs, and one for none. */
    private static int width(int largest) {
        return Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(largest));
    }

    private void pack(Order order, int wordBits, int valueBits, int childBits, MemorySegment records) {
        long bit = 0;
        for (int i = 0; i <= order.words().length; i++) {
            boolean end = i == order.words().length;
            bit = put(records, bit, end ? 0 : fitting(order.words()[i], wordBits), wordBits);
            bit = put(records, bit, end ? 0 : value(order.logProbs()[i]), valueBits);
            if (childBits > 0) {
                bit = put(records, bit, end ? 0 : value(order.logBackoffs()[i]), valueBits);
                bit = put(records, bit, fitting(order.children()[i], childBits), childBits);
            }
        }
    }

    /** In the first order the place of a record says its word. */
    private static int fitting(int value, int width) {
        require(
                width == 0 || value >>> width == 0,
                "word or child of an n-gram",
                "is a number of " + width + " bits, as many as the greatest takes",
                "" + value,
                "number words and children from 0 on");
        return value;
    }

    private int value(float value) {
        if (!halved) {
            return Float.floatToRawIntBits(value);
        }
        // Rounded, it would be a certainty.
        require(!Float.isNaN(value), "logarithm of an n-gram", "is a number", "NaN", "see where it comes from");
        return value == Float.NEGATIVE_INFINITY
                ? Short.MIN_VALUE
                : Math.clamp(Math.round(value / TrieLevel.FIXED_POINT), Short.MIN_VALUE + 1, Short.MAX_VALUE);
    }

    private static long put(MemorySegment records, long bit, int value, int width) {
        long masked = value & (1L << width) - 1;
        long at = bit >>> 3;
        records.set(WORD, at, records.get(WORD, at) | masked << (bit & 7));
        return bit + width;
    }
}
