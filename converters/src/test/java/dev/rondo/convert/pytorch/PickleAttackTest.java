package dev.rondo.convert.pytorch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.error.FormatException;
import dev.rondo.error.RondoException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Pickles and archives made to harm: each ends in an error that names what is wrong, and soon. */
class PickleAttackTest {
    private static final Path RESOURCES = Path.of("src/test/resources/dev/rondo/convert/pytorch");
    private static final int FUZZ_CASES = 5_000;
    private static final long[] NONE = {};

    @TempDir
    Path folder;

    /** Opcodes after the protocol, with what the message says. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        0|          before
        2|          before
        t|          a mark must stand before
        1|          a mark must stand before
        e|          a mark must stand before
        u|          a mark must stand before
        a|          before
        s|          before
        Na|         before
        NNa|        list or set
        (Ne|        before
        N(Ne|       list or set
        )(Ne|       list or set
        }(Nu|       pairs
        N(NNu|      a dictionary
        ](NNu|      a dictionary
        N(0.|       None without one
        (.|         before
        (N.|        one value
        NN.|        one value
        h%05.|       place 5
        q%05|       before
        R|          before
        NR|         a tuple
        N)R|        makes a value
        b|          before
        Nb|         before
        ]}b|        the state
        Q|          before
        NQ|         a tuple
        )Q|         persistent id
        %93|         before
        NN%93|       must be a text
        cos%0Asystem%0A| 'os.system'
        cposix%0Asystem%0A)R| 'posix.system'
        c__builtin__%0Aeval%0A| '__builtin__.eval'
        cbuiltins%0Agetattr%0A| 'builtins.getattr'
        ctorch%0Aload%0A| 'torch.load'
        ctorch._utils%0A_rebuild_qtensor%0A| _rebuild_qtensor
        X%02%00%00%00osX%06%00%00%00system%93| 'os.system'
        ctorch._utils%0A_rebuild_tensor_v2%0A)R| 6 to 7 arguments
        ctorch%0AFloatStorage%0A)R|   makes a value
        ctorch.storage%0AUntypedStorage%0A)R| makes a value
        ctorch%0ASize%0A)R| 1 arguments
        ctorch%0ASize%0AN%85R| takes a list
        ccollections%0AOrderedDict%0A]Na%85R| pairs
        ios%0Asystem%0A|  opcode 0x69 'i'
        I1%0A|       opcode 0x49
        S'a'%0A|     opcode 0x53
        Pid%0A|      opcode 0x50
        %82%01|        opcode 0x82
        %97|         opcode 0x97
        %80%01|       protocol 1
        %80%09|       protocol 9
        %8A%09%01|      announces
        X%FF%FF%FF%FF| at most
        X%FF%FF%FF%00| must not end
        %8D%FF%FF%FF%FF%FF%FF%FF%7F| at most
        %8D%FF%FF%FF%FF%FF%FF%FF%FF| must not end
        %8E%FF%FF%FF%FF%FF%FF%FF%7F| must not end
        B%FF%FF%FF%FF| must not end
        X%01%00%00%00%FF| valid UTF-8
        c| no end of the line
        }X%01%00%00%00aNsX%01%00%00%00aNs.| same key twice
        N| must not end
        """)
    void misusedOpcodesAreRefused(String opcodes, String named) throws IOException {
        refused(PickleBytes.begin().ops(unescape(opcodes)), named, false);
    }

    /** {@code %0A} is the byte 0x0A. */
    private static String unescape(String text) {
        return Pattern.compile("%(..)")
                .matcher(text)
                .replaceAll(
                        found -> Matcher.quoteReplacement(Character.toString(Integer.parseInt(found.group(1), 16))));
    }

