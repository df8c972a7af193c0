package dev.rondo.convert.rtneural;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionReport;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.error.RondoException;
import dev.rondo.format.TensorData;
import dev.rondo.verify.FunctionRun;
import dev.rondo.verify.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of RTNeural compute what RTNeural's references and the equations of its layers say; what is no model is refused. */
class RtneuralTest {
    private static final Path SHARED = Path.of("../../shared/fixtures");
    private static final ConversionRequest.Tolerance TOLERANCE = new ConversionRequest.Tolerance(5e-6, 1e-4);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void gru(boolean stepwise) throws IOException {
        Path source = fixture("rtneural/gru/gru.json");
        ConversionReport report = Conversion.convert(ConversionRequest.of(source, out())
                .withIo(List.of(io(stepwise, fixture("rtneural/gru/io.safetensors"))), TOLERANCE));
        verify(stepwise);
        assertEquals(10, report.sourceTensors()); // the two rows of the GRU's bias count as two
        assertEquals("zrn in the source, rzn here", report.interpretation().get("layer2.gate-order"));
    }

    /** A state dict of PyTorch in JSON: the architecture stands in a configuration. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lstmOfPytorch(boolean stepwise) throws IOException {
        Path source = fixture("rtneural/lstm_torch/lstm_torch.json");
        Path config = Files.writeString(folder.resolve("config.json"), """
            {"architecture": "layers", "layers": [
              {"type": "recurrent", "cell": "lstm", "prefix": "lstm"},
              {"type": "recurrent", "cell": "lstm", "prefix": "lstm2"},
              {"type": "linear", "prefix": "dense"}]}
            """);
        ConversionRequest request = ConversionRequest.of(source, out())
                .withIo(List.of(io(stepwise, fixture("rtneural/lstm_torch/io.safetensors"))), TOLERANCE);
        Conversion.convert(request.withConfig(config));
        verify(stepwise);
        // The three modules could stand in other orders, too.
        Files.delete(out());
        RondoException error =
                assertThrows(RondoException.class, () -> Conversion.convert(request.withInference(Optional.empty())));
        assertTrue(error.getMessage().contains("'lstm' (recurrent, 1 to 8) > 'lstm2' (recurrent, 8 to 8) > 'dense'"));
        assertFalse(Files.exists(out()));
    }

    @Test
    void tooDeep() throws IOException {
        refused(fixture("bad/rtneural_deep_json/model.json"), "depth");
    }

    /** i, f, c, o and [inputs, outputs]: one unit by hand. */
    @Test
    void lstm() throws IOException {
        String model = model(1, """
            {"type": "lstm", "activation": "tanh", "shape": [null, null, 1],
             "weights": [[[0.1, 0.2, 0.3, 0.4]], [[0.5, 0.6, 0.7, 0.8]], [0.01, 0.02, 0.03, 0.04]]}
            """);
        double[] x = {1, -2, 0.5};
        double h = 0;
        double c = 0;
        float[] want = new float[3];
        for (int t = 0; t < 3; t++) {
            double i = sigmoid(0.1 * x[t] + 0.5 * h + 0.01);
            double f = sigmoid(0.2 * x[t] + 0.6 * h + 0.02);
            double g = Math.tanh(0.3 * x[t] + 0.7 * h + 0.03);
            double o = sigmoid(0.4 * x[t] + 0.8 * h + 0.04);
            c = f * c + i * g;
            h = o * Math.tanh(c);
            want[t] = (float) h;
        }
        holds(model, List.of(1, 3, 1), new float[] {1, -2, 0.5f}, want);
    }

    /** y_t = bias + Σ_j kernel_j x_{t - dilation (kernel - 1 - j)}: causal, as state from step to step. */
    @Test
    void causalConvolution() throws IOException {
        String model = model(2, """
            {"type": "conv1d", "activation": "relu", "shape": [null, null, 2], "kernel_size": [2], "dilation": [2],
             "groups": 1, "weights": [[[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [0.5, -100]]}
            """);
        float[] x = {1, 0, 0, 1, 1, 1, 2, -1};
        float[] want = new float[8];
        double[][][] kernel = {{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}};
        double[] bias = {0.5, -100};
        for (int t = 0; t < 4; t++) {
            for (int o = 0; o < 2; o++) {
                double sum = bias[o];
                for (int j = 0; j < 2; j++) {
                    int at = t - 2 * (1 - j);
                    for (int i = 0; i < 2 && at >= 0; i++) {
                        sum += kernel[j][i][o] * x[2 * at + i];
                    }
                }
                want[2 * t + o] = (float) Math.max(0, sum);
            }
        }
        holds(model, List.of(1, 4, 2), x, want);
    }

