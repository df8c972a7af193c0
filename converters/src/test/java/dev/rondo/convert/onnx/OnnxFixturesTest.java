package dev.rondo.convert.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.convert.draft.GraphOptions;
import dev.rondo.error.RondoException;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.verify.FunctionRun;
import dev.rondo.verify.TensorFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Models that PyTorch exported, and Silero's, against what the source framework computed. */
class OnnxFixturesTest {
    private static final Path FIXTURES = Path.of("../../shared/fixtures");
    private static final Path SILERO = FIXTURES.resolve("silero/vad_16k_op15");
    private static final String BAHDANAU = "bahdanau_encoder_decoder";
    private static final int CHUNK = 512;

    @TempDir
    Path folder;

    private static void need(Path fixtures) {
        Assumptions.assumeTrue(Files.isDirectory(fixtures), "needs the fixtures at " + fixtures);
    }

    /** A case's tolerance. */
    private record Tolerance(double atol, double rtol) {
        static Tolerance of(JsonNode json) {
            return new Tolerance(
                    json.path("tolerance").path("atol").asDouble(),
                    json.path("tolerance").path("rtol").asDouble());
        }

        void check(String name, TensorData want, TensorData got) {
            assertEquals(want.shape(), got.shape(), name);
            for (int i = 0; i < want.elementCount(); i++) {
                check(name + " at " + i, want.value(i), got.value(i));
            }
        }

        void check(String name, double want, double got) {
            assertEquals(want, got, atol + rtol * Math.abs(want), name);
        }
    }

    @TestFactory
    Stream<DynamicTest> everyFileOfEveryCase() throws IOException {
        need(FIXTURES);
        var tests = new ArrayList<DynamicTest>();
        for (String family : List.of("onnx", "onnx-node")) {
            try (Stream<Path> cases = Files.list(FIXTURES.resolve(family))) {
                for (Path folder : cases.sorted().toList()) {
                    if (!folder.endsWith(BAHDANAU)) {
                        JsonNode json = new ObjectMapper()
                                .readTree(folder.resolve("case.json").toFile());
                        for (JsonNode file : json.get("model_files")) {
                            tests.add(DynamicTest.dynamicTest(
                                    folder.getFileName() + "/" + file.asText(),
                                    () -> runs(folder, file.asText(), json)));
                        }
                    }
                }
            }
        }
        return tests.stream();
    }

    private void runs(Path folder, String file, JsonNode json) throws IOException {
        Tolerance tolerance = Tolerance.of(json);
        Path out = this.folder.resolve(file + ".rondo");
        Conversion.convert(ConversionRequest.of(folder.resolve(file), out));
        var without = new TreeSet<String>();
        json.path("files").path(file).path("not_for_runs").forEach(s -> without.add(s.asText()));
        int runs = 0;
        try (Model model = Model.load(out)) {
            Function function = model.function(OnnxImport.RUN);
            TensorFile io = TensorFile.read(folder.resolve("io.safetensors"), function);
            for (String suffix : List.of("", "_b", "_c")) {
                var inputs = new LinkedHashMap<String, TensorData>();
                for (Value input : function.inputs()) {
                    TensorData data = io.inputs().get(input.name() + suffix);
                    if (data != null) {
                        inputs.put(input.name(), data);
                    }
                }
                if (inputs.size() < function.inputs().size() || without.contains(suffix)) {
                    continue;
                }
                FunctionRun run = FunctionRun.of(model, Model.Kernel.BEST, function.name(), false, inputs, Map.of());
                for (Value output : function.outputs()) {
                    tolerance.check(
                            output.name() + suffix,
                            io.outputs().get(output.name() + suffix),
                            run.outputs().get(output.name()));
                }
                runs++;
            }
        }
        assertTrue(runs > 0, "no values for " + file);
    }

    @TestFactory
    Stream<DynamicTest> encoderAndDecoderAreOneModel() throws IOException {
        Path cases = FIXTURES.resolve("onnx/" + BAHDANAU);
        need(cases);
        return Stream.of(
                        List.of("encoder_packed_legacy13", "decoder_step_legacy13"),
                        List.of("encoder_packed_legacy17", "decoder_step_legacy17"),
                        List.of("encoder_legacy13", "decoder_step_legacy17"),
                        List.of("encoder_legacy17", "decoder_step_legacy13"),
                        List.of("encoder_dynamo20", "decoder_step_dynamo20"))
                .map(pair -> DynamicTest.dynamicTest(pair.toString(), () -> decodes(cases, pair)));
    }

