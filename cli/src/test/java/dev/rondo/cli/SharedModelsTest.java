package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsTensor;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Models and broken files of {@code ../shared}, as somebody at a terminal would convert and verify them. */
class SharedModelsTest {
    private static final Path FIXTURES = Path.of("../../shared/fixtures");
    private static final Path SILERO = FIXTURES.resolve("silero/vad_16k_op15");
    private static final int CHUNK = 512;
    private static final int WAV_HEADER = 44;

    @TempDir
    Path folder;

    private Fixture rondo;

    @BeforeEach
    void start() {
        Assumptions.assumeTrue(Files.isDirectory(FIXTURES), "needs the fixtures at ../shared");
        rondo = new Fixture(folder);
    }

    private void done(Object... args) {
        assertEquals(Main.DONE, rondo.run(args), () -> rondo.out + rondo.err);
    }

    /** Converts with reference vectors, then verifies what lies in the file. */
    private void converts(Object... args) {
        Path model = rondo.path("model.rondo");
        var all = new ArrayList<Object>(List.of("convert", "-o", model));
        all.addAll(List.of(args));
        done(all.toArray());
        assertTrue(rondo.out.contains("verified: "), rondo.out);
        done("verify", model);
    }

    /** Some tensors of a file under other names. */
    private Path io(Path from, Map<String, String> names) throws IOException {
        var writer = new SafetensorsWriter();
        try (SafetensorsFile file = SafetensorsFile.open(from)) {
            for (Map.Entry<String, String> name : names.entrySet()) {
                SafetensorsTensor tensor = file.tensors().get(name.getKey());
                writer.tensor(name.getValue(), tensor.dtype(), shape(tensor), bytes(tensor));
            }
        }
        Path to = rondo.path("io" + System.nanoTime() + ".safetensors");
        writer.write(to);
        return to;
    }

    private static byte[] bytes(SafetensorsTensor tensor) {
        return tensor.data().toArray(ValueLayout.JAVA_BYTE);
    }

    private static List<Integer> shape(SafetensorsTensor tensor) {
        return tensor.shape().stream().map(Math::toIntExact).toList();
    }

    /** The recording chunk by chunk, and the probabilities that go with it. */
    private Path voice(String input, List<Integer> inputShape, String output, String expected) throws IOException {
        ByteBuffer wav =
                ByteBuffer.wrap(Files.readAllBytes(SILERO.resolve("audio.wav"))).order(ByteOrder.LITTLE_ENDIAN);
        try (SafetensorsFile io = SafetensorsFile.open(SILERO.resolve("io.safetensors"))) {
            float[] probabilities = io.tensors().get(expected).toFloats();
            float[] samples = new float[probabilities.length * CHUNK];
            for (int i = 0; i < samples.length; i++) {
                samples[i] = wav.getShort(WAV_HEADER + 2 * i) / 32768f;
            }
            var shape = new ArrayList<Integer>(List.of(probabilities.length));
            shape.addAll(inputShape);
            Path to = rondo.path("voice.safetensors");
            new SafetensorsWriter()
                    .floats("in." + input, shape, samples)
                    .floats("out." + output, List.of(probabilities.length, 1, 1), probabilities)
                    .write(to);
            return to;
        }
    }

    @Test
    void sileroFromOnnx() throws IOException {
        converts(
                SILERO.resolve("silero_vad_16k_op15.onnx"),
                "--state",
                "state=stateN",
                "--context",
                "input=64",
                "--fix",
                "sr=16000",
                "--shape",
                "input=1,576",
                "--shape",
                "state=2,1,128",
                "--io",
                voice("input", List.of(1, CHUNK), "output", "out.prob"),
                "--atol",
                "2e-5",
                "--rtol",
                "0");
    }

    @Test
    void sileroFromSafetensors() throws IOException {
        converts(
                SILERO.resolve("silero_vad_16k.safetensors"),
                "--config",
                Path.of("../samples/configs/silero-vad.json"),
                "--io",
                voice("x", List.of(1, CHUNK, 1), "y", "out.prob_safetensors"),
                "--atol",
                "2e-5",
                "--rtol",
                "0");
    }

    @Test
    void anEncoderAndADecoderStepAreOneModel() throws IOException {
        Path cases = FIXTURES.resolve("onnx/bahdanau_encoder_decoder");
        Path given = cases.resolve("io.safetensors");
        Path encode = io(
                given,
                Map.of(
                        "in.ids",
                        "in.ids",
                        "in.lengths",
                        "in.lengths",
                        "out.memory",
                        "out.mem",
                        "out.init_state",
                        "out.state"));
        Path step = steps(given);
        converts(
                "--function",
                "encode=" + cases.resolve("encoder_packed_legacy17.onnx"),
                "--function",
                "step=" + cases.resolve("decoder_step_legacy17.onnx"),
                "--state",
                "state=init_state",
                "--state",
                "state=new_state",
                "--state",
                "mem=memory",
                "--io",
                "encode=" + encode,
                "--io",
                "step=" + step,
                "--atol",
                "1e-5",
                "--rtol",
                "1e-4");
        assertTrue(rondo.out.contains("2 case(s)"), rondo.out);
    }