    /** Each group of outputs sees its own inputs. */
    @Test
    void groupedConvolution() throws IOException {
        String model = model(2, """
            {"type": "conv1d", "activation": "", "shape": [null, null, 2], "kernel_size": [1], "dilation": [1],
             "groups": 2, "weights": [[[[3, 5]]], [1, 2]]}
            """);
        holds(model, List.of(1, 2, 2), new float[] {1, 1, 2, 3}, new float[] {4, 7, 7, 17});
    }

    @Test
    void normalisationAndSlopes() throws IOException {
        String model = model(2, """
            {"type": "batchnorm", "activation": "", "shape": [null, null, 2], "epsilon": 0.25,
             "weights": [[2, 3], [1, -1], [0.5, 1], [0.75, 2]]},
            {"type": "prelu", "activation": "", "shape": [null, null, 2], "weights": [[[0.5, -2]]]},
            {"type": "activation", "activation": "elu", "shape": [null, null, 2], "weights": []}
            """);
        float[] x = {1, 2, -3, -4};
        double[] gain = {2, 3};
        double[] bias = {1, -1};
        double[] mean = {0.5, 1};
        double[] variance = {0.75, 2};
        double[] slope = {0.5, -2};
        float[] want = new float[4];
        for (int i = 0; i < 4; i++) {
            int c = i % 2;
            double y = (x[i] - mean[c]) / Math.sqrt(variance[c] + 0.25) * gain[c] + bias[c];
            y = y > 0 ? y : slope[c] * y;
            want[i] = (float) (y > 0 ? y : Math.expm1(y));
        }
        holds(model, List.of(1, 2, 2), x, want);
    }

