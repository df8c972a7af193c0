package dev.rondo.tests.golden;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.tests.Engine;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every engine computes what PyTorch, Keras and ONNX computed. */
class GoldenTest {
    private static final List<String> RECURRENT = List.of(
            "rnn_tanh",
            "rnn_relu_2layer",
            "lstm_1layer",
            "lstm_1layer_float16",
            "lstm_1layer_bfloat16",
            "lstm_2layer_bidirectional",
            "lstm_proj",
            "gru_1layer",
            "gru_2layer_bidirectional");

    static Stream<Arguments> recurrentCases() {
        return Engine.all().stream().flatMap(e -> RECURRENT.stream().map(c -> Arguments.of(e, c)));
    }

    static Stream<Arguments> nodeCases() {
        return Engine.all().stream()
                .flatMap(e -> Stream.of(
                        Arguments.of(e, "test_simple_rnn_defaults", "RNN"),
                        Arguments.of(e, "test_rnn_seq_length", "RNN"),
                        Arguments.of(e, "test_lstm_defaults", "LSTM"),
                        Arguments.of(e, "test_lstm_bidirectional", "LSTM"),
                        Arguments.of(e, "test_gru_defaults", "GRU")));
    }

    static List<Engine> engines() {
        return Engine.all();
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("recurrentCases")
    void sequencesFromZeroState(Engine engine, String name) {
        GoldenCase golden = GoldenCase.load("pytorch", name);
        recurrent(engine, golden, "", Map.of(), false);
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("recurrentCases")
    void sequencesFromGivenState(Engine engine, String name) {
        GoldenCase golden = GoldenCase.load("pytorch", name);
        Map<String, NdArray> states = new HashMap<>();
        List<String> suffixes = GoldenModels.suffixes(golden);
        for (String state : List.of("h", "c")) {
            NdArray stacked = golden.input(state + "0");
            for (int i = 0; stacked != null && i < suffixes.size(); i++) {
                NdArray one = NdArray.f32(stacked.shape().subList(1, 3), stacked.row(i));
                states.put(state + suffixes.get(i), one);
            }
        }
        recurrent(engine, golden, "_s", states, false);
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("recurrentCases")
    void sequencesOfDifferentLengths(Engine engine, String name) {
        GoldenCase golden = GoldenCase.load("pytorch", name);
        boolean packed = List.of("lstm_1layer", "lstm_2layer_bidirectional", "gru_2layer_bidirectional")
                .contains(name);
        assertEquals(packed, golden.inputs().containsKey("lengths"), "whether the case has lengths");
        // Cases without lengths run with all rows as long as the sequence, which changes nothing.
        recurrent(engine, golden, packed ? "_packed" : "", Map.of(), true);
    }

    /** Runs a case; {@code suffix} says which of its expected outputs are meant. */
    private static void recurrent(
            Engine engine, GoldenCase golden, String suffix, Map<String, NdArray> states, boolean lengths) {
        boolean batchFirst = golden.flag("batch_first");
        NdArray x = batchFirst ? golden.input("x") : golden.input("x").swapFirstAxes();
        Map<String, NdArray> inputs = new HashMap<>(Map.of("x", x));
        if (lengths) {
            NdArray all = NdArray.ints(
                    IntStream.range(0, x.size(0)).map(b -> x.size(1)).toArray());
            inputs.put("lengths", golden.inputs().getOrDefault("lengths", all).as(ElementType.I32));
        }
        Function function = GoldenModels.recurrent(golden, lengths);
        Interpreter.Result result = engine.run(function, inputs, states, golden.weights());
        NdArray y = result.output(function.outputs().getFirst().name());
        compare(golden, "y" + suffix, batchFirst ? y : y.swapFirstAxes());
        List<String> suffixes = GoldenModels.suffixes(golden);
        for (String state : List.of("h", "c")) {
            NdArray expected = golden.output(state + "_n" + suffix);
            if (expected != null) {
                compare(golden, state + "_n" + suffix, stack(result, state, suffixes, expected.shape()));
            }
        }
    }

    private static NdArray stack(Interpreter.Result result, String state, List<String> suffixes, List<Integer> shape) {
        List<NdArray> parts = new ArrayList<>();
        suffixes.forEach(s -> parts.add(result.state(state + s)));
        return NdArray.tabulate(ElementType.F32, shape, i -> parts.get(i[0]).at(i[1], i[2]));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void languageModelScoresEveryNextToken(Engine engine) {
        GoldenCase golden = GoldenCase.load("pytorch", "lm");
        Interpreter.Result result = engine.run(GoldenModels.languageModel(golden), golden.inputs(), golden.weights());
        for (String output : List.of("logits", "token_log_prob", "sequence_log_prob", "perplexity")) {
            compare(golden, output, result.output(output));
        }
        NdArray scores = result.output("token_log_prob");
        double corpus = Math.exp(-Arrays.stream(scores.values()).average().orElseThrow());
        compare(golden, "corpus_perplexity", NdArray.f32(List.of(), corpus));
        NdArray logits = result.output("logits");
        for (int b = 0; b < logits.size(0); b++) {
            double[] last = logits.along(-1, b, logits.size(1) - 1, 0);
            int[] best = IntStream.range(0, last.length)
                    .boxed()
                    .sorted((i, j) -> Double.compare(last[j], last[i]))
                    .limit(5)
                    .mapToInt(i -> i)
                    .toArray();
            double sum = Arrays.stream(last).map(Math::exp).sum();
            for (int k = 0; k < best.length; k++) {
                assertEquals(golden.output("next_top5_ids").at(b, k), best[k], "rank " + k + " of row " + b);
                double p = Math.exp(last[best[k]]) / sum;
                assertEquals(golden.output("next_top5_prob").at(b, k), p, 1e-5);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void taggerTagsEveryValidToken(Engine engine) {
        GoldenCase golden = GoldenCase.load("pytorch", "tagger");
        Interpreter.Result result = engine.run(GoldenModels.tagger(golden), ids(golden), golden.weights());
        compare(golden, "logits", result.output("logits"));
        NdArray lengths = golden.input("lengths");
        NdArray tags = result.output("tags");
        compare(
                golden,
                "tags",
                NdArray.tabulate(ElementType.I64, tags.shape(), i -> i[1] < lengths.at(i[0]) ? tags.at(i) : -1));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void classifierPoolsValidStepsOnly(Engine engine) {
        GoldenCase golden = GoldenCase.load("pytorch", "classifier");
        Interpreter.Result result = engine.run(GoldenModels.classifier(golden), ids(golden), golden.weights());
        for (String output : golden.outputs().keySet()) {
            compare(golden, output, result.output(output));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void gruWithResetBeforeTheProductAsKerasHasIt(Engine engine) {
        GoldenCase golden = GoldenCase.load("keras", "gru_reset_before");
        Interpreter.Result result = engine.run(GoldenModels.kerasGru(golden), golden.inputs(), golden.weights());
        compare(golden, "y", result.output("y"));
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("nodeCases")
    void onnxNodes(Engine engine, String name, String kind) {
        GoldenCase golden = GoldenCase.load("onnx-node", name);
        Map<String, NdArray> weights = new HashMap<>(golden.inputs());
        NdArray x = weights.remove("X");
        Interpreter.Result result = engine.run(GoldenModels.onnx(golden, kind), Map.of("X", x), weights);
        assertTrue(golden.outputs().containsKey("Y_h"));
        golden.outputs().keySet().forEach(output -> compare(golden, output, result.output(output)));
    }

    /** The comparison can fail: a weight off by a little is seen. */
    @Test
    void aWrongWeightIsSeen() {
        GoldenCase golden = GoldenCase.load("pytorch", "gru_1layer");
        Map<String, NdArray> weights = new HashMap<>(golden.weights());
        weights.computeIfPresent("weight_hh_l0", (n, w) -> w.map(v -> v * 1.01));
        NdArray x = golden.input("x").swapFirstAxes();
        Function function = GoldenModels.recurrent(golden, false);
        NdArray y = Interpreter.run(function, Map.of("x", x), Map.of(), weights)
                .output(function.outputs().getFirst().name())
                .swapFirstAxes();
        assertThrows(AssertionError.class, () -> compare(golden, "y", y));
    }

    private static Map<String, NdArray> ids(GoldenCase golden) {
        return Map.of(
                "ids", golden.input("ids"), "lengths", golden.input("lengths").as(ElementType.I32));
    }

    private static void compare(GoldenCase golden, String output, NdArray actual) {
        assertClose(golden.output(output), actual, golden.atol(), golden.rtol(), golden + " " + output);
    }
}