    static Stream<Arguments> falseTensors() {
        return Stream.of(
                Arguments.of(4L, 0L, new long[] {5}, new long[] {1}, "within its storage"),
                Arguments.of(4L, 1L, new long[] {4}, new long[] {1}, "within its storage"),
                Arguments.of(4L, -1L, new long[] {1}, new long[] {1}, "within its storage"),
                Arguments.of(4L, 4L, NONE, NONE, "within its storage"),
                Arguments.of(4L, 3L, new long[] {2}, new long[] {-1}, "within its storage"),
                Arguments.of(4L, 0L, new long[] {-1}, new long[] {1}, "within its storage"),
                Arguments.of(4L, 0L, new long[] {2, 2}, new long[] {1L << 62, 1}, "within its storage"),
                Arguments.of(4L, 0L, new long[] {3}, new long[] {Long.MAX_VALUE}, "within its storage"),
                Arguments.of(4L, Long.MAX_VALUE, new long[] {2}, new long[] {1}, "within its storage"),
                Arguments.of(4L, 0L, new long[] {1L << 40, 1L << 40}, new long[] {0, 0}, "within its storage"),
                Arguments.of(4L, 0L, new long[] {1L << 30}, new long[] {0}, "expanded"),
                Arguments.of(4L, 0L, new long[] {2, 2}, new long[] {1}, "a stride for each"),
                Arguments.of(4L, 0L, new long[65], new long[65], "at most 64 dimensions"),
                Arguments.of(-1L, 0L, NONE, NONE, "2^63-1 bytes"),
                Arguments.of(Long.MAX_VALUE / 2, 0L, NONE, NONE, "2^63-1 bytes"),
                Arguments.of(5L, 0L, new long[] {4}, new long[] {1}, "declared with, 20"),
                Arguments.of(3L, 0L, new long[] {3}, new long[] {1}, "declared with, 12"));
    }

    @ParameterizedTest
    @MethodSource("falseTensors")
    void falseTensorsAreRefused(long elements, long offset, long[] shape, long[] strides, String named)
            throws IOException {
        refused(
                PickleBytes.begin()
                        .op('}')
                        .text("w")
                        .tensor(elements, offset, shape, strides)
                        .ops("s"),
                named,
                true);
    }

    @Test
    void aTensorMadeByHandReads() throws IOException {
        var pickle = PickleBytes.begin()
                .op('}')
                .text("w")
                .tensor(4, 1, new long[] {3, 2}, new long[] {1, 0})
                .ops("s");
        try (PytorchFile file = PytorchFile.open(archive(pickle.end(), Map.of()))) {
            assertArrayEquals(new float[] {2, 2, 3, 3, 4, 4}, read(file, "w", 6));
        }
    }

    @Test
    void bigEndianDataIsTurned() throws IOException {
        byte[] big = ByteBuffer.allocate(16)
                .putFloat(1)
                .putFloat(2)
                .putFloat(3)
                .putFloat(4)
                .array();
        var pickle = PickleBytes.begin()
                .op('}')
                .text("w")
                .tensor(4, 0, new long[] {4}, new long[] {1})
                .ops("s");
        Path path =
                archive(pickle.end(), Map.of("byteorder", "big".getBytes(StandardCharsets.US_ASCII), "data/0", big));
        try (PytorchFile file = PytorchFile.open(path)) {
            assertArrayEquals(new float[] {1, 2, 3, 4}, read(file, "w", 4));
        }
        Path middle = archive(pickle.end(), Map.of("byteorder", "middle".getBytes(StandardCharsets.US_ASCII)));
        assertTrue(refused(middle).getMessage().contains("'middle'"));
    }

    @Test
    void storagesWithTwoMeaningsAreRefused() throws IOException {
        refused(
                PickleBytes.begin()
                        .op('(')
                        .storage("FloatStorage", "0", 4)
                        .storage("HalfStorage", "0", 8)
                        .ops("t"),
                "one type and length",
                false);
        refused(PickleBytes.begin().storage("QInt8Storage", "0", 4), "'torch.QInt8Storage'", false);
    }

    /** A pickle that announces or copies much: time and memory stay small. */
    @Test
    void growingPicklesAreRefusedSoon() throws IOException {
        refused(PickleBytes.begin().ops("(".repeat(5_000_000)), "places for values", false);
        refused(PickleBytes.begin().ops("]".repeat(5_000_000)), "places for values", false);
        refused(PickleBytes.begin().ops("}q\u0001".repeat(2_000_000)), "places for values", false);
        refused(
                PickleBytes.begin()
                        .ops("]q\u0001(" + "N".repeat(100_000) + "e" + "ctorch\nSize\nh\u0001\u0085R".repeat(10_000)),
                "places for values",
                false);
        refused(PickleBytes.begin().ops("N" + "2".repeat(5_000_000)), "places for values", false);
    }

    /** A list in itself, and lists in lists, end the search; the error does not print them. */
    @Test
    void cyclesAndDepthEndInAnError() throws IOException {
        refused(PickleBytes.begin().ops("]q\u0001h\u0001a"), "must hold a state dict", true);
        refused(PickleBytes.begin().ops("]".repeat(200_000) + "a".repeat(199_999)), "must hold a state dict", true);
        refused(PickleBytes.begin().ops("}q\u0001").text("a").ops("h\u0001s"), "must hold a state dict", true);
        refused(PickleBytes.begin().ops("N"), "None without one", true);
    }

