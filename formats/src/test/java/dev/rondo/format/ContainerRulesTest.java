package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every rule of header, section table and checksums: a file that breaks it is refused by name. */
class ContainerRulesTest {

    @Test
    void theFileTheOthersAreMadeFromIsValid() throws IOException {
        Path path = Refusal.write(RawFile.valid().bytes());
        try (RondoFile file = RondoFile.load(path)) {
            assertEquals(1, file.version());
            assertEquals(Map.of("task", "test"), file.metadata());
            assertEquals(4, file.tensors().get("w").toFloats()[3]);
            assertEquals(8, file.references().getFirst().outputs().get("y").value(1));
        } finally {
            Refusal.delete(path);
        }
    }

    @Test
    void emptyAndShortFiles() {
        Refusal.check(new byte[0], "file", "must begin with a header of 64 bytes", 0);
        Refusal.check(Arrays.copyOf(RawFile.valid().bytes(), 63), "file", "must begin with a header of 64 bytes", 0);
    }

    @Test
    void magic() {
        byte[] file = RawFile.valid().damage(bytes -> bytes.put(5, (byte) 10)).bytes();
        Refusal.check(file, "file", "must begin with 52 4F 4E 44 4F 0D 0A 1A", 0);
    }

    @Test
    void unknownVersionNamesBoth() {
        byte[] file = RawFile.valid().damage(bytes -> bytes.putInt(8, 2)).bytes();
        Refusal.check(file, "format version", "this reader knows version 1", 8);
    }

    @Test
    void versionComesBeforeEverythingThatMayChange() {
        byte[] file = new byte[64];
        System.arraycopy(RawFile.valid().edit(bytes -> bytes.putInt(8, -1)).bytes(), 0, file, 0, 12);
        Refusal.check(file, "format version", "this reader knows version 1", 8);
    }

    @Test
    void truncation() {
        byte[] file = RawFile.valid().bytes();
        Refusal.check(Arrays.copyOf(file, file.length - 1), "file length", "must be what the header says", 16);
    }

    @Test
    void extension() {
        byte[] file = RawFile.valid().bytes();
        Refusal.check(Arrays.copyOf(file, file.length + 1), "file length", "must be what the header says", 16);
    }

    @Test
    void sectionCountBeyondTheFile() {
        for (int count : new int[] {1000, Integer.MAX_VALUE, -1}) {
            byte[] file =
                    RawFile.valid().damage(bytes -> bytes.putInt(12, count)).bytes();
            Refusal.check(file, "section count", "the section table must fit the file", 12);
        }
    }

    @Test
    void reservedHeaderBytes() {
        Refusal.check(
                RawFile.valid().edit(bytes -> bytes.put(59, (byte) 1)).bytes(),
                "header",
                "reserved bytes must be zero",
                59);
    }

    @Test
    void checksumOfHeaderAndTable() {
        byte[] file = RawFile.valid()
                .damage(bytes -> bytes.put(64 + 24, (byte) ~bytes.get(64 + 24)))
                .bytes();
        Refusal.check(file, "header and section table", "CRC-32C must be", 60);
    }

    @Test
    void missingSections() {
        Map<Integer, String> names =
                Map.of(1, "metadata", 2, "texts", 3, "functions", 4, "tensors", 5, "references", 6, "data");
        names.forEach((id, name) -> Refusal.check(
                RawFile.valid().without(id).bytes(), "section " + name, "must be in the section table", 64));
        Refusal.check(
                RawFile.valid().edit(bytes -> bytes.putInt(12, 0)).bytes(),
                "section metadata",
                "must be in the section table",
                64);
    }

    @Test
    void sectionTwice() {
        RawFile file = RawFile.valid();
        int second = file.entry(RawFile.TENSORS);
        file.edit(bytes -> bytes.putInt(second, RawFile.METADATA));
        Refusal.check(file.bytes(), "section metadata", "must occur once", second);
    }

    @Test
    void unknownRequiredSection() {
        RawFile file = RawFile.valid().section(77, Raw.of().i32(1));
        int entry = file.entry(77);
        file.edit(bytes -> bytes.putInt(entry + 4, 0));
        Refusal.check(file.bytes(), "section with id 77", "a required section must be known", entry);
    }

    @Test
    void unknownOptionalSectionIsSkipped() throws IOException {
        // The data section now begins at 320: a file without tensors and cases does not care.
        RawFile file = RawFile.valid()
                .section(77, Raw.of().i32(1))
                .section(RawFile.TENSORS, Raw.of().i32(0))
                .section(RawFile.FUNCTIONS, Raw.of().i32(0))
                .section(RawFile.REFERENCES, Raw.of().i32(0));
        Path path = Refusal.write(file.bytes());
        try (RondoFile opened = RondoFile.load(path)) {
            assertEquals(Map.of("task", "test"), opened.metadata());
        } finally {
            Refusal.delete(path);
        }
    }

    @Test
    void checksumOfOptionalSection() {
        RawFile file = RawFile.valid().section(77, Raw.of().i32(1));
        int start = file.start(77);
        file.damage(bytes -> bytes.put(start, (byte) 2));
        Refusal.check(file.bytes(), "section with id 77", "CRC-32C must be", file.entry(77));
    }

