package dev.rondo.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.convert.ConversionRequest.Tolerance;
import dev.rondo.error.RondoException;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Function;
import dev.rondo.verify.FunctionRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plain lists of layers: what PyTorch computes with them, rows of different lengths, steps, and configurations that are wrong. */
class LayerStackTest {
    private static final Tolerance TOLERANCE = new Tolerance(1e-5, 1e-4);
    private static final String SAME = """
        {"architecture": "layers", "layers": [
          {"type": "conv1d", "prefix": "conv", "padding": "same", "dilation": 3, "groups": 2},
          {"type": "batch_norm", "prefix": "bn", "epsilon": 1e-3},
          {"type": "prelu", "prefix": "slope"},
          {"type": "dropout", "p": 0.5},
          {"type": "recurrent", "cell": "gru", "reset_after": true, "prefix": "rnn", "bidirectional": true},
          {"type": "layer_norm", "prefix": "norm"},
          {"type": "linear", "prefix": "out"},
          {"type": "log_softmax"}]}
        """;
    private static final String STRIDED = """
        {"architecture": "layers", "layers": [
          {"type": "conv1d", "weight": "conv.weight", "bias": "conv.bias", "padding": 1, "stride": 2, "groups": 1},
          {"type": "prelu", "weight": "slope.weight"},
          {"type": "recurrent", "cell": "lstm", "layers": [
            {"weight_input": "rnn.weight_ih_l0", "weight_hidden": "rnn.weight_hh_l0",
             "bias": ["rnn.bias_ih_l0", "rnn.bias_hh_l0"]}]},
          {"type": "pool", "over": ["mean", "max", "last"]},
          {"type": "linear", "weight": "out.weight"},
          {"type": "softmax"}]}
        """;
    private static final String CAUSAL = """
        {"architecture": "layers", "layers": [
          {"type": "embedding", "prefix": "emb"},
          {"type": "conv1d", "prefix": "conv", "padding": "causal", "dilation": 2},
          {"type": "activation", "function": "gelu"},
          {"type": "recurrent", "cell": "elman", "activation": "tanh", "prefix": "rnn"},
          {"type": "linear", "prefix": "out"}],
         "reference": {"inputs": {"ids": "NAME"}, "axes": "BT"}}
        """;

    @TempDir
    Path folder;

    @Test
    void samePadding() throws IOException {
        convert("stack_same", SAME, true);
        PytorchCases.verify(out());
    }

