package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.format.NgramTable.Level;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The section of n-grams: what is written is read, and what breaks a rule is refused by name. */
class NgramTableTest {
    @TempDir
    Path folder;

    private static Level level(int count, int wordBits, int valueBits, int childBits) {
        int size = (int) Level.byteSize(count, wordBits, valueBits, childBits);
        var bytes = new byte[size];
        new SplittableRandom(count).nextBytes(bytes);
        return new Level(count, wordBits, valueBits, childBits, MemorySegment.ofArray(bytes));
    }

    private static NgramTable table() {
        return new NgramTable(List.of(level(5, 0, 32, 3), level(7, 3, 16, 4), level(9, 3, 32, 0)));
    }

    /** Without tensors and cases: with one more section, the data does not begin where they say. */
    private static RawFile file(Raw section) {
        return RawFile.valid()
                .section(RawFile.NGRAMS, section)
                .section(RawFile.TENSORS, Raw.of().i32(0))
                .section(RawFile.FUNCTIONS, Raw.of().i32(0))
                .section(RawFile.REFERENCES, Raw.of().i32(0));
    }

    /** Two orders: three words, one n-gram of two words. */
    private static Raw head() {
        return Raw.of().i32(2).i32(3).u8(0).u8(32).u8(1).i32(1).u8(2).u8(32).u8(0);
    }

    /** A whole file that breaks no rule. */
    static byte[] file() {
        return file(whole()).bytes();
    }

    /** ((3 + 1) * 65 + 7) / 8 + 8 = 41 and ((1 + 1) * 34 + 7) / 8 + 8 = 17 bytes. */
    private static Raw whole() {
        return head().zeros(41 + 17);
    }

    @Test
    void bytesFollowFromCountsAndWidths() {
        assertEquals(41, Level.byteSize(3, 0, 32, 1));
        assertEquals(17, Level.byteSize(1, 2, 32, 0));
        assertEquals(8 + 2, Level.byteSize(0, 0, 16, 0));
        // 2^31 records of 4 * 31 bits: no overflow.
        assertEquals((1L << 31) * (31 + 32 + 32 + 31) / 8 + 8, Level.byteSize(Integer.MAX_VALUE, 31, 32, 31));
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path path = folder.resolve("m.rondo");
        new RondoFileWriter().metadata("task", "x").ngrams(table()).write(path);
        for (boolean copied : new boolean[] {false, true}) {
            try (RondoFile file = copied ? RondoFile.load(path) : RondoFile.map(path)) {
                NgramTable read = file.ngrams().orElseThrow();
                assertEquals(3, read.levels().size());
                for (int k = 0; k < 3; k++) {
                    Level got = read.levels().get(k);
                    Level want = table().levels().get(k);
                    assertEquals(want.count(), got.count());
                    assertEquals(want.recordBits(), got.recordBits());
                    assertArrayEquals(
                            want.records().toArray(ValueLayout.JAVA_BYTE),
                            got.records().toArray(ValueLayout.JAVA_BYTE));
                    assertTrue(got.records().isReadOnly());
                }
            }
        }
    }

    @Test
    void aFileWithoutThemIsAsBefore() throws IOException {
        Path path = folder.resolve("m.rondo");
        new RondoFileWriter().metadata("task", "x").write(path);
        try (RondoFile file = RondoFile.map(path)) {
            assertTrue(file.ngrams().isEmpty());
        }
        assertEquals(6, Files.readAllBytes(path)[12]);
    }

    @Test
    void aSectionWrittenByHand() throws IOException {
        Path path = Refusal.write(file(whole()).bytes());
        try (RondoFile file = RondoFile.load(path)) {
            assertEquals(
                    List.of(41L, 17L),
                    file.ngrams().orElseThrow().levels().stream()
                            .map(l -> l.records().byteSize())
                            .toList());
            assertEquals(Map.of("task", "test"), file.metadata());
        } finally {
            Refusal.delete(path);
        }
    }

    private static void refused(Raw section, String subject, String rule, int place) {
        RawFile file = file(section);
        Refusal.check(file.bytes(), subject, rule, file.start(RawFile.NGRAMS) + place);
    }

    @Test
    void order() {
        for (int order : new int[] {0, -1, 17, Integer.MAX_VALUE}) {
            refused(Raw.of().i32(order).raw(whole()), "n-grams", "have the orders 1 to N, N at most 16", 0);
        }
    }

    @Test
    void widths() {
        for (int[] widths : new int[][] {{32, 32, 1}, {255, 32, 1}, {0, 16, 32}, {0, 31, 1}, {0, 0, 1}, {0, 255, 1}}) {
            Raw section = Raw.of().i32(1).i32(3).u8(widths[0]).u8(widths[1]).u8(widths[2]);
            boolean value = widths[0] == 0 && widths[2] == 1;
            String rule = value ? "values of 16 or 32 bits" : "words and children of at most 31 bits";
            refused(section.zeros(500), "n-grams", rule, 0);
        }
        refused(Raw.of().i32(1).i32(-1).u8(0).u8(32).u8(0).zeros(99), "n-grams", "a count below 2^31", 0);
    }

    @Test
    void lengths() {
        refused(head().zeros(40), "n-grams", "must lie inside its section", 18);
        refused(head().zeros(41 + 16), "n-grams", "must lie inside its section", 18 + 41);
        refused(whole().u8(0), "section ngrams", "must end where its content ends", 18 + 58);
        refused(Raw.of().i32(1).i32(Integer.MAX_VALUE).u8(31).u8(32).u8(31), "n-grams", "must lie inside", 11);
        refused(Raw.of().i32(3).raw(Raw.of().i32(9).u8(0).u8(32)), "width", "must lie inside its section", 10);
    }

    @Test
    void checksum() {
        RawFile file = file(whole());
        int start = file.start(RawFile.NGRAMS);
        file.damage(bytes -> bytes.put(start + 30, (byte) 1));
        Refusal.check(file.bytes(), "section ngrams", "CRC-32C must be", file.entry(RawFile.NGRAMS));
    }

    @Test
    void flagsOfAKnownSection() {
        RawFile file = file(whole());
        int entry = file.entry(RawFile.NGRAMS);
        file.edit(bytes -> bytes.putInt(entry + 4, 1));
        Refusal.check(file.bytes(), "section ngrams", "flags must be 1 for an optional section, else 0", entry + 4);
    }

    @Test
    void tablesThatCannotBeWritten() {
        FormatException length =
                assertThrows(FormatException.class, () -> new Level(3, 0, 32, 1, MemorySegment.ofArray(new byte[40])));
        assertTrue(length.getMessage().contains("have 41 bytes"), length.getMessage());
        assertThrows(FormatException.class, () -> new NgramTable(List.of()));
        assertThrows(FormatException.class, () -> new NgramTable(Collections.nCopies(17, level(3, 0, 32, 1))));
        try (Arena arena = Arena.ofConfined()) {
            // Nobody touches these pages.
            int count = (1 << 27) / 10;
            MemorySegment records = arena.allocate(Level.byteSize(count, 31, 32, 0));
            Level large = new Level(count, 31, 32, 0, records);
            List<Level> tooMany = IntStream.range(0, 11).mapToObj(_ -> large).toList();
            FormatException error = assertThrows(FormatException.class, () -> new NgramTable(tooMany));
            assertTrue(error.getMessage().contains("take at most 1073741824 bytes"), error.getMessage());
        }
    }
}
