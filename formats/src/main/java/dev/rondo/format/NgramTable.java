package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The n-grams of a language model as they lie in a file: a trie, one level for each order. The container looks after
 * sizes; what the records say is checked by who asks them.
 */
public final class NgramTable {
    /** More words than that in one n-gram, and hardly any occurs twice. */
    public static final int MAX_ORDER = 16;

    /** What all records take together, at most. */
    public static final long MAX_BYTES = 1L << 30;

    /** So that eight bytes may be read from wherever a field begins. */
    private static final int TAIL_BYTES = 8;

    /**
     * The n-grams of one order: records of bit fields, the lowest bit first, without gaps. A record is word, log-probability
     * and, where there is a next order, log of the backoff weight and the first of its children there. One more record than
     * n-grams ends the children of the last.
     */
    public static final class Level {
        private final int count;
        private final int wordBits;
        private final int valueBits;
        private final int childBits;
        private final MemorySegment records;

        /**
         * A level.
         *
         * @param count     of n-grams
         * @param wordBits  of a word; 0 in the first order, where the record's place says it
         * @param valueBits 32 for f32, 16 for signed numbers of 1/1024
         * @param childBits of a child; 0 in the last order
         * @param records   exactly {@link #byteSize} bytes
         * @throws FormatException when a width or the length breaks a rule
         */
        public Level(int count, int wordBits, int valueBits, int childBits, MemorySegment records) {
            long expected = byteSize(count, wordBits, valueBits, childBits);
            if (records.byteSize() != expected) {
                throw wrong("have " + expected + " bytes, as counts and widths say", records.byteSize());
            }
            this.count = count;
            this.wordBits = wordBits;
            this.valueBits = valueBits;
            this.childBits = childBits;
            this.records = records.asReadOnly();
        }

        /** The number of n-grams. */
        public int count() {
            return count;
        }

        /** Bits of a word. */
        public int wordBits() {
            return wordBits;
        }

        /** Bits of a logarithm. */
        public int valueBits() {
            return valueBits;
        }

        /** Bits of a child; 0 where there is no next order. */
        public int childBits() {
            return childBits;
        }

        /** The records, read-only. */
        public MemorySegment records() {
            return records;
        }

        /**
         * The bytes of that many n-grams.
         *
         * @throws FormatException when a number breaks a rule
         */
        public static long byteSize(int count, int wordBits, int valueBits, int childBits) {
            if (count < 0) {
                throw wrong("have a count below 2^31", Integer.toUnsignedLong(count));
            }
            if ((wordBits | childBits) >>> 5 != 0) {
                throw wrong("have words and children of at most 31 bits", Math.max(wordBits, childBits));
            }
            if (valueBits != 16 && valueBits != 32) {
                throw wrong("have values of 16 or 32 bits", valueBits);
            }
            return ((count + 1L) * recordBits(wordBits, valueBits, childBits) + 7) / 8 + TAIL_BYTES;
        }

        /** The bits of a record. */
        public int recordBits() {
            return recordBits(wordBits, valueBits, childBits);
        }

        private static int recordBits(int wordBits, int valueBits, int childBits) {
            return wordBits + valueBits + (childBits == 0 ? 0 : valueBits + childBits);
        }
    }

    private final List<Level> levels;

    /**
     * A table.
     *
     * @param levels of the orders 1, 2, ...
     * @throws FormatException when there is no level, or one too many, or they are too long
     */
    public NgramTable(List<Level> levels) {
        this.levels = List.copyOf(levels);
        checkOrder(levels.size());
        long bytes = 0;
        for (Level level : levels) {
            bytes += level.records.byteSize();
        }
        if (bytes > MAX_BYTES) {
            throw wrong("take at most " + MAX_BYTES + " bytes", bytes);
        }
    }

    /** Of the orders 1, 2, ... */
    public List<Level> levels() {
        return levels;
    }

    private static void checkOrder(int order) {
        if (order < 1 || order > MAX_ORDER) {
            throw wrong("have the orders 1 to N, N at most " + MAX_ORDER, Integer.toUnsignedLong(order));
        }
    }

    private static FormatException wrong(String rule, long got) {
        return new FormatException("n-grams", rule, Long.toString(got), "the section is damaged, or its writer broken");
    }

    static void write(Sink sink, NgramTable table) {
        sink.i32(table.levels.size());
        for (Level level : table.levels) {
            sink.i32(level.count);
            sink.u8(level.wordBits);
            sink.u8(level.valueBits);
            sink.u8(level.childBits);
        }
        for (Level level : table.levels) {
            sink.bytes(level.records);
        }
    }

    static NgramTable read(Cursor cursor) {
        cursor.at(cursor.position());
        int order = cursor.i32("order of n-grams");
        checkOrder(order);
        int[][] heads = new int[order][];
        for (int k = 0; k < order; k++) {
            heads[k] = new int[] {
                cursor.i32("count of n-grams"), cursor.u8("width"), cursor.u8("width"), cursor.u8("width")
            };
        }
        List<Level> levels = new ArrayList<>(order);
        for (int[] head : heads) {
            long bytes = Level.byteSize(head[0], head[1], head[2], head[3]);
            levels.add(new Level(head[0], head[1], head[2], head[3], cursor.bytes("n-grams", bytes)));
        }
        NgramTable table = new NgramTable(levels);
        cursor.leave();
        return table;
    }
}