    @Test
    void stridesAndPooling() throws IOException {
        convert("stack_strided", STRIDED, true);
        PytorchCases.verify(out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokens", "token"})
    void causal(String name) throws IOException {
        ConversionReport report = convert("stack_causal", CAUSAL.replace("NAME", name), true);
        assertEquals(List.of(name.equals("token") ? "step" : "sequence"), report.references());
        PytorchCases.verify(out());
    }

    /** Padding of a batch, whatever stands in it, changes nothing: each row gives what it gives alone. */
    @ParameterizedTest
    @CsvSource({"stack_same, 4, 11", "stack_strided, 3, 12"})
    void rowsOfDifferentLengths(String name, int inputs, int steps) throws IOException {
        convert(name, name.equals("stack_same") ? SAME : STRIDED, false);
        var random = new SplittableRandom(5);
        float[] x = new float[2 * steps * inputs];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextDouble(-1, 1);
        }
        int shorter = 7;
        Arrays.fill(x, (steps + shorter) * inputs, x.length, Float.NaN);
        float[] alone = Arrays.copyOfRange(x, steps * inputs, (steps + shorter) * inputs);
        try (Model model = Model.load(out())) {
            TensorData both = run(model, List.of(2, steps, inputs), x, steps, shorter);
            TensorData row = run(model, List.of(1, shorter, inputs), alone, shorter);
            int from = both.elementCount() / 2;
            int count = name.equals("stack_same") ? shorter * 3 : row.elementCount();
            for (int i = 0; i < count; i++) {
                assertEquals(row.value(i), both.value(from + i), 1e-6, "element " + i);
            }
            for (int i = 0; i < from; i++) {
                assertTrue(Double.isFinite(both.value(i)));
            }
        }
    }

    private static TensorData run(Model model, List<Integer> shape, float[] x, int... lengths) {
        return FunctionRun.of(
                        model,
                        Model.Kernel.PLAIN,
                        "sequence",
                        false,
                        Map.of(
                                "x",
                                TensorData.ofFloats(shape, x),
                                "lengths",
                                TensorData.ofInts(List.of(lengths.length), lengths)),
                        Map.of())
                .outputs()
                .get("y");
    }

    /** Two causal layers: a sequence in two calls is the sequence in one, and in steps. */
    @Test
    void pastIsState() throws IOException {
        new TinySource(3)
                .with("a.weight", 3, 2, 3)
                .with("a.bias", 3)
                .with("b.weight", 2, 3, 2)
                .write(folder.resolve("in.safetensors"));
        Path config = Files.writeString(folder.resolve("config.json"), """
            {"architecture": "layers", "layers": [
              {"type": "conv1d", "prefix": "a", "padding": "causal", "groups": 1}, {"type": "activation", "function": "relu"},
              {"type": "conv1d", "prefix": "b", "padding": "causal", "dilation": 2}]}
            """);
        ConversionReport report = Conversion.convert(
                ConversionRequest.of(folder.resolve("in.safetensors"), out()).withConfig(config));
        Function sequence = report.functions().getFirst();
        assertTrue(sequence.input("lengths").isEmpty(), "rows run together");
        assertEquals(2, sequence.states().size());
        var random = new SplittableRandom(6);
        float[] x = new float[2 * 9 * 2];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextDouble(-1, 1);
        }
        try (Model model = Model.load(out())) {
            TensorData whole = call(model, "sequence", List.of(1, 18, 2), x, Map.of())
                    .outputs()
                    .get("y");
            TensorData steps = FunctionRun.of(
                            model,
                            Model.Kernel.PLAIN,
                            "step",
                            true,
                            Map.of("x", TensorData.ofFloats(List.of(18, 1, 2), x)),
                            Map.of())
                    .outputs()
                    .get("y");
            FunctionRun first = call(model, "sequence", List.of(1, 1, 2), Arrays.copyOf(x, 2), Map.of());
            TensorData rest = call(model, "sequence", List.of(1, 17, 2), Arrays.copyOfRange(x, 2, 36), first.states())
                    .outputs()
                    .get("y");
            for (int i = 0; i < 36; i++) {
                assertEquals(whole.value(i), steps.value(i), 1e-5, "step " + i);
                double parts = i < 2 ? first.outputs().get("y").value(i) : rest.value(i - 2);
                assertEquals(whole.value(i), parts, 1e-5, "in two calls, " + i);
            }
        }
    }

    private static FunctionRun call(
            Model model, String function, List<Integer> shape, float[] x, Map<String, TensorData> states) {
        var inputs = new HashMap<>(states);
        inputs.put("x", TensorData.ofFloats(shape, x));
        return FunctionRun.of(model, Model.Kernel.PLAIN, function, false, inputs, Map.of());
    }