    /** The decoder's values with steps before rows, as a function that is called step by step has them. */
    private Path steps(Path given) throws IOException {
        var writer = new SafetensorsWriter();
        try (SafetensorsFile file = SafetensorsFile.open(given)) {
            Map<String, SafetensorsTensor> io = file.tensors();
            int rows = 2;
            int steps = 6;
            long[] targets = io.get("in.tgt").toLongs();
            long[] mask = io.get("in.mask").toLongs();
            int places = mask.length / rows;
            long[] prev = new long[targets.length];
            long[] masks = new long[steps * mask.length];
            for (int t = 0; t < steps; t++) {
                for (int b = 0; b < rows; b++) {
                    prev[t * rows + b] = targets[b * steps + t];
                }
                System.arraycopy(mask, 0, masks, t * mask.length, mask.length);
            }
            writer.longs("in.prev", List.of(steps, rows), prev);
            writer.longs("in.mask", List.of(steps, rows, places), masks);
            writer.tensor(
                    "in.mem", io.get("out.memory").dtype(), shape(io.get("out.memory")), bytes(io.get("out.memory")));
            writer.tensor(
                    "in.state",
                    io.get("out.init_state").dtype(),
                    shape(io.get("out.init_state")),
                    bytes(io.get("out.init_state")));
            for (String name : List.of("logits", "attention")) {
                SafetensorsTensor tensor = io.get("out." + name);
                int n = shape(tensor).getLast();
                float[] from = tensor.toFloats();
                float[] to = new float[from.length];
                for (int t = 0; t < steps; t++) {
                    for (int b = 0; b < rows; b++) {
                        System.arraycopy(from, (b * steps + t) * n, to, (t * rows + b) * n, n);
                    }
                }
                writer.floats("out." + name, List.of(steps, rows, n), to);
            }
        }
        Path to = rondo.path("step.safetensors");
        writer.write(to);
        return to;
    }

    @Test
    void aRecurrentNetworkOfPytorchWithoutAConfiguration() throws IOException {
        Path given = FIXTURES.resolve("pytorch/gru_2layer_bidirectional");
        for (String file : List.of("model.pt", "model.safetensors")) {
            converts(
                    given.resolve(file),
                    "--io",
                    io(given.resolve("io.safetensors"), Map.of("in.x", "in.x", "out.y", "out.y", "out.h_n", "out.h_n")),
                    "--atol",
                    "1e-5",
                    "--rtol",
                    "1e-4");
        }
    }

    @TestFactory
    Stream<DynamicTest> kerasFiles() {
        Path given = FIXTURES.resolve("keras/gru_reset_after");
        return Stream.of("model.keras", "model.h5")
                .map(file -> DynamicTest.dynamicTest(file, () -> {
                    rondo = new Fixture(folder);
                    done("convert", given.resolve(file), "-o", rondo.path("plain.rondo"));
                    done("inspect", rondo.path("plain.rondo"), "--json");
                    JsonNode function = new ObjectMapper()
                            .readTree(rondo.out)
                            .get("functions")
                            .get(0);
                    String x = function.get("inputs").fieldNames().next();
                    String y = function.get("outputs").fieldNames().next();
                    String from = "in." + input(given);
                    converts(
                            given.resolve(file),
                            "--io",
                            io(
                                    given.resolve("io.safetensors"),
                                    Map.of(from, "in." + x, "out." + output(given), "out." + y)),
                            "--atol",
                            "1e-5",
                            "--rtol",
                            "1e-4");
                }));
    }

    private static String input(Path given) throws IOException {
        return json(given).get("inputs").fieldNames().next();
    }

    private static String output(Path given) throws IOException {
        return json(given).get("outputs").fieldNames().next();
    }

    private static JsonNode json(Path given) throws IOException {
        return new ObjectMapper().readTree(given.resolve("case.json").toFile());
    }

    @Test
    void anAudioNetworkOfRtneural() throws IOException {
        Path given = FIXTURES.resolve("rtneural/gru");
        converts(
                given.resolve("gru.json"), "--io", given.resolve("io.safetensors"), "--atol", "5e-6", "--rtol", "1e-4");
    }

    /** Broken and hostile files: one line, the exit code of bad input, nothing written or run, 256 MB of heap enough. */
    @TestFactory
    Stream<DynamicTest> badFiles() throws IOException {
        try (Stream<Path> cases = Files.list(FIXTURES.resolve("bad"))) {
            return cases.sorted().toList().stream()
                    .map(c -> DynamicTest.dynamicTest(c.getFileName().toString(), () -> refused(c)));
        }
    }

    private void refused(Path given) throws IOException, InterruptedException {
        JsonNode json = json(given);
        Path work = Files.createDirectory(folder.resolve(given.getFileName().toString()));
        Path errors = folder.resolve(given.getFileName() + ".err");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "convert",
                        given.resolve(json.get("model_files").get(0).asText())
                                .toAbsolutePath()
                                .toString(),
                        "-o",
                        work.resolve("out.rondo").toAbsolutePath().toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(errors.toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running");
        String text = Files.readString(errors);
        boolean allowed = json.get("must").asText().startsWith("either load");
        assertTrue(process.exitValue() == Main.BAD_INPUT || allowed && process.exitValue() == Main.NO, text);
        List<String> lines =
                text.lines().filter(line -> !line.startsWith("WARNING: ")).toList();
        assertTrue(lines.size() == 1 && lines.getFirst().startsWith("rondo: ") || allowed, text);
        List<String> words = new ArrayList<>();
        json.get("error_should_mention")
                .forEach(w -> words.addAll(Arrays.asList(w.asText().split(" "))));
        String lower = text.toLowerCase(Locale.ROOT);
        assertTrue(
                words.isEmpty() || words.stream().anyMatch(w -> lower.contains(w.toLowerCase(Locale.ROOT))),
                words + ": " + text);
        assertFalse(Files.exists(Path.of("/tmp/PWNED")));
        try (Stream<Path> left = Files.list(work)) {
            assertEquals(List.of(), left.toList());
        }
    }
}