    @Test
    void scriptsAndForeignArchivesAreRefusedWithAdvice() throws IOException {
        byte[] none = PickleBytes.begin().op('N').end();
        assertTrue(refused(archive(none, Map.of("constants.pkl", none)))
                .getMessage()
                .contains("export the model to ONNX"));
        assertTrue(
                refused(archive(none, Map.of("code/a.py", none))).getMessage().contains("TorchScript"));
        var compressed = new ByteArrayOutputStream(); // as torch.jit.save does with code
        try (var out = new ZipOutputStream(compressed)) {
            out.putNextEntry(new ZipEntry("m/code/a.py"));
            out.write(none);
        }
        Path script = Files.write(folder.resolve("script.pt"), compressed.toByteArray());
        assertTrue(refused(script).getMessage().contains("TorchScript"));
        Path foreign = Files.write(folder.resolve("bad.pt"), PickleBytes.zip(Map.of("readme", new byte[3])));
        assertTrue(refused(foreign).getMessage().contains("must hold data.pkl"));
        Path outside = Files.write(
                folder.resolve("bad.pt"), PickleBytes.zip(Map.of("../../evil", new byte[3], "data.pkl", none)));
        assertEquals(FormatException.class, refused(outside).getClass());
    }

    /** Large archives have a second record of 64-bit numbers, and a locator of it. */
    @Test
    void largeArchivesRead() {
        var pickle = PickleBytes.begin()
                .op('}')
                .text("w")
                .tensor(4, 0, new long[] {4}, new long[] {1})
                .ops("s");
        byte[] plain = PickleBytes.zip(Map.of("data.pkl", pickle.end(), "data/0", new byte[16]));
        ByteBuffer end = ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN).position(plain.length - 22);
        int entries = end.getShort(plain.length - 12);
        int size = end.getInt(plain.length - 10);
        int offset = end.getInt(plain.length - 6);
        ByteBuffer large = ByteBuffer.allocate(plain.length + 76).order(ByteOrder.LITTLE_ENDIAN);
        large.put(plain, 0, plain.length - 22);
        large.putInt(0x06064B50).putLong(44).putInt(0).putInt(0).putInt(0);
        large.putLong(entries).putLong(entries).putLong(size).putLong(offset);
        large.putInt(0x07064B50).putInt(0).putLong(plain.length - 22).putInt(1);
        large.putInt(0x06054B50).putInt(0).putInt(-1).putInt(-1).putInt(-1).putShort((short) 0);
        assertEquals(
                1,
                Checkpoint.read("large.pt", MemorySegment.ofArray(large.array()))
                        .stateDict(Optional.empty())
                        .tensors()
                        .size());
        large.putLong(plain.length + 42, Long.MAX_VALUE);
        assertThrows(FormatException.class, () -> Checkpoint.read("large.pt", MemorySegment.ofArray(large.array())));
    }

    @Test
    void damagedDataIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(RESOURCES.resolve("mixed.pt"));
        int at = indexOf(bytes, "mixed/data/0") + 60;
        while (bytes[at] != (byte) 0x80 || bytes[at + 1] != 0x3F) {
            at++;
        }
        bytes[at] ^= 1;
        Path path = Files.write(folder.resolve("bad.pt"), bytes);
        FormatException error = assertThrows(FormatException.class, () -> {
            try (PytorchFile file = PytorchFile.open(path)) {
                file.stateDict(Optional.of("."));
            }
        });
        assertTrue(error.getMessage().contains("CRC-32"), error.getMessage());
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @ParameterizedTest
    @CsvSource({"without_crc.pt", "tensors_legacy.pt", "training.pt"})
    void filesCutAnywhereAreRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(RESOURCES.resolve(name));
        for (int length = 0; length < whole.length; length++) {
            MemorySegment cut = MemorySegment.ofArray(whole).asSlice(0, length);
            assertThrows(
                    RondoException.class, () -> Checkpoint.read("cut.pt", cut).stateDict(Optional.empty()));
        }
    }

    /** Whatever the bytes: tensors that read, or an exception of ours; nothing else, and soon. */
    @ParameterizedTest
    @CsvSource({"without_crc.pt", "tensors_legacy.pt", "tensors_protocol4.pt", "training.pt", "mixed.pt"})
    void mutatedFilesReadOrAreRefused(String name) throws IOException {
        byte[] valid = Files.readAllBytes(RESOURCES.resolve(name));
        int read = fuzz(valid, random -> mutate(valid, random));
        assertTrue(read < FUZZ_CASES / 2, read + " of " + FUZZ_CASES + " read");
    }

    /** The pickle alone, so that no checksum stands before it. */
    @Test
    void mutatedPicklesReadOrAreRefused() throws IOException {
        var entries = new LinkedHashMap<String, byte[]>();
        byte[] archive = Files.readAllBytes(RESOURCES.resolve("training.pt"));
        for (var entry :
                ZipDirectory.read("training.pt", MemorySegment.ofArray(archive)).values()) {
            entries.put(
                    entry.name().substring(entry.name().indexOf('/') + 1),
                    entry.bytes().toArray(ValueLayout.JAVA_BYTE));
        }
        byte[] valid = entries.get("data.pkl");
        int read = fuzz(valid, random -> {
            entries.put("data.pkl", mutate(valid, random));
            return PickleBytes.zip(entries);
        });
        assertTrue(read > FUZZ_CASES / 100 && read < FUZZ_CASES / 2, read + " of " + FUZZ_CASES + " read");
    }

    /** How many mutants could be read. */
    private static int fuzz(byte[] valid, Function<SplittableRandom, byte[]> mutants) {
        var random = new SplittableRandom(valid.length);
        int read = 0;
        for (int i = 0; i < FUZZ_CASES; i++) {
            byte[] mutant = mutants.apply(random);
            try {
                readAll(Checkpoint.read("fuzz.pt", MemorySegment.ofArray(mutant)));
                read++;
            } catch (RondoException refused) {
                assertTrue(refused.getMessage().length() < 2000, refused.getMessage());
            } catch (RuntimeException | Error leaked) {
                throw new AssertionError("case " + i + " " + Arrays.toString(mutant), leaked);
            }
        }
        return read;
    }

    private static void readAll(Checkpoint checkpoint) {
        for (SourceTensor tensor :
                checkpoint.stateDict(Optional.empty()).tensors().values()) {
            int elements =
                    Math.toIntExact(tensor.shape().stream().mapToLong(n -> n).reduce(1, (a, b) -> a * b));
            tensor.values().read(0, new float[elements], 0, elements);
        }
    }

    private static byte[] mutate(byte[] valid, SplittableRandom random) {
        byte[] bytes = valid.clone();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) "()tuse}]RbQqhNXK\u0085\u0086\u0087.0126".charAt(random.nextInt(24));
                case 2 -> bytes[at] = (byte) random.nextInt(256);
                case 3 -> bytes = Arrays.copyOf(bytes, bytes.length - random.nextInt(Math.min(64, bytes.length / 2)));
                case 4 -> {
                    int length = Math.min(random.nextInt(32), bytes.length - at);
                    System.arraycopy(bytes.clone(), random.nextInt(bytes.length - length + 1), bytes, at, length);
                }
                default -> Arrays.fill(bytes, at, Math.min(bytes.length, at + random.nextInt(9)), (byte) 0xFF);
            }
        }
        return bytes;
    }

    private Path archive(byte[] pickle, Map<String, byte[]> more) throws IOException {
        var entries = new LinkedHashMap<String, byte[]>();
        entries.put("data.pkl", pickle);
        entries.put(
                "data/0",
                ByteBuffer.allocate(16)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putFloat(1)
                        .putFloat(2)
                        .putFloat(3)
                        .putFloat(4)
                        .array());
        entries.putAll(more);
        return Files.write(folder.resolve("bad.pt"), PickleBytes.zip(entries));
    }

    private static float[] read(PytorchFile file, String name, int elements) {
        float[] values = new float[elements];
        file.stateDict(Optional.empty()).tensors().get(name).values().read(0, values, 0, elements);
        return values;
    }

    private void refused(PickleBytes pickle, String named, boolean whole) throws IOException {
        byte[] bytes = pickle.end();
        Path path = archive(whole ? bytes : Arrays.copyOf(bytes, bytes.length - 1), Map.of());
        String message = refused(path).getMessage();
        assertTrue(message.contains(named), message);
        assertTrue(message.contains("bad.pt"), message);
        assertTrue(message.length() < 1000 && message.chars().allMatch(c -> c >= ' '), message);
    }

    private static RondoException refused(Path path) {
        return assertTimeoutPreemptively(
                Duration.ofSeconds(10),
                () -> assertThrows(RondoException.class, () -> {
                    try (PytorchFile file = PytorchFile.open(path)) {
                        file.stateDict(Optional.empty());
                    }
                }));
    }
}