    /** A tagger that runs forward only goes on from step to step. */
    @Test
    void taggerInSteps() throws IOException {
        new TinySource(4)
                .with("e", 5, 3)
                .with("r.weight_ih_l0", 4, 3)
                .with("r.weight_hh_l0", 4, 4)
                .with("o", 3, 4)
                .write(folder.resolve("in.safetensors"));
        Path config = Files.writeString(folder.resolve("config.json"), """
            {"architecture": "tagger", "embedding": "e", "cell": "elman", "parameters": "pytorch", "recurrent": "r",
             "output": {"weight": "o"}, "segmentation": "words", "vocabulary": ["a", "b", "c", "d", "e"]}
            """);
        ConversionReport report = Conversion.convert(
                ConversionRequest.of(folder.resolve("in.safetensors"), out()).withConfig(config));
        assertEquals(
                List.of("sequence", "step"),
                report.functions().stream().map(Function::name).toList());
        assertEquals(1, report.functions().getFirst().states().size());
        try (Model model = Model.load(out())) {
            int[] ids = {1, 4, 0, 2};
            FunctionRun whole = FunctionRun.of(
                    model,
                    Model.Kernel.PLAIN,
                    "sequence",
                    false,
                    Map.of(
                            "tokens",
                            TensorData.ofInts(List.of(1, 4), ids),
                            "lengths",
                            TensorData.ofInts(List.of(1), new int[] {4})),
                    Map.of());
            FunctionRun steps = FunctionRun.of(
                    model,
                    Model.Kernel.PLAIN,
                    "step",
                    true,
                    Map.of("token", TensorData.ofInts(List.of(4, 1), ids)),
                    Map.of());
            for (int t = 0; t < 4; t++) {
                assertEquals(
                        whole.outputs().get("tags").value(t),
                        steps.outputs().get("tags").value(t));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'type': 'linear', 'prefix': 'conv'|shape",
                "'type': 'linear', 'prefix': 'nowhere'|'nowhere.weight'",
                "'type': 'linear', 'weight': 'out.weight', 'units': 3|unknown key 'units'",
                "'type': 'lstm', 'prefix': 'rnn'|'lstm'",
                "'type': 'recurrent', 'cell': 'lstm', 'prefix': 'rnn'|multiple of 4",
                "'type': 'recurrent', 'cell': 'gru', 'prefix': 'rnn'|'reset_after'",
                "'type': 'recurrent', 'cell': 'gru', 'reset_after': false, 'prefix': 'rnn'|resets after",
                "'type': 'recurrent', 'cell': 'gru', 'reset_after': true, 'prefix': 'rnn', 'bidirectional':"
                        + " false|tensors are",
                "'type': 'recurrent', 'cell': 'gru', 'reset_after': true, 'prefix': 'rnn', 'gate_order':"
                        + " 'zrn'|'gate_order'",
                "'type': 'conv1d', 'prefix': 'conv'|'padding'",
                "'type': 'conv1d', 'prefix': 'conv', 'padding': 'full'|'full'",
                "'type': 'conv1d', 'prefix': 'conv', 'padding': -1|-1",
                "'type': 'conv1d', 'prefix': 'conv', 'padding': 1.5|1.5",
                "'type': 'conv1d', 'prefix': 'conv', 'padding': 'same', 'stride': 2|stride",
                "'type': 'conv1d', 'prefix': 'conv', 'padding': 'same', 'dilation': 0|dilation",
                "'type': 'conv1d', 'prefix': 'conv', 'padding': 'same', 'groups': 4|4 groups",
                "'type': 'conv1d', 'prefix': 'conv', 'padding': 'same'|'groups'",
                "'type': 'activation', 'function': 'cosine'|'cosine'",
                "'type': 'activation'|'function'",
                "'type': 'batch_norm', 'prefix': 'bn', 'epsilon': -1|epsilon",
                "'type': 'batch_norm', 'prefix': 'out'|running_mean",
                "'type': 'pool', 'over': ['sum']|'sum'",
                "'type': 'pool', 'over': []|at least one",
                "'type': 'softmax'|size of the input",
                "'type': 'dropout'|size of the input",
                "'type': 'embedding', 'prefix': 'bn'|shape",
                "'type': 'linear', 'prefix': 'out'|not used",
            })
    void wrongLayersAreNamed(String layer, String named) throws IOException {
        String config = "{'architecture': 'layers', 'layers': [{" + layer + "}]}";
        refused("stack_same", config.replace('\'', '"'), named);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'type': 'linear', 'prefix': 'out'}, {'type': 'embedding', 'prefix': 'emb'}|first",
                "{'type': 'embedding', 'prefix': 'emb'}, {'type': 'linear', 'prefix': 'out'}|5",
                "{'type': 'embedding', 'prefix': 'emb'}, {'type': 'pool', 'over': ['max']}, {'type': 'recurrent',"
                        + " 'cell': 'elman', 'prefix': 'rnn'}|needs steps",
                "{'type': 'embedding', 'prefix': 'emb'}, {'type': 'pool', 'over': ['max']}, {'type': 'conv1d',"
                        + " 'padding': 'same', 'prefix': 'conv'}|needs steps",
            })
    void wrongOrdersAreNamed(String layers, String named) throws IOException {
        refused("stack_causal", ("{'architecture': 'layers', 'layers': [" + layers + "]}").replace('\'', '"'), named);
    }

    /** Whatever is done to a configuration ends in a conversion or in an error of ours. */
    @Test
    void damagedConfigurations() throws IOException {
        var random = new SplittableRandom(7);
        String alphabet = "{}[]\",:0123456789-eE.abcdefghijklmnopqrstuvwxyz_ ";
        int converted = 0;
        for (int round = 0; round < 300; round++) {
            var text = new StringBuilder(round % 2 == 0 ? SAME : STRIDED);
            for (int k = random.nextInt(1, 4); k > 0; k--) {
                int at = random.nextInt(text.length());
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, c);
                    case 1 -> text.deleteCharAt(at);
                    default -> text.insert(at, c);
                }
            }
            try {
                convert(round % 2 == 0 ? "stack_same" : "stack_strided", text.toString(), false);
                converted++;
            } catch (RondoException ours) {
                assertFalse(ours.getMessage().isBlank());
            }
        }
        assertTrue(converted > 0 && converted < 290, converted + " of 300");
    }

    @Test
    void namesAndShapesTellTheLayers() throws IOException {
        new TinySource(8)
                .with("emb.weight", 9, 4)
                .with("conv.weight", 6, 4, 3)
                .with("conv.bias", 6)
                .with("rnn.weight_ih_l0", 15, 6)
                .with("rnn.weight_hh_l0", 15, 5)
                .with("head.weight", 7, 5)
                .write(folder.resolve("in.safetensors"));
        ConversionRequest request = ConversionRequest.of(folder.resolve("in.safetensors"), out());
        String config = Conversion.infer(request).orElseThrow();
        assertEquals(
                "{'architecture':'layers','layers':[{'type':'embedding','prefix':'emb'},"
                        + "{'type':'conv1d','padding':'valid','stride':1,'dilation':1,'groups':1,'prefix':'conv'},"
                        + "{'type':'recurrent','cell':'gru','reset_after':true,'bidirectional':false,'prefix':'rnn'},"
                        + "{'type':'linear','prefix':'head'}]}",
                config.replaceAll("\\s", "").replace('"', '\''));
        // What was shown, passed as a configuration, gives the very same model.
        Conversion.convert(request.withInference(Optional.empty()));
        long inferred = Files.size(out());
        ConversionReport report =
                Conversion.convert(request.withConfig(Files.writeString(folder.resolve("config.json"), config)));
        assertEquals(
                List.of("sequence"),
                report.functions().stream().map(Function::name).toList());
        assertTrue(inferred > report.outputSize(), "it also says that it was inferred");
    }

    @Test
    void whatNamesAndShapesLeaveOpenIsAnError() throws IOException {
        undecided(new TinySource(1).with("a.weight", 4, 4).with("b.weight", 4, 4), "'a' (linear, 4 to 4) > 'b'");
        undecided(new TinySource(1).with("a.weight", 4, 3).with("b.weight", 5, 6), "none among");
        undecided(new TinySource(1).with("a.weight", 4, 3).with("norm.running_mean", 4), "'norm.running_mean'");
        undecided(new TinySource(1).with("a.weight", 4), "'a.weight'");
        undecided(new TinySource(1).with("weight_ih_l0", 4, 3), "'weight_hh_l0'");
        undecided(new TinySource(1).with("weight_hh_l0", 4, 2).with("weight_ih_l0", 4, 3), "4 blocks");
        var many = new TinySource(1);
        for (int i = 0; i < 40; i++) {
            many.with("m" + i + ".weight", 2, 2);
        }
        undecided(many, "more than");
        var relu = new TinySource(1).with("weight_ih_l0", 4, 3).with("weight_hh_l0", 4, 4);
        undecided(relu, "--activation");
        relu.write(folder.resolve("in.safetensors"));
        ConversionRequest request = ConversionRequest.of(folder.resolve("in.safetensors"), out());
        assertThrows(RondoException.class, () -> Conversion.infer(request.withInference(Optional.of("cosine"))));
        assertTrue(Conversion.infer(request.withInference(Optional.of("relu")))
                .orElseThrow()
                .contains("\"relu\""));
    }

    private void undecided(TinySource source, String named) throws IOException {
        source.write(folder.resolve("in.safetensors"));
        ConversionRequest request = ConversionRequest.of(folder.resolve("in.safetensors"), out());
        RondoException error = assertThrows(RondoException.class, () -> Conversion.infer(request));
        assertTrue(error.getMessage().contains(named), error.getMessage());
        assertThrows(RondoException.class, () -> Conversion.convert(request.withInference(Optional.empty())));
        assertFalse(Files.exists(out()));
    }

    private void refused(String name, String config, String named) {
        RondoException error = assertThrows(RondoException.class, () -> convert(name, config, false));
        assertTrue(error.getMessage().contains(named.replace("\"", "'")), error.getMessage());
        assertFalse(Files.exists(out()));
    }

    private ConversionReport convert(String name, String config, boolean io) throws IOException {
        ConversionRequest request = ConversionRequest.of(PytorchCases.file(name, "model.safetensors"), out())
                .withConfig(Files.writeString(folder.resolve("config.json"), config));
        return Conversion.convert(
                io
                        ? request.withIo(
                                List.of(new ConversionRequest.Io(
                                        Optional.empty(), PytorchCases.file(name, "io.safetensors"))),
                                TOLERANCE)
                        : request);
    }

    private Path out() {
        return folder.resolve("out.rondo");
    }
}