    /** The whole sequence of steps, states kept by the session; then the encoder files that take one sentence. */
    private void decodes(Path cases, List<String> pair) throws IOException {
        JsonNode json = new ObjectMapper().readTree(cases.resolve("case.json").toFile());
        Tolerance tolerance = Tolerance.of(json);
        var functions = new LinkedHashMap<String, Path>();
        functions.put("encode", cases.resolve(pair.get(0) + ".onnx"));
        functions.put("step", cases.resolve(pair.get(1) + ".onnx"));
        boolean fixed = pair.getFirst().contains("dynamo");
        boolean packed = pair.getFirst().contains("packed");
        var states = Map.of("state", List.of("init_state", "new_state"), "mem", List.of("memory"));
        Map<String, String> shapes = fixed ? Map.of("mem", "1,9,24") : Map.of();
        Path out = folder.resolve(pair.get(0) + pair.get(1) + ".rondo");
        Conversion.convert(
                ConversionRequest.of(functions, out).withGraph(new GraphOptions(states, Map.of(), Map.of(), shapes)));
        try (Model model = Model.load(out)) {
            Function step = model.function("step");
            assertEquals(
                    List.of("prev", "mask"),
                    step.inputs().stream().map(Value::name).toList());
            TensorFile io = TensorFile.read(cases.resolve("io.safetensors"), step);
            int rows = packed ? 2 : 1;
            Session session = model.session(
                    step.dimensionNames().isEmpty()
                            ? Capacity.ONE
                            : Capacity.of("B", rows).and("S", 9));
            Call encode = session.call("encode");
            TensorData ids = io.inputs().get(packed ? "ids" : "ids_single");
            for (int i = 0; i < ids.elementCount(); i++) {
                encode.input("ids").set(i, (long) ids.value(i));
            }
            if (packed) {
                for (int b = 0; b < rows; b++) {
                    encode.input("lengths")
                            .set(b, (long) io.inputs().get("lengths").value(b));
                }
            }
            encode.run();
            check(tolerance, io.outputs().get(packed ? "memory" : "memory_single"), session.state("mem"));
            check(tolerance, io.outputs().get(packed ? "init_state" : "init_state_single"), session.state("state"));
            Call call = session.call("step");
            for (int t = 0; t < 6; t++) {
                for (int b = 0; b < rows; b++) {
                    call.input("prev").set(b, (long) io.inputs().get("tgt").value(b * 6 + t));
                    for (int s = 0; s < 9; s++) {
                        call.input("mask")
                                .set(b * 9 + s, (long) io.inputs().get("mask").value(b * 9 + s));
                    }
                }
                call.run();
                compareStep(tolerance, io, session, call, rows, t);
            }
        }
    }

    private static void compareStep(Tolerance tolerance, TensorFile io, Session session, Call call, int rows, int t) {
        for (String name : List.of("logits", "attention", "states")) {
            TensorData want = io.outputs().get(name);
            int width = want.shape().get(2);
            float[] got = name.equals("states")
                    ? session.state("state")
                    : call.output(name).toFloats();
            for (int b = 0; b < rows; b++) {
                for (int i = 0; i < width; i++) {
                    tolerance.check(name + " of step " + t, want.value((b * 6 + t) * width + i), got[b * width + i]);
                }
            }
        }
    }

    private static void check(Tolerance tolerance, TensorData want, float... got) {
        assertEquals(want.elementCount(), got.length);
        for (int i = 0; i < got.length; i++) {
            tolerance.check("at " + i, want.value(i), got[i]);
        }
    }

    @Test
    void sileroHearsWhatItsReferenceHears() throws IOException {
        need(SILERO);
        Path out = folder.resolve("vad.rondo");
        Conversion.convert(ConversionRequest.of(SILERO.resolve("silero_vad_16k_op15.onnx"), out)
                .withGraph(new GraphOptions(
                        Map.of("state", List.of("stateN")),
                        Map.of("input", 64),
                        Map.of("sr", "16000", "sequence", "576"),
                        Map.of())));
        float[] audio = samples(SILERO.resolve("audio.wav"));
        try (Model model = Model.load(out)) {
            TensorFile io = TensorFile.read(SILERO.resolve("io.safetensors"), model.function("run"));
            TensorData want = io.outputs().get("prob");
            Session session = model.session();
            Call call = session.call("run");
            float[] chunk = new float[CHUNK];
            for (int i = 0; i < want.elementCount(); i++) {
                System.arraycopy(audio, i * CHUNK, chunk, 0, CHUNK);
                call.input("input").copyFrom(chunk);
                call.run();
                assertEquals(want.value(i), call.output("output").get(0), 2e-5, "chunk " + i);
            }
            TensorData last = io.outputs().get("final_state");
            float[] state = session.state("state");
            for (int i = 0; i < state.length; i++) {
                assertEquals(last.value(i), state[i], 1e-4, "state at " + i);
            }
        }
    }

    private static float[] samples(Path wav) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(wav)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(44);
        float[] samples = new float[bytes.remaining() / 2];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = bytes.getShort() / 32768f;
        }
        return samples;
    }

    @TestFactory
    Stream<DynamicTest> badFilesAreRefusedByName() throws IOException {
        Path bad = FIXTURES.resolve("bad");
        need(bad);
        try (Stream<Path> cases = Files.list(bad)) {
            return cases.filter(c -> c.getFileName().toString().startsWith("onnx_")).sorted().toList().stream()
                    .map(c -> DynamicTest.dynamicTest(c.getFileName().toString(), () -> refuses(c)));
        }
    }

    private void refuses(Path c) throws IOException {
        JsonNode json = new ObjectMapper().readTree(c.resolve("case.json").toFile());
        Path out = folder.resolve(c.getFileName() + ".rondo");
        RondoException error = Assertions.assertThrows(
                RondoException.class, () -> Conversion.convert(ConversionRequest.of(c.resolve("model.onnx"), out)));
        for (JsonNode word : json.get("error_should_mention")) {
            assertTrue(error.getMessage().contains(word.asText()), error.getMessage());
        }
        assertFalse(Files.exists(out));
    }
}