    @Test
    void flags() {
        RawFile known = RawFile.valid();
        int entry = known.entry(RawFile.TEXTS);
        known.edit(bytes -> bytes.putInt(entry + 4, 1));
        Refusal.check(known.bytes(), "section texts", "flags must be 1 for an optional section, else 0", entry + 4);
        RawFile unknown = RawFile.valid().section(77, Raw.of());
        int other = unknown.entry(77);
        unknown.edit(bytes -> bytes.putInt(other + 4, 3));
        Refusal.check(unknown.bytes(), "section with id 77", "flags must be 1", other + 4);
        RawFile reserved = RawFile.valid().edit(bytes -> bytes.putInt(entry + 28, 1));
        Refusal.check(reserved.bytes(), "section texts", "the reserved field 0", entry + 4);
    }

    @Test
    void sectionAlignment() {
        RawFile file = RawFile.valid();
        int entry = file.entry(RawFile.METADATA);
        file.edit(bytes -> bytes.putLong(entry + 8, bytes.getLong(entry + 8) + 1));
        Refusal.check(file.bytes(), "section metadata", "offset must be a multiple of 64", entry + 8);
    }

    @Test
    void sectionRange() {
        long[][] attacks = {
            {0, 8},
            {192, 8},
            {1 << 20, 8},
            {-64, 8},
            {Long.MIN_VALUE, 8},
            {256, 1 << 20},
            {256, -1},
            {256, Long.MAX_VALUE},
            {Long.MAX_VALUE - 63, 64}
        };
        for (long[] attack : attacks) {
            RawFile file = RawFile.valid();
            int entry = file.entry(RawFile.METADATA);
            file.edit(bytes -> bytes.putLong(entry + 8, attack[0]).putLong(entry + 16, attack[1]));
            Refusal.check(file.bytes(), "section metadata", "must lie between the section table's end, 256", entry + 8);
        }
    }

    @Test
    void sectionsOverlap() {
        RawFile file = RawFile.valid();
        int entry = file.entry(RawFile.TEXTS);
        file.edit(bytes -> bytes.putLong(entry + 8, 320)); // inside the data section
        Refusal.check(file.bytes(), "section texts", "must not overlap section data", entry + 8);
    }

    @Test
    void checksumOfEachSection() {
        Map<Integer, String> names = Map.of(1, "metadata", 2, "texts", 3, "functions", 4, "tensors", 5, "references");
        names.forEach((id, name) -> {
            RawFile file = RawFile.valid();
            int start = file.start(id);
            file.damage(bytes -> bytes.put(start + 4, (byte) (bytes.get(start + 4) ^ 8)));
            Refusal.check(file.bytes(), "section " + name, "CRC-32C must be", file.entry(id));
        });
    }

    @Test
    void checksumOfTensorData() throws IOException {
        byte[] file = RawFile.valid()
                .damage(bytes -> bytes.put(RawFile.DATA + 3, (byte) 9))
                .bytes();
        Refusal.checkLoadOnly(file, "tensor 'w'", "CRC-32C must be", RawFile.DATA);
    }

    @Test
    void checksumOfReferenceData() throws IOException {
        byte[] file = RawFile.valid().damage(bytes -> bytes.put(320, (byte) 9)).bytes();
        Refusal.checkLoadOnly(file, "reference case 'r', input 'x'", "CRC-32C must be", 320);
    }

    @Test
    void checksumOfThePaddingInTheData() throws IOException {
        RawFile file = RawFile.valid().damage(bytes -> bytes.put(319, (byte) 9));
        Refusal.checkLoadOnly(file.bytes(), "section data", "CRC-32C must be", file.entry(RawFile.DATA_ID));
    }

    @Test
    void bytesAfterTheContentOfASection() {
        Map<Integer, String> names = Map.of(1, "metadata", 2, "texts", 3, "functions", 4, "tensors", 5, "references");
        names.forEach((id, name) -> {
            RawFile file = RawFile.valid();
            Raw longer = Raw.of().raw(content(file, id)).u8(0);
            file.section(id, longer);
            Refusal.check(
                    file.bytes(),
                    "section " + name,
                    "must end where its content ends",
                    file.start(id) + longer.size() - 1);
        });
    }

    @Test
    void sectionThatEndsTooEarly() {
        for (int id = 1; id <= 5; id++) {
            RawFile file = RawFile.valid();
            byte[] content = content(file, id);
            for (int length = 0; length < content.length; length++) {
                byte[] bytes = RawFile.valid()
                        .section(id, Raw.of().raw(Arrays.copyOf(content, length)))
                        .bytes();
                Path path = Refusal.write(bytes);
                org.junit.jupiter.api.Assertions.assertThrows(
                        dev.rondo.error.FormatException.class,
                        () -> RondoFile.map(path).close(),
                        "section " + id + " cut to " + length);
                Refusal.delete(path);
            }
        }
    }

    @Test
    void emptySections() {
        Refusal.check(
                RawFile.valid().section(RawFile.METADATA, Raw.of()).bytes(),
                "metadata entry count",
                "must lie inside its section",
                RawFile.valid().start(RawFile.METADATA));
    }

    private static byte[] content(RawFile file, int id) {
        int start = file.start(id);
        byte[] bytes = file.bytes();
        int length = java.nio.ByteBuffer.wrap(bytes)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .getInt(file.entry(id) + 16);
        return Arrays.copyOfRange(bytes, start, start + length);
    }
}
