package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.KernelChoice;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsTensor;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.format.RondoFileWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCommandsTest {
    private static final List<Integer> STEPS = List.of(4, 1);

    @TempDir
    Path folder;

    private Fixture rondo;

    @BeforeEach
    void start() {
        rondo = new Fixture(folder);
    }

    private void done(Object... args) {
        assertEquals(Main.DONE, rondo.run(args), () -> rondo.out + rondo.err);
    }

    private void bad(String part, Object... args) {
        assertEquals(Main.BAD_INPUT, rondo.run(args), () -> rondo.out + rondo.err);
        assertTrue(rondo.err.contains(part), rondo.err);
        assertEquals(1, rondo.err.lines().count(), rondo.err);
    }

    private float[] floats(Path file, String name) throws IOException {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return tensors.tensors().get(name).toFloats();
        }
    }

    private Path tokens(String name, long... ids) throws IOException {
        new SafetensorsWriter().longs("in.token", List.of(ids.length, 1), ids).write(rondo.path(name));
        return rondo.path(name);
    }

    @Test
    void inspectCountsParameters() throws IOException {
        done("inspect", rondo.perceptron(), "--json");
        JsonNode json = new ObjectMapper().readTree(rondo.out);
        assertEquals(26, json.get("parameters").asInt());
        assertEquals(4, json.get("tensors").size());
        assertEquals(
                "f32[B,3]", json.get("functions").get(0).get("inputs").get("x").asText());
        done("inspect", rondo.perceptron());
        assertTrue(rondo.out.lines().anyMatch(l -> l.matches("parameters +26")), rondo.out);
    }

    @Test
    void inspectShowsTextFunctionsAndTensors() throws IOException {
        Path model = rondo.languageModel();
        done("inspect", model);
        assertTrue(rondo.out.contains("characters, 7 tokens"), rondo.out);
        assertTrue(rondo.out.contains("function step(token: i32[B])"), rondo.out);
        assertTrue(rondo.out.contains("function sequence("), rondo.out);
        assertFalse(rondo.out.contains(" bytes\nembedding"), rondo.out);
        done("inspect", model, "--tensors");
        assertTrue(rondo.out.lines().anyMatch(l -> l.matches("embedding +f32 +rows +\\[7, 3] +84 bytes")), rondo.out);
        done("inspect", model, "--function", "step");
        assertTrue(rondo.out.startsWith("function step("), rondo.out);
        assertFalse(rondo.out.contains("sequence"), rondo.out);
        bad("function 'nope'", "inspect", model, "--function", "nope");
    }

    @Test
    void metadataCannotSteerTheTerminal() throws IOException {
        Path path = rondo.path("odd.rondo");
        new RondoFileWriter().metadata("source", "a\u001b[2J\nb").write(path);
        done("inspect", path);
        assertTrue(rondo.out.contains("a\\u001B[2J\\nb"), rondo.out);
    }

    @Test
    void runComputesAFunction() throws IOException {
        Path in = rondo.path("in.safetensors");
        new SafetensorsWriter().floats("x", List.of(2, 3), 1, 2, 3, 4, 5, 6).write(in);
        Path out = rondo.path("out.safetensors");
        done("run", rondo.perceptron(), "--in", in, "--out", out);
        try (SafetensorsFile tensors = SafetensorsFile.open(out)) {
            assertEquals(1, tensors.tensors().size());
            SafetensorsTensor y = tensors.tensors().values().iterator().next();
            assertTrue(y.name().startsWith("out."), y.name());
            assertEquals(List.of(2L, 2L), y.shape());
            // Hidden units are all σ(0) = ½.
            assertArrayEquals(new float[] {2.5f, 3, 2.5f, 3}, y.toFloats(), 1e-6f);
        }
    }

    @Test
    void runCarriesStatesFromStepToStepAndFileToFile() throws IOException {
        Path model = rondo.languageModel();
        Path all = rondo.path("all.safetensors");
        done("run", model, "--function", "step", "--steps", "--in", tokens("in", 2, 3, 4, 0), "--out", all);
        assertTrue(rondo.out.contains("out.logits f32 [4, 1, 7]"), rondo.out);
        assertTrue(rondo.out.contains("out.state.h0 f32 [1, 5]"), rondo.out);

        Path first = rondo.path("first.safetensors");
        done("run", model, "--function", "step", "--steps", "--in", tokens("in1", 2, 3), "--out", first);
        Path in2 = rondo.path("in2");
        new SafetensorsWriter()
                .longs("token", List.of(2, 1), 4, 0)
                .floats("state.h0", List.of(1, 5), floats(first, "out.state.h0"))
                .write(in2);
        Path rest = rondo.path("rest.safetensors");
        done("run", model, "--function", "step", "--steps", "--in", in2, "--out", rest);
        float[] whole = floats(all, "out.logits");
        float[] tail = floats(rest, "out.logits");
        assertArrayEquals(Arrays.copyOfRange(whole, 14, 28), tail);
        assertArrayEquals(floats(all, "out.state.h0"), floats(rest, "out.state.h0"));

        Path sequence = rondo.path("seq.safetensors");
        new SafetensorsWriter()
                .longs("tokens", List.of(1, 4), 2, 3, 4, 0)
                .longs("lengths", List.of(1), 4)
                .write(in2);
        done("run", model, "--function", "sequence", "--in", in2, "--out", sequence);
        assertArrayEquals(whole, floats(sequence, "out.logits"), 1e-5f);
    }

    @Test
    void runNamesWhatDoesNotFit() throws IOException {
        Path model = rondo.languageModel();
        Path in = tokens("in", 2, 3);
        Path out = rondo.path("out");
        bad("--function", "run", model, "--in", in, "--out", out);
        bad("another file", "run", model, "--function", "step", "--in", in, "--out", in);
        bad("rank", "run", model, "--function", "step", "--in", in, "--out", out);
        bad("must be an existing file", "run", model, "--function", "step", "--in", rondo.path("none"), "--out", out);
        bad("header", "run", model, "--function", "step", "--in", rondo.write("junk", "nothing"), "--out", out);
        bad("token", "run", model, "--function", "step", "--steps", "--in", tokens("bad", 2, 99), "--out", out);
        bad("'Q'", "run", model, "--function", "step", "--steps", "--in", in, "--out", out, "--size", "Q=1");
        assertFalse(Files.exists(out));
    }

    /** What the model computes, as reference vectors of the converter. */
    private Path vectors(Path model, float shift) throws IOException {
        Path out = rondo.path("computed");
        done("run", model, "--function", "step", "--steps", "--in", tokens("in", 2, 3, 4, 0), "--out", out);
        float[] logits = floats(out, "out.logits");
        logits[5] += shift;
        Path io = rondo.path("io" + shift);
        new SafetensorsWriter()
                .longs("in.token", STEPS, 2, 3, 4, 0)
                .floats("out.logits", List.of(4, 1, Fixture.VOCABULARY), logits)
                .floats("out.state.h0", List.of(1, 5), floats(out, "out.state.h0"))
                .write(io);
        return io;
    }

    @Test
    void verifyAnswersYesOrNo() throws IOException {
        Path model = rondo.languageModel();
        Path right = vectors(model, 0);
        done("verify", model, "--function", "step", "--io", right);
        assertTrue(rondo.out.contains("verified: 1 case(s), 2 output(s)"), rondo.out);
        done("verify", model, "--function", "step", "--io", right, "--plain", "--atol", "1e-5", "--rtol", "0");
        Path wrong = vectors(model, 0.25f);
        assertEquals(Main.NO, rondo.run("verify", model, "--function", "step", "--io", wrong, "--json"));
        JsonNode json = new ObjectMapper().readTree(rondo.out);
        assertFalse(json.get("verified").asBoolean());
        JsonNode logits = json.get("cases").get(0).get("outputs").get(0);
        assertEquals("logits", logits.get("name").asText());
        assertEquals(0.25, logits.get("absolute").asDouble(), 1e-5);
        assertEquals(Main.NO, rondo.run("verify", model, "--function", "step", "--io", wrong));
        assertTrue(rondo.out.contains("output logits: worst error 0.250 absolute"), rondo.out);
        assertTrue(rondo.out.contains("element 5"), rondo.out);
        done("verify", model, "--function", "step", "--io", wrong, "--atol", "0.26");
        assertEquals(Main.NO, rondo.run("verify", model));
        assertTrue(rondo.out.contains("no reference vectors"), rondo.out);
        bad("function 'nope'", "verify", model, "--function", "nope");
    }

    /** Reference vectors under the converter's own names. */
    private Path reference(float shift) throws IOException {
        Path io = vectors(rondo.languageModel(), shift);
        Path named = rondo.path("reference" + shift);
        new SafetensorsWriter()
                .longs("in.token", STEPS, 2, 3, 4, 0)
                .floats("out.logits", List.of(4, 1, Fixture.VOCABULARY), floats(io, "out.logits"))
                .write(named);
        Files.writeString(
                rondo.config(),
                Files.readString(rondo.path("config.json"))
                        .replace("\"cell\"", "\"reference\": {\"axes\": \"TB\"}, \"cell\""));
        return named;
    }

    @Test
    void convertVerifiesBeforeTheFileTakesItsPlace() throws IOException {
        Path io = reference(0);
        Path target = rondo.path("new.rondo");
        done("convert", rondo.source(), "-o", target, "--config", rondo.path("config.json"), "--io", io);
        assertTrue(rondo.out.contains("verified: 1 case(s)"), rondo.out);
        assertTrue(rondo.out.contains("cell: elman"), rondo.out);
        done("verify", target);
        Files.delete(target);

        io = reference(0.5f);
        assertEquals(
                Main.NO,
                rondo.run("convert", rondo.source(), "-o", target, "--config", rondo.path("config.json"), "--io", io),
                () -> rondo.err);
        assertTrue(rondo.out.contains("OVER"), rondo.out);
        assertTrue(rondo.err.contains("was not written"), rondo.err);
        assertFalse(Files.exists(target));
        try (var files = Files.list(folder)) {
            assertEquals(0, files.filter(f -> f.toString().endsWith(".tmp")).count());
        }

        // A file that was there before stays as it was.
        Files.writeString(target, "before");
        rondo.run("convert", rondo.source(), "-o", target, "--config", rondo.path("config.json"), "--io", io);
        assertEquals("before", Files.readString(target));
    }

    @Test
    void convertSaysWhatItChoseAndWhetherItIsVerified() throws IOException {
        Path target = rondo.path("new.rondo");
        done("convert", rondo.source(), "-o", target, "--config", rondo.config(), "--dtype", "bf16");
        assertTrue(rondo.out.contains("unverified"), rondo.out);
        assertTrue(rondo.out.contains("tensor layer0.weight_hidden: bf16"), rondo.out);
        assertTrue(rondo.out.contains("error up to"), rondo.out);
        assertTrue(rondo.out.contains("wrote " + target), rondo.out);
        done("generate", target, "--prompt", "ab", "--length", 5);
    }

    @Test
    void convertNamesWhatIsWrong() throws IOException {
        Path source = rondo.source();
        Path config = rondo.config();
        Path target = rondo.path("new.rondo");
        bad("another file", "convert", source, "-o", source, "--config", config);
        bad("another file", "convert", source, "-o", config, "--config", config);
        bad("folder", "convert", source, "-o", rondo.path("none").resolve("x.rondo"), "--config", config);
        bad("folder", "convert", source, "-o", folder, "--config", config);
        bad("must be one of", "convert", source, "-o", target, "--config", config, "--dtype", "f8");
        bad("takes no other arguments; got ", "convert", source, source, "-o", target, "--config", config);
        bad("both", "convert", source, "--function", "f=" + source, "-o", target, "--config", config);
        bad("neither", "convert", "-o", target, "--config", config);
        bad("are for ONNX models", "convert", source, "-o", target, "--config", config, "--fix", "sr=1");
        bad("is INPUT=OUTPUT", "convert", source, "-o", target, "--config", config, "--state", "h");
        bad("must be an existing file", "convert", rondo.path("none"), "-o", target, "--config", config);
        bad("none", "convert", source, "-o", target, "--config", rondo.path("none"));
        bad(
                "decoder.bias",
                "convert",
                source,
                "-o",
                target,
                "--config",
                rondo.write("c.json", Files.readString(config).replace(", \"bias\": \"decoder.bias\"", "")));
        assertFalse(Files.exists(target));
        done("convert", source, "-o", target, "--allow-unused", "decoder.*", "--config", rondo.path("c.json"));
        assertTrue(rondo.out.contains("unused, as allowed: decoder.bias"), rondo.out);
        done("convert", source, "-o", target, "--config", config, "--dtype", "int8", "--keep", "output*=bf16");
        assertTrue(rondo.out.contains("tensor output.weight: bf16"), rondo.out);
        assertTrue(rondo.out.contains("tensor layer0.weight_hidden: int8"), rondo.out);
        bad(
                "--keep output*: must be one of",
                "convert",
                source,
                "-o",
                target,
                "--config",
                config,
                "--keep",
                "output*=f8");
    }

    @Test
    void benchMeasures() throws IOException {
        Path model = rondo.languageModel();
        done("bench", model, "--seconds", "0.1", "--json");
        JsonNode json = new ObjectMapper().readTree(rondo.out);
        assertEquals("step", json.get("function").asText());
        assertEquals(1, json.get("sizes").get("B").asInt());
        checkPerformance(json);
        assertEquals("", rondo.err);
    }

    @Test
    void benchWaitsForAWarmingSession() throws IOException {
        Path model = rondo.languageModel();
        done("bench", model, "--kernel", "warming", "--touch", "--seconds", "0.1", "--json");
        JsonNode json = new ObjectMapper().readTree(rondo.out);
        assertTrue(json.get("kernels").asText().startsWith(KernelChoice.best().name()), rondo.out);
        checkPerformance(json);
    }

    /** What holds for any measurement. */
    private void checkPerformance(JsonNode json) {
        double[] rising = Stream.of("p50_us", "p90_us", "p99_us", "p999_us", "max_us")
                .mapToDouble(name -> json.get(name).asDouble())
                .toArray();
        assertTrue(rising[0] > 0, rondo.out);
        assertArrayEquals(Arrays.stream(rising).sorted().toArray(), rising, rondo.out);
        double parts = json.get("first_step_open_ms").asDouble()
                + json.get("first_step_prepare_ms").asDouble()
                + json.get("first_step_run_ms").asDouble();
        assertEquals(parts, json.get("first_step_ms").asDouble(), 1e-6);
        assertTrue(json.get("first_step_since_jvm_start_ms").asDouble() >= parts - 1, rondo.out);
        assertTrue(json.get("peak_ms").isNull() || json.get("peak_ms").asDouble() > 0, rondo.out);
        assertTrue(json.get("steps").asInt() > 0 && json.get("bytes_per_step").asLong() >= 0, rondo.out);
        assertEquals(
                json.get("kernels").asText().startsWith("plain"),
                json.get("gain_over_plain").isNull(),
                rondo.out);
        assertTrue(
                json.get("gain_over_plain").isNull() || json.get("plain_p50_us").asDouble() > 0, rondo.out);
    }

    @Test
    void benchPrintsSizesKernelsAndFigures() throws IOException {
        Path model = rondo.languageModel();
        done("bench", model, "--function", "sequence", "--size", "T=9", "--size", "B=2", "--seconds", "0.1", "--plain");
        for (String line : List.of(
                "function +sequence \\(--function: step.*",
                "sizes +B=2, T=9",
                "kernels +plain.*",
                "time to first step +[0-9.,]+ ms .*",
                " +[0-9.,]+ ms  from the start of the JVM",
                "time to peak +.*",
                "latency of a step +[0-9.,]+ us  p50, half of [0-9,]+ steps",
                " +[0-9.,]+ us  p99.9",
                " +[0-9.,]+ us  max",
                "allocation +[0-9,]+ +bytes a step.*",
                "gain over plain +none .*")) {
            assertTrue(rondo.out.lines().anyMatch(l -> l.matches(line)), () -> line + " in " + rondo.out);
        }
        assertTrue(rondo.out.lines().noneMatch(l -> l.endsWith(" ") || l.length() > 100), rondo.out);
    }

    @Test
    void benchCountsStepsAndWritesTheirHistogram() throws IOException {
        Path model = rondo.languageModel();
        Path histogram = rondo.write("latency.hgrm", "before");
        done(
                "bench",
                model,
                "--steps",
                37,
                "--seconds",
                "0.1",
                "--kernel",
                "plain",
                "--histogram",
                histogram,
                "--json");
        JsonNode json = new ObjectMapper().readTree(rondo.out);
        assertEquals(37, json.get("steps").asInt());
        String text = Files.readString(histogram);
        assertTrue(text.stripLeading().startsWith("Value"), text);
        assertTrue(text.matches("(?s).*#\\[Max .* Total count *= *37]\n.*"), text);
        // In microseconds.
        double max = Double.parseDouble(text.replaceFirst("(?s).*#\\[Max *= *([0-9.]+).*", "$1"));
        assertEquals(json.get("max_us").asDouble(), max, 1e-3 * max);
        try (var files = Files.list(folder)) {
            assertEquals(0, files.filter(f -> f.toString().endsWith(".tmp")).count());
        }
    }

    @Test
    void benchNamesWhatIsWrong() throws IOException {
        Path model = rondo.languageModel();
        bad("'Q'", "bench", model, "--size", "Q=2");
        bad("function 'nope'", "bench", model, "--function", "nope");
        bad("--steps: is at least 1; got 0", "bench", model, "--steps", 0);
        bad("--kernel: must be one of", "bench", model, "--kernel", "fast");
        bad("exclude each other", "bench", model, "--kernel", "best", "--plain");
        bad("another file", "bench", model, "--histogram", model);
        bad("folder", "bench", model, "--histogram", rondo.path("none").resolve("x.hgrm"));
    }

    @Test
    void doctorSaysWhichKernelsRun() throws IOException {
        int code = rondo.run("doctor", "--seconds", "0.1", "--json");
        JsonNode json = new ObjectMapper().readTree(rondo.out);
        KernelChoice best = KernelChoice.best();
        boolean fast = json.get("fast").asBoolean();
        assertEquals(fast ? Main.DONE : Main.NO, code, rondo.err);
        // On a very busy machine the JVM may not have compiled them yet.
        boolean compiled = json.get("lstm_256").get("bytes_per_step").asLong() < 1_000;
        assertEquals(!best.isPlain() && compiled, fast, rondo.out);
        assertEquals(best.name(), json.get("kernels").asText());
        assertEquals(Runtime.version().toString(), json.get("java").asText());
        assertTrue(json.get("mapping_works").asBoolean());
        checkPerformance(json.get("lstm_256"));
        rondo.run("doctor", "--seconds", "0.05");
        assertTrue(rondo.out.contains(best.reason()), rondo.out);
        assertTrue(rondo.out.lines().anyMatch(l -> l.matches("mapped memory +works.*")), rondo.out);
        assertTrue(rondo.out.lines().anyMatch(l -> l.matches("latency of a step +.* us .*")), rondo.out);
        assertTrue(rondo.out.lines().anyMatch(l -> l.startsWith("verdict ")), rondo.out);
    }
}
