package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The n-grams of a language model as they lie in a file: a trie, one level for each order. The container looks after
 * sizes; what the records say is checked by who asks them.
 *
 * @param levels of the orders 1, 2, ...
 */
public record NgramTable(List<Level> levels) {
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
     *
     * @param count     of n-grams
     * @param wordBits  of a word; 0 in the first order, where the record's place says it
     * @param valueBits 32 for f32, 16 for signed numbers of 1/1024
     * @param childBits of a child; 0 in the last order
     * @param records   exactly {@link #byteSize} bytes
     */
    public record Level(int count, int wordBits, int valueBits, int childBits, MemorySegment records) {
        /** @throws FormatException when a width or the length breaks a rule */
        public Level {
            long expected = byteSize(count, wordBits, valueBits, childBits);
            if (records.byteSize() != expected) {
                throw new FormatException(
                        "n-grams",
                        "have " + expected + " bytes, as counts and widths say",
                        records.byteSize() + " bytes",
                        "slice the segment to them");
            }
            records = records.asReadOnly();
        }

        /**
         * The bytes of that many n-grams.
         *
         * @throws FormatException when a number breaks a rule
         */
        public static long byteSize(int count, int wordBits, int valueBits, int childBits) {
            boolean fits = count >= 0 && wordBits >= 0 && wordBits < 32 && childBits >= 0 && childBits < 32;
            if (!fits || valueBits != 16 && valueBits != 32) {
                throw new FormatException(
                        "n-grams",
                        "have a count below 2^31, words and children of 0 to 31 bits, values of 16 or 32",
                        Integer.toUnsignedString(count) + "; " + wordBits + ", " + childBits + ", " + valueBits,
                        "the section is damaged");
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

    /** @throws FormatException when there is no level, or one too many, or they are too long */
    public NgramTable {
        levels = List.copyOf(levels);
        checkOrder(levels.size());
        long bytes = levels.stream().mapToLong(l -> l.records().byteSize()).sum();
        if (bytes > MAX_BYTES) {
            throw new FormatException(
                    "n-grams", "take at most " + MAX_BYTES + " bytes", "" + bytes, "leave out rare n-grams");
        }
    }

    static void checkOrder(int order) {
        if (order < 1 || order > MAX_ORDER) {
            throw new FormatException(
                    "order of n-grams",
                    "is 1 to " + MAX_ORDER,
                    Integer.toUnsignedString(order),
                    "the section is damaged");
        }
    }

    static void write(Sink sink, NgramTable table) {
        sink.list(table.levels, level -> {
            sink.i32(level.count);
            sink.u8(level.wordBits);
            sink.u8(level.valueBits);
            sink.u8(level.childBits);
        });
        table.levels.forEach(level -> sink.bytes(level.records));
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
