package dev.rondo.tests.random;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.tests.golden.Safetensors;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.tests.session.ModelFile;
import dev.rondo.tests.session.Places;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The four models that the language was designed on run on the runtime as the interpreter says. */
class DesignModelsTest {
    private static final double CLOSE = 2e-5;

    private final Random random = new Random(2);

    private static ModelFile model(String name) throws IOException {
        return ModelFile.of(Files.readString(Places.root().resolve("docs/decisions/graphs/" + name + ".graph")));
    }

    private NdArray ints(int below, Integer... shape) {
        return NdArray.tabulate(ElementType.I32, List.of(shape), _ -> random.nextInt(below));
    }

    /** Calls a function on both; states come from the session, which another function may have filled. */
    private static Interpreter.Result agree(ModelFile file, Session session, String name, Map<String, NdArray> inputs) {
        Function function = file.function(name);
        Map<String, NdArray> states = new HashMap<>();
        Call call = session.call(name);
        function.states().forEach(s -> {
            Value state = s.value();
            if (state.type().element() == ElementType.F32) {
                List<Integer> shape = Interpreter.shape(state.type().dims(), session::size);
                states.put(state.name(), ModelFile.array(shape, session.state(state.name())));
            }
        });
        return agree(file, session, call, inputs, states);
    }

    private static Interpreter.Result agree(
            ModelFile file, Session session, Call call, Map<String, NdArray> inputs, Map<String, NdArray> states) {
        Function function = call.function();
        Interpreter.Result wanted = Interpreter.run(function, inputs, states, file.weights());
        inputs.forEach((name, value) -> ModelFile.fill(call.input(name), value));
        call.run();
        for (Value output : function.outputs()) {
            NdArray got = ModelFile.read(call.output(output.name()));
            assertClose(wanted.output(output.name()), got, CLOSE, function.name() + " " + output.name());
        }
        function.states().forEach(s -> {
            NdArray next = wanted.state(s.value().name());
            if (next.element() == ElementType.F32) {
                NdArray got =
                        ModelFile.array(next.shape(), session.state(s.value().name()));
                assertClose(next, got, CLOSE, function.name() + " state " + s.value());
            }
        });
        return wanted;
    }

