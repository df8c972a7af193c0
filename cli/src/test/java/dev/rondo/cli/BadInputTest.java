package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.safetensors.Dtype;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.error.InputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a user gives: one line that says what is wrong, the exit code for it, and nothing lost. */
class BadInputTest {
    @TempDir
    Path folder;

    private Fixture rondo;

    @BeforeEach
    void start() {
        rondo = new Fixture(folder);
    }

    private void refused(String part, Object... args) {
        assertEquals(Main.BAD_INPUT, rondo.run(args), () -> rondo.out + rondo.err);
        assertTrue(rondo.err.startsWith("rondo: "), rondo.err);
        assertEquals(1, rondo.err.lines().count(), rondo.err);
        assertTrue(rondo.err.contains(part), () -> part + " in " + rondo.err);
        assertFalse(rondo.err.contains("Exception"), rondo.err);
    }

    private Path tokens(List<Integer> shape, int... values) throws IOException {
        var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        new SafetensorsWriter().tensor("token", Dtype.I32, shape, bytes.array()).write(rondo.path("in.safetensors"));
        return rondo.path("in.safetensors");
    }

    @Test
    void runNeverWritesOverItsModel() throws IOException {
        Path model = rondo.languageModel();
        byte[] before = Files.readAllBytes(model);
        Path in = tokens(List.of(1), 1);
        refused("--out", "run", model, "--function", "step", "--in", in, "--out", model);
        refused("--out", "run", model, "--function", "step", "--in", in, "--out", in);
        refused(
                "--out",
                "run",
                model,
                "--function",
                "step",
                "--in",
                in,
                "--out",
                folder.resolve(".").resolve("in.safetensors"));
        assertArrayEquals(before, Files.readAllBytes(model));
    }

    @Test
    void anOutputThatIsNoFileStaysWhatItIs() throws Exception {
        Path pipe = rondo.path("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        refused("a device or pipe", "convert", rondo.source(), "-o", pipe, "--config", rondo.config());
        Path model = rondo.languageModel();
        refused("a device or pipe", "run", model, "--function", "step", "--in", tokens(List.of(1), 1), "--out", pipe);
        assertFalse(Files.isRegularFile(pipe));
    }

    @Test
    void errorsNameTheOutputAndNoTemporaryFile() throws IOException {
        Path target = rondo.path("x".repeat(250) + ".rondo");
        refused(target + ": must", "convert", rondo.source(), "-o", target, "--config", rondo.config());
        Path model = rondo.languageModel();
        Path in = tokens(List.of(1), 1);
        refused(
                folder.resolve("missing") + ": must exist",
                "run",
                model,
                "--function",
                "step",
                "--in",
                in,
                "--out",
                folder.resolve("missing").resolve("out"));
    }

    @ParameterizedTest
    @CsvSource({
        "model.h5,   894844460d0a1a0a0000, HDF5 file",
        "model.pt,   504b0304140000000000, zip archive",
        "model.pt,   80027d71002e00000000, PyTorch file",
        "model.onnx, 08081207707974000000, model.onnx",
        "model.json, 7b22000000000000,     RTNeural file",
        "m.rondo,    524f4e444f0d0a1a0000, needs no conversion"
    })
    void brokenFilesOfEveryFormatAreNamed(String name, String bytes, String what) throws IOException {
        Path source = Files.write(rondo.path(name), HexFormat.of().parseHex(bytes));
        refused(what, "convert", source, "-o", rondo.path("new.rondo"));
        assertFalse(Files.exists(rondo.path("new.rondo")));
    }

    @Test
    void aConversionSaysOneThingOfAName() throws IOException {
        Path source = rondo.source();
        Path target = rondo.path("new.rondo");
        for (String option : List.of("--fix", "--context", "--shape")) {
            refused("[x=1, x=2]", "convert", source, "-o", target, option, "x=1", option, "x=2");
            refused("begins with a name", "convert", source, "-o", target, option, "=1");
        }
        String function = "a=" + source;
        refused("one thing", "convert", "-o", target, "--function", function, "--function", function);
        refused("names ONNX models", "convert", "-o", target, "--function", function, "--config", rondo.config());
        assertFalse(Files.exists(target));
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "-1"})
    void aToleranceIsFinite(String tolerance) throws IOException {
        for (String option : List.of("--atol", "--rtol")) {
            Path target = rondo.path("new.rondo");
            refused("is finite", "convert", rondo.source(), "-o", target, option, tolerance);
        }
    }

    @Test
    void anOptionIsNoFileOfArguments() throws IOException {
        Path model = rondo.languageModel();
        Path words = rondo.write("words", "--nonsense");
        refused("character", "generate", model, "--prompt", "@" + words);
    }

    @Test
    void dimensionsThatNothingHoldsAreRefused() throws IOException {
        Path model = rondo.languageModel();
        Path in = rondo.path("in.safetensors");
        String header = "{\"token\":{\"dtype\":\"I32\",\"shape\":[0,1099511627776],\"data_offsets\":[0,0]}}";
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        Files.write(
                in,
                ByteBuffer.allocate(8 + json.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(json.length)
                        .put(json)
                        .array());
        refused("below 2^31", "run", model, "--function", "step", "--in", in, "--out", rondo.path("out"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e-999999999", "1e-101", "0e-999999999", "NaN", "0,5", "-0.5", "1.5", ""})
    void sharesOfATextAreDecimalsOfAFewDigits(String share) throws IOException {
        Path data = rondo.write("data", "abcabc");
        refused("--first", "eval", rondo.languageModel(), "--data", data, "--first", share);
    }

    @Test
    void aTextLongerThanMemoryIsRefusedBeforeItIsRead() throws IOException {
        Path model = rondo.languageModel();
        Path data = rondo.path("huge");
        try (var file = new RandomAccessFile(data.toFile(), "rw")) {
            file.setLength(1L << 40);
        }
        refused("has at most", "eval", model, "--data", data);
    }

    @ParameterizedTest
    @ValueSource(strings = {"f64", "F16", "", "int4"})
    void dtypesAreThoseOfTheOption(String dtype) throws IOException {
        refused(
                "--dtype: must be one of [f32, f16, bf16, int8]",
                "convert",
                rondo.source(),
                "-o",
                rondo.path("new.rondo"),
                "--config",
                rondo.config(),
                "--dtype",
                dtype);
    }

    @Test
    void aLineShowsWhatCannotBeSeenAndHasAnEnd() {
        assertEquals(
                "a\\u001B[2J\\nb\\u202Ec\\u2028d\\uD800é😀",
                ErrorLine.onOneLine("a\u001b[2J\nb\u202ec\u2028d\ud800é😀"));
        String line = ErrorLine.onOneLine("subject: " + "😀, ".repeat(100_000) + "; remedy");
        assertTrue(line.length() < 4000, line.length() + " characters");
        assertTrue(line.startsWith("subject: 😀, ") && line.endsWith("😀, ; remedy"), line);
        assertFalse(line.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE), line);
    }

    @Test
    void tooLittleMemoryIsNoFaultOfRondo() {
        var err = new StringWriter();
        int code = ErrorLine.print(new OutOfMemoryError("Java heap space"), false, new PrintWriter(err));
        assertEquals(Main.BAD_INPUT, code);
        assertTrue(err.toString().startsWith("rondo: memory: must suffice; got Java heap space; "), err.toString());
        assertEquals(
                Main.BAD_INPUT, ErrorLine.print(new InputException("a", "b", "c", "d"), false, new PrintWriter(err)));
        assertEquals(Main.FAILURE, ErrorLine.print(new StackOverflowError(), false, new PrintWriter(err)));
    }
}
