package dev.rondo.convert.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
    @TempDir
    Path folder;

    @Test
    void whatWasWrittenIsRead() throws IOException {
        Path path = folder.resolve("a.safetensors");
        new SafetensorsWriter()
                .metadata("format", "pt")
                .metadata("note", "äöü \" \\ \n 😀")
                .floats("weight", List.of(2, 3), 1, -2, 0.5f, Float.NaN, Float.NEGATIVE_INFINITY, -0.0f)
                .longs("ids", List.of(3), Long.MIN_VALUE, 0, Long.MAX_VALUE)
                .floats("scalar", List.of(), 7)
                .floats("empty", List.of(0, 5))
                .floats("ключ", List.of(1), 3)
                .write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(Map.of("format", "pt", "note", "äöü \" \\ \n 😀"), file.metadata());
            assertEquals(5, file.tensors().size());
            SafetensorsTensor weight = file.tensors().get("weight");
            assertEquals(List.of(2L, 3L), weight.shape());
            assertEquals(Dtype.F32, weight.dtype());
            assertArrayEquals(new float[] {1, -2, 0.5f, Float.NaN, Float.NEGATIVE_INFINITY, -0.0f}, weight.toFloats());
            assertArrayEquals(
                    new long[] {Long.MIN_VALUE, 0, Long.MAX_VALUE},
                    file.tensors().get("ids").toLongs());
            assertArrayEquals(new float[] {7}, file.tensors().get("scalar").toFloats());
            assertEquals(List.of(), file.tensors().get("scalar").shape());
            assertEquals(0, file.tensors().get("empty").toFloats().length);
            assertArrayEquals(new float[] {3}, file.tensors().get("ключ").toFloats());
            float[] part = {9, 9, 9, 9};
            weight.readFloats(1, part, 1, 2);
            assertArrayEquals(new float[] {9, -2, 0.5f, 9}, part);
            assertThrows(IndexOutOfBoundsException.class, () -> weight.readFloats(5, part, 0, 2));
        }
    }

    @Test
    void everyNumberConvertsAsIeeeSays() throws IOException {
        assertArrayEquals(
                new float[] {1, 6.103515625e-5f, 5.9604645e-8f, 65504, Float.POSITIVE_INFINITY, Float.NaN, -2},
                read(Dtype.F16, shorts(0x3C00, 0x0400, 0x0001, 0x7BFF, 0x7C00, 0x7E01, 0xC000)));
        assertArrayEquals(
                new float[] {1, Float.intBitsToFloat(0x00010000), Float.NEGATIVE_INFINITY, Float.NaN, 3.140625f},
                read(Dtype.BF16, shorts(0x3F80, 0x0001, 0xFF80, 0x7FC1, 0x4049)));
        double half = 1 + Math.ulp(1.0f) / 2.0;
        assertArrayEquals(
                new float[] {1, 1 + Math.ulp(1f), 1 + 2 * Math.ulp(1f), Float.POSITIVE_INFINITY, 0, Float.MIN_VALUE},
                read(
                        Dtype.F64,
                        doubles(
                                half,
                                Math.nextUp(half),
                                1 + 1.5 * Math.ulp(1.0f),
                                3.5e38,
                                Float.MIN_VALUE / 2.0,
                                Math.nextUp(Float.MIN_VALUE / 2.0))));
        assertArrayEquals(new float[] {-128, -1, 127}, read(Dtype.I8, new byte[] {-128, -1, 127}));
        assertArrayEquals(new float[] {128, 255, 127}, read(Dtype.U8, new byte[] {-128, -1, 127}));
        assertArrayEquals(new float[] {0, 1, 1}, read(Dtype.BOOL, new byte[] {0, 1, 7}));
        assertArrayEquals(new float[] {-32768, 1}, read(Dtype.I16, shorts(0x8000, 1)));
        assertArrayEquals(new float[] {32768, 1}, read(Dtype.U16, shorts(0x8000, 1)));
        assertArrayEquals(new float[] {-1}, read(Dtype.I32, ints(-1)));
        assertArrayEquals(new float[] {4294967296f}, read(Dtype.U32, ints(-1)));
        assertArrayEquals(new float[] {16777216, 16777220}, read(Dtype.I64, longs(16777217, 16777219)));
        // 2^63 + 2^39 lies halfway between two floats, one more lies above.
        assertArrayEquals(
                new float[] {0x1p63f, 0x1p63f + 0x1p40f, 0x1p64f},
                read(Dtype.U64, longs(Long.MIN_VALUE + (1L << 39), Long.MIN_VALUE + (1L << 39) + 1, -1)));
    }

    @Test
    void wholeNumbersAreExact() throws IOException {
        assertArrayEquals(new long[] {255}, readLongs(Dtype.U8, new byte[] {-1}));
        assertArrayEquals(new long[] {4294967295L}, readLongs(Dtype.U32, ints(-1)));
        assertArrayEquals(new long[] {1, 0}, readLongs(Dtype.BOOL, new byte[] {2, 0}));
        assertArrayEquals(new long[] {9007199254740993L}, readLongs(Dtype.I64, longs(9007199254740993L)));
        FormatException large = assertThrows(FormatException.class, () -> readLongs(Dtype.U64, longs(Long.MIN_VALUE)));
        assertTrue(large.getMessage().contains("9223372036854775808"), large.getMessage());
        FormatException real = assertThrows(FormatException.class, () -> readLongs(Dtype.F32, ints(0)));
        assertTrue(real.getMessage().contains("F32"), real.getMessage());
    }

    @Test
    void unusualDtypesOpenButAreNotReadAsNumbers() throws IOException {
        for (Dtype dtype : Dtype.values()) {
            if (!dtype.isFloat() && !dtype.isInteger()) {
                byte[] data = new byte[4 * dtype.bits() / 8];
                FormatException refused = assertThrows(FormatException.class, () -> read(dtype, data));
                assertTrue(refused.getMessage().contains("'x'"), refused.getMessage());
                assertTrue(refused.getMessage().contains(dtype.name()), refused.getMessage());
            }
        }
    }

    @Test
    void aFileWithoutTensorsIsAFile() throws IOException {
        Path path = write("{}", 0);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertTrue(file.tensors().isEmpty());
            assertTrue(file.metadata().isEmpty());
        }
    }

    @Test
    void keysComeInAnyOrderAndSpacesFollow() throws IOException {
        Path path = write(
                "{\"b\":{\"data_offsets\":[4,8],\"shape\":[1],\"dtype\":\"F32\"}, \"__metadata__\" : {},"
                        + "\n\t\"z\":{\"dtype\":\"U8\",\"shape\":[0,7],\"data_offsets\":[4,4]},"
                        + "\"a\":{\"dtype\":\"I8\",\"shape\":[2,2],\"data_offsets\":[0,4]}}      ",
                8);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(List.of("a", "z", "b"), List.copyOf(file.tensors().keySet()));
            assertArrayEquals(new long[] {0, 1, 2, 3}, file.tensors().get("a").toLongs());
        }
    }

    /** Five gigabytes of data, of which none comes onto the heap. */
    @Test
    void dataStaysInTheFile() throws IOException {
        long size = 5L << 30;
        byte[] json = ("{\"x\":{\"dtype\":\"U8\",\"shape\":[" + size + "],\"data_offsets\":[0," + size + "]}}")
                .getBytes(StandardCharsets.UTF_8);
        Path path = folder.resolve("large.safetensors");
        try (FileChannel out = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            out.write(little(8 + json.length).putLong(json.length).put(json).flip());
            out.write(ByteBuffer.wrap(new byte[] {9}), 8 + json.length + size - 1); // the rest is a hole of zeros
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            SafetensorsTensor x = file.tensors().get("x");
            assertEquals(size, x.elements());
            float[] last = new float[2];
            x.readFloats(size - 2, last, 0, 2);
            assertArrayEquals(new float[] {0, 9}, last);
            FormatException error = assertThrows(FormatException.class, x::toFloats);
            assertTrue(error.getMessage().contains("elements"), error.getMessage());
        }
    }

    @Test
    void afterCloseReadingFailsCleanly() throws IOException {
        Path path = folder.resolve("a.safetensors");
        new SafetensorsWriter().floats("x", List.of(1), 1).write(path);
        SafetensorsFile file = SafetensorsFile.open(path);
        SafetensorsTensor x = file.tensors().get("x");
        file.close();
        file.close();
        assertThrows(IllegalStateException.class, x::toFloats);
    }

    @Test
    void missingFilesAndFoldersAreNamed() {
        for (Path path : List.of(folder, folder.resolve("missing.safetensors"))) {
            InputException error = assertThrows(InputException.class, () -> SafetensorsFile.open(path));
            assertTrue(error.getMessage().contains(path.toString()), error.getMessage());
        }
    }

    @Test
    void theWriterAlignsAndDoesNotDependOnOrder() throws IOException {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        new SafetensorsWriter()
                .tensor("bytes", Dtype.U8, List.of(3), new byte[3])
                .floats("f", List.of(1), 1)
                .longs("l", List.of(1), 2)
                .write(one);
        new SafetensorsWriter()
                .longs("l", List.of(1), 2)
                .floats("f", List.of(1), 1)
                .tensor("bytes", Dtype.U8, List.of(3), new byte[3])
                .write(two);
        assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(two));
        byte[] bytes = Files.readAllBytes(one);
        long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertEquals(0, header % 8);
        assertEquals(8 + header + 8 + 4 + 3, bytes.length);
        assertEquals(2, bytes[(int) (8 + header)]); // the widest element first
    }

    @Test
    void theWriterRefusesWhatTheReaderWould() {
        var writer = new SafetensorsWriter().floats("x", List.of(1), 1);
        assertThrows(InputException.class, () -> writer.floats("x", List.of(1), 1));
        assertThrows(InputException.class, () -> writer.floats("y", List.of(2), 1));
        assertThrows(InputException.class, () -> writer.floats("y", List.of(-1, -1), 1));
        assertThrows(InputException.class, () -> writer.floats("__metadata__", List.of(1), 1));
        assertThrows(InputException.class, () -> writer.floats("\ud800", List.of(1), 1));
        assertThrows(InputException.class, () -> writer.metadata("k", "\udc00"));
    }

    @Test
    void aFailedWriteLeavesNothingBehind() throws IOException {
        Path occupied = Files.createDirectory(folder.resolve("occupied"));
        Files.writeString(occupied.resolve("file"), "x");
        var writer = new SafetensorsWriter().floats("x", List.of(1), 1);
        assertThrows(IOException.class, () -> writer.write(occupied));
        assertThrows(
                IOException.class,
                () -> writer.write(folder.resolve("no-folder").resolve("x")));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(occupied), left.toList());
        }
        Path target = folder.resolve("target");
        Files.writeString(target, "old");
        writer.write(target);
        try (SafetensorsFile file = SafetensorsFile.open(target)) {
            assertFalse(file.tensors().isEmpty());
        }
    }

    private float[] read(Dtype dtype, byte[] data) throws IOException {
        Path path = folder.resolve("n.safetensors");
        new SafetensorsWriter()
                .tensor("x", dtype, List.of(data.length * 8 / dtype.bits()), data)
                .write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            return file.tensors().get("x").toFloats();
        }
    }

    private long[] readLongs(Dtype dtype, byte[] data) throws IOException {
        Path path = folder.resolve("l.safetensors");
        new SafetensorsWriter()
                .tensor("x", dtype, List.of(data.length * 8 / dtype.bits()), data)
                .write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            return file.tensors().get("x").toLongs();
        }
    }

    /** A file with that header and the bytes 0, 1, 2... as data. */
    private Path write(String header, int dataSize) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = little(8 + json.length + dataSize).putLong(json.length).put(json);
        for (int i = 0; i < dataSize; i++) {
            out.put((byte) i);
        }
        return Files.write(folder.resolve("h.safetensors"), out.array());
    }

    private static byte[] shorts(int... values) {
        ByteBuffer out = little(2 * values.length);
        for (int value : values) {
            out.putShort((short) value);
        }
        return out.array();
    }

    private static byte[] ints(int... values) {
        ByteBuffer out = little(4 * values.length);
        out.asIntBuffer().put(values);
        return out.array();
    }

    private static byte[] longs(long... values) {
        ByteBuffer out = little(8 * values.length);
        out.asLongBuffer().put(values);
        return out.array();
    }

    private static byte[] doubles(double... values) {
        ByteBuffer out = little(8 * values.length);
        out.asDoubleBuffer().put(values);
        return out.array();
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