    @ParameterizedTest
    @EnumSource
    void languageModel(Model.Kernel kernel) throws IOException {
        ModelFile file = model("language-model").randomWeights(11, 1);
        try (Model model = file.load()) {
            Session session = model.session(Capacity.of("B", 3).and("T", 7), kernel);
            var inputs = Map.of("tokens", ints(37, 3, 7), "lengths", NdArray.ints(7, 0, 4));
            NdArray layers = agree(file, session, "sequence", inputs).output("logits");
            agree(file, session, "step", Map.of("token", ints(37, 3)));
            session.reset();
            NdArray unfolded = agree(file, session, "unfolded", inputs).output("logits");
            // Where a row has ended a layer gives zero, and the output layer makes its bias of that.
            for (int t = 0; t < 4; t++) {
                for (int v = 0; v < 37; v++) {
                    assertEquals(unfolded.at(2, t, v), layers.at(2, t, v), 1e-12);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void attentionDecoder(Model.Kernel kernel) throws IOException {
        ModelFile file = model("attention-decoder").randomWeights(12, 1);
        try (Model model = file.load()) {
            Session session = model.session(Capacity.of("B", 2).and("S", 6).and("T", 5), kernel);
            NdArray source = ints(23, 2, 6);
            NdArray lengths = NdArray.ints(6, 3);
            agree(file, session, "encode", Map.of("source", source, "source_lengths", lengths));
            NdArray valid = NdArray.tabulate(ElementType.BOOL, List.of(2, 6), i -> i[1] < (i[0] == 0 ? 6 : 3) ? 1 : 0);
            for (int word = 0; word < 3; word++) {
                Call step = session.call("step");
                Map<String, NdArray> states = new HashMap<>(Map.of("valid", valid));
                states.put("memory", ModelFile.array(List.of(2, 6, 24), session.state("memory")));
                states.put("keys", ModelFile.array(List.of(2, 6, 14), session.state("keys")));
                states.put("h", ModelFile.array(List.of(2, 16), session.state("h")));
                Interpreter.Result result = agree(file, session, step, Map.of("token", ints(17, 2)), states);
                assertEquals(0, result.output("attention").at(1, 4), "attention beyond the source");
            }
            var forced = Map.of(
                    "source", source,
                    "source_lengths", lengths,
                    "previous", ints(17, 2, 5),
                    "target", ints(17, 2, 5),
                    "target_lengths", NdArray.ints(5, 2));
            double loss = agree(file, session, "loss", forced).output("loss").at();
            assertTrue(loss > 1 && loss < 10, "a loss around ln 17: " + loss);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tagger(Model.Kernel kernel) throws IOException {
        ModelFile file = model("tagger-crf");
        NdArray transitions = NdArray.tabulate(
                ElementType.F32, List.of(9, 9), i -> i[1] == 7 || i[0] == 8 ? -10000 : (float) random.nextGaussian());
        file.weight("crf.transitions", transitions);
        file.weight("crf.initial", NdArray.tabulate(ElementType.F32, List.of(9), i -> i[0] == 7 ? 0 : -10000));
        file.weight("crf.start", NdArray.ints(7));
        file.randomWeights(13, 2);
        try (Model model = file.load()) {
            Session session = model.session(Capacity.of("B", 3).and("T", 6), kernel);
            NdArray lengths = NdArray.ints(6, 1, 4);
            NdArray emission = agree(file, session, "emissions", Map.of("tokens", ints(41, 3, 6), "lengths", lengths))
                    .output("emission");
            NdArray rounded = emission.map(v -> (float) v);
            Interpreter.Result best = agree(file, session, "decode", Map.of("emission", rounded, "lengths", lengths));
            NdArray path = best.output("path");
            assertTrue(path.at(0, 3) < 7, "a real tag");
            var tags = Map.of("emission", rounded, "tags", path.as(ElementType.I32), "lengths", lengths);
            double loss = agree(file, session, "loss", tags).output("loss").at();
            assertTrue(loss > 0, "the best path is less likely than all paths together: " + loss);
        }
    }

    @ParameterizedTest
    @EnumSource
    void voiceActivity(Model.Kernel kernel) throws IOException {
        ModelFile file = model("voice-activity").randomWeights(14, 1);
        try (Model model = file.load()) {
            Session session = model.session(Capacity.of("T", 3), kernel);
            NdArray chunks = NdArray.random(random, 0.3, 1, 3, 512);
            agree(file, session, "recording", Map.of("chunks", chunks));
            agree(file, session, "step", Map.of("chunk", NdArray.random(random, 0.3, 1, 512)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void voiceActivityOnSpeech(Model.Kernel kernel) throws IOException {
        Path folder = Places.shared("fixtures/silero/vad_16k_op15");
        Assumptions.assumeTrue(Files.isDirectory(folder), "the Silero fixture of ../shared is absent");
        ModelFile file = model("voice-activity");
        Map<String, NdArray> source =
                Safetensors.read(Files.readAllBytes(folder.resolve("silero_vad_16k.safetensors")));
        source.forEach((name, value) -> {
            if (name.equals("lstm_cell.bias_ih")) {
                NdArray other = source.get("lstm_cell.bias_hh");
                file.weight("lstm_cell.bias", NdArray.tabulate(ElementType.F32, value.shape(), i ->
                        (float) (value.at(i) + other.at(i))));
            } else if (!name.equals("lstm_cell.bias_hh")) {
                file.weight(name, value.rank() == 3 ? channelsLast(value) : value);
            }
        });
        NdArray wanted = Safetensors.read(Files.readAllBytes(folder.resolve("io.safetensors")))
                .get("out.prob_safetensors");
        float[] audio = audio(folder.resolve("audio.wav"));
        try (Model model = file.load()) {
            Call step = model.session(Capacity.ONE, kernel).call("step");
            double most = 0;
            for (int i = 0; i < 40; i++) {
                for (int s = 0; s < 512; s++) {
                    step.input("chunk").set(s, audio[512 * i + s]);
                }
                step.run();
                double probability = step.output("probability").get(0);
                most = Math.max(most, probability);
                assertEquals(wanted.at(i), probability, 1e-4 + 1e-3 * wanted.at(i), "chunk " + i);
            }
            assertTrue(most > 0.5, "somebody speaks in the first chunks");
        }
    }

    private static NdArray channelsLast(NdArray weight) {
        List<Integer> shape = List.of(weight.size(0), weight.size(2), weight.size(1));
        return NdArray.tabulate(ElementType.F32, shape, i -> weight.at(i[0], i[2], i[1]));
    }

    /** 16-bit mono samples after the 44 bytes of a plain header. */
    private static float[] audio(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals("data", new String(bytes.array(), 36, 4, java.nio.charset.StandardCharsets.US_ASCII));
        var samples = new float[(bytes.capacity() - 44) / 2];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = bytes.getShort(44 + 2 * i) / 32768f;
        }
        return samples;
    }
}