    @Test
    void softmaxAndStatisticsAlone() throws IOException {
        String model = model(2, """
            {"type": "batchnorm", "activation": "", "shape": [null, null, 2], "epsilon": 0.0,
             "weights": [[1, 2], [4, 1]]},
            {"type": "dense", "activation": "softmax", "shape": [null, 2], "weights": [[[1, 0], [0, 2]]]}
            """);
        double a = (3 - 1) / 2.0;
        double b = 2.0 * (5 - 2);
        double first = 1 / (1 + Math.exp(b - a));
        holds(model, List.of(1, 1, 2), new float[] {3, 5}, new float[] {(float) first, (float) (1 - first)});
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "[]|object",
                "{}|layers",
                "{'in_shape':[null,1]}|layers",
                "{'layers':[],'in_shape':[1]}|empty",
                "{'in_shape':[null,null],'layers':[]}|size",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[1],'weights':[[[1]],[1]]}],'in_skip':1}|in_skip",
                "{'in_skip':1,'in_shape':[1],'layers':[{'type':'dense','shape':[1],'weights':[[[1]],[1]]}]}|in_skip",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[1],'weights':[[[1]],[1]],'rate':1}]}|rate",
                "{'in_shape':[1],'layers':[{'type':'conv2d','strides':[1],'shape':[1],'weights':[]}]}|conv2d",
                "{'in_shape':[1],'layers':[{'type':'unknown','shape':[1],'weights':[]}]}|unknown",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[2],'weights':[[[1]],[1]]}]}|[1, 2]",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[1],'weights':[[[1],[1,2]],[1]]}]}|equal length",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[1],'weights':[[[1],2],[1]]}]}|equal depth",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[1],'weights':[[2,[1]],[1]]}]}|equal depth",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[1],'weights':[[[]],[1]]}]}|at least 1",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[1],'weights':[[['a']],[1]]}]}|numbers",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[1],'weights':[[[null]],[1]]}]}|numbers",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[1],'weights':[[[NaN]],[1]]}]}|plain JSON",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[1],'weights':[[[1e99]],[1]]}]}|f32",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[1],'weights':[]}]}|tensors of weights",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[1],'groups':2,'weights':[[[1]],[1]]}]}|groups",
                "{'in_shape':[1],'layers':[{'type':'dense','shape':[1],'activation':'gelu','weights':[[[1]],[1]]}]}|gelu",
                "{'in_shape':[1],'layers':[{'type':'gru','shape':[1],'weights':[[[1,1,1]],[[1,1,1]],[1,1,1]]}]}|[2, 3]",
                "{'in_shape':[1],'layers':[{'type':'lstm','shape':[1],'activation':'relu',"
                        + "'weights':[[[1,1,1,1]],[[1,1,1,1]],[1,1,1,1]]}]}|'relu'",
                "{'in_shape':[1],'layers':[{'type':'conv1d','shape':[1],'dilation':[1],'weights':[[[[1]]],[1]]}]}|kernel",
                "{'in_shape':[3],'layers':[{'type':'conv1d','shape':[2],'dilation':[1],'kernel_size':[1],'groups':2,"
                        + "'weights':[[[[1,1]]],[1,1]]}]}|groups",
                "{'in_shape':[1],'layers':[{'type':'conv1d','shape':[1],'dilation':[99999999],'kernel_size':[1],"
                        + "'weights':[[[[1]]],[1]]}]}|2^24",
                "{'in_shape':[1],'layers':[{'type':'batchnorm','shape':[1],'weights':[[1],[1]]}]}|epsilon",
                "{'in_shape':[1],'layers':[{'type':'batchnorm','shape':[1],'epsilon':0,'weights':[[1],[-1]]}]}|above 0",
                "{'in_shape':[2],'layers':[{'type':'prelu','shape':[2],'weights':[[1,1,1]]}]}|slope",
                "{'in_shape':[2],'layers':[{'type':'activation','shape':[2],'weights':[]}]}|activation",
                "{'in_shape':[2],'layers':[{'type':'activation','activation':'relu','shape':[2],'weights':[]}]} 1|end",
                "{'in_shape':[2],'in_shape':[2],'layers':[]}|twice",
                "{'weight':[[1]],'more':{'a':[1]}}|first level",
                "{'in_shape':[2],'layers':[{'type':'activation','activation':'relu','shape':[3],'weights':[]}]}|its"
                        + " input"
            })
    void whatIsNoModelIsNamed(String text, String named) throws IOException {
        refused(Files.writeString(folder.resolve("bad.json"), text.replace('\'', '"')), named.replace("'", ""));
    }

    /** Every beginning of a file ends in an error that names it, or in nothing else. */
    @Test
    void cutShort() throws IOException {
        String text = model(1, """
            {"type": "dense", "activation": "tanh", "shape": [null, 1], "weights": [[[1]], [0.5]]}
            """).strip();
        for (int length = 0; length < text.length(); length++) {
            refused(Files.writeString(folder.resolve("cut.json"), text.substring(0, length)), "cut.json");
        }
    }

    /** Whatever is done to a file ends in a model or in an error of ours. */
    @Test
    void damaged() throws IOException {
        var random = new SplittableRandom(9);
        String text = model(2, """
            {"type": "conv1d", "activation": "relu", "shape": [null, 2], "kernel_size": [2], "dilation": [2],
             "groups": 2, "weights": [[[[1, 2]], [[5, 6]]], [0.5, -1]]},
            {"type": "gru", "activation": "", "shape": [null, 1], "weights":
             [[[1, 2, 3], [4, 5, 6]], [[1, 1, 1]], [[1, 1, 1], [2, 2, 2]]]}
            """);
        String alphabet = "{}[]\",:0123456789-eE.abcdefghijklmnopqrstuvwxyz_ ";
        int converted = 0;
        for (int round = 0; round < 500; round++) {
            var damaged = new StringBuilder(text);
            for (int k = random.nextInt(1, 4); k > 0; k--) {
                int at = random.nextInt(damaged.length());
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                switch (random.nextInt(3)) {
                    case 0 -> damaged.setCharAt(at, c);
                    case 1 -> damaged.deleteCharAt(at);
                    default -> damaged.insert(at, c);
                }
            }
            Path source = Files.writeString(folder.resolve("damaged.json"), damaged.toString());
            try {
                Conversion.convert(ConversionRequest.of(source, out()));
                converted++;
            } catch (RondoException ours) {
                assertFalse(ours.getMessage().isBlank());
            }
        }
        assertTrue(converted > 0 && converted < 490, converted + " of 500");
    }

    @Test
    void optionsOfOtherSourcesAreRefused() throws IOException {
        Path source = Files.writeString(folder.resolve("model.json"), model(1, """
            {"type": "dense", "activation": "tanh", "shape": [null, 1], "weights": [[[1]], [0.5]]}
            """));
        Path config = Files.writeString(folder.resolve("config.json"), "{}");
        ConversionRequest request = ConversionRequest.of(source, out());
        assertThrows(RondoException.class, () -> Conversion.convert(request.withConfig(config)));
        assertThrows(RondoException.class, () -> Conversion.convert(request.withInference(Optional.of("tanh"))));
        assertFalse(Files.exists(out()));
        Conversion.convert(request);
        assertTrue(Conversion.infer(request).isEmpty());
    }

    private void refused(Path source, String named) {
        RondoException error =
                assertThrows(RondoException.class, () -> Conversion.convert(ConversionRequest.of(source, out())));
        assertTrue(error.getMessage().contains(named), error.getMessage());
        assertFalse(Files.exists(out()));
    }

    /** As a sequence, and step by step with the states carried on. */
    private void holds(String text, List<Integer> shape, float[] x, float[] want) throws IOException {
        Path source = Files.writeString(folder.resolve("model.json"), text);
        Conversion.convert(ConversionRequest.of(source, out()));
        try (Model model = Model.load(out())) {
            int steps = shape.get(1);
            boolean lengths = model.function("sequence").input("lengths").isPresent();
            TensorData input = TensorData.ofFloats(shape, x);
            FunctionRun whole = FunctionRun.of(
                    model,
                    Model.Kernel.BEST,
                    "sequence",
                    false,
                    lengths
                            ? Map.of("x", input, "lengths", TensorData.ofInts(List.of(1), new int[] {steps}))
                            : Map.of("x", input),
                    Map.of());
            close(want, whole.outputs().get("y"));
            FunctionRun stepped = FunctionRun.of(
                    model,
                    Model.Kernel.BEST,
                    "step",
                    true,
                    Map.of("x", TensorData.ofFloats(List.of(steps, 1, shape.get(2)), x)),
                    Map.of());
            close(want, stepped.outputs().get("y"));
        }
    }

    private static void close(float[] want, TensorData got) {
        assertEquals(want.length, got.elementCount());
        for (int i = 0; i < want.length; i++) {
            assertEquals(want[i], got.value(i), 1e-5, "element " + i);
        }
    }

    private void verify(boolean stepwise) throws IOException {
        try (Model model = Model.load(out())) {
            assertEquals(1, model.references().size());
            var reference = model.references().getFirst();
            assertEquals(stepwise ? "step" : "sequence", reference.function());
            assertEquals(stepwise, reference.stepwise());
            for (Model.Kernel kernel : List.of(Model.Kernel.PLAIN, Model.Kernel.BEST)) {
                Verification verification = Verification.of(model, kernel, reference);
                assertTrue(verification.holds(), verification.outputs().toString());
            }
        }
    }

    /** The vectors as they are, [T, C] of one row; or as steps [T, 1, C]. */
    private ConversionRequest.Io io(boolean stepwise, Path vectors) throws IOException {
        if (!stepwise) {
            return new ConversionRequest.Io(Optional.empty(), vectors);
        }
        var writer = new SafetensorsWriter();
        try (SafetensorsFile file = SafetensorsFile.open(vectors)) {
            file.tensors()
                    .forEach((name, tensor) -> writer.floats(
                            name,
                            List.of(
                                    Math.toIntExact(tensor.shape().get(0)),
                                    1,
                                    Math.toIntExact(tensor.shape().get(1))),
                            tensor.toFloats()));
        }
        Path file = folder.resolve("steps.safetensors");
        writer.write(file);
        return new ConversionRequest.Io(Optional.of("step"), file);
    }

    private static Path fixture(String path) {
        Path file = SHARED.resolve(path);
        Assumptions.assumeTrue(Files.isRegularFile(file), "needs " + file + ", which is not in here");
        return file;
    }

    private static String model(int inputs, String layers) {
        return "{\"in_shape\": [null, null, " + inputs + "], \"layers\": [" + layers + "]}";
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private Path out() {
        return folder.resolve("out.rondo");
    }
}
