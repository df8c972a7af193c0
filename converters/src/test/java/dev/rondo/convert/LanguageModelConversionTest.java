package dev.rondo.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.safetensors.Dtype;
import dev.rondo.error.InputException;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Normalisation;
import dev.rondo.format.RondoFile;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Converted models compute what the source's equations give with the source's weights. */
class LanguageModelConversionTest {
    private static final int V = 7;
    private static final int E = 5;
    private static final int H = 18; // more than a panel of 16 rows
    private static final int[] TOKENS = {3, 0, 6, 1, 1, 5};
    private static final String TEXT = """
        "vocabulary": ["a", "b", "c", "d", "e", "\\n", "<unk>"], "segmentation": "characters", \
        "unknown_token": "<unk>",
        """;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"ifgo", "ifco", "iofc", "ogfi"})
    void lstmGatesOfEveryOrder(String letters) throws IOException {
        TinySource source = recurrent(new TinySource(1), 4, "");
        convert(source, lstm("\"gate_order\": \"" + letters + "\",", "\"bias\": [\"b1\", \"b2\"]"));
        String order = letters.replace('c', 'g');
        checkAgainst(source, (x, state) -> {
            double[] a = preActivations(source, x, state[0], "b1", "b2");
            for (int k = 0; k < H; k++) {
                double i = Evaluator.sigmoid(a[order.indexOf('i') * H + k]);
                double f = Evaluator.sigmoid(a[order.indexOf('f') * H + k]);
                double g = Math.tanh(a[order.indexOf('g') * H + k]);
                double o = Evaluator.sigmoid(a[order.indexOf('o') * H + k]);
                state[1][k] = f * state[1][k] + i * g;
                state[0][k] = o * Math.tanh(state[1][k]);
            }
        });
    }

    @Test
    void lstmWithPeepholesAndProjection() throws IOException {
        int p = 3;
        var source = new TinySource(2)
                .with("emb", V, E)
                .with("W", 4 * H, E)
                .with("U", 4 * H, p)
                .with("pi", H)
                .with("pf", H)
                .with("po", H)
                .with("R", p, H)
                .with("out", V, p);
        convert(
                source,
                config(
                        "\"cell\": \"lstm\", \"gate_order\": \"oigf\",",
                        "\"projection\": \"R\", \"peepholes\": {\"o\": \"po\", \"i\": \"pi\", \"f\": \"pf\"}",
                        "{\"weight\": \"out\"}"));
        var state = new double[][] {new double[p], new double[H]};
        checkAgainst(source, state, (x, s) -> {
            double[] a = preActivations(source, x, s[0]);
            double[] out = new double[H];
            for (int k = 0; k < H; k++) {
                double c = s[1][k];
                double i = Evaluator.sigmoid(a[H + k] + source.get("pi").at(k) * c);
                double f = Evaluator.sigmoid(a[3 * H + k] + source.get("pf").at(k) * c);
                s[1][k] = f * c + i * Math.tanh(a[2 * H + k]);
                double o = Evaluator.sigmoid(a[k] + source.get("po").at(k) * s[1][k]);
                out[k] = o * Math.tanh(s[1][k]);
            }
            s[0] = times(source.get("R"), out);
        });
    }

    @ParameterizedTest
    @CsvSource({"rzn,true,keeps", "zrh,true,replaces", "zrn,false,keeps", "hrz,false,replaces"})
    void gruOfEveryKind(String letters, boolean after, String update) throws IOException {
        TinySource source = recurrent(new TinySource(3), 3, "").with("d", H);
        String order = letters.replace('h', 'n');
        convert(
                source,
                config(
                        "\"cell\": \"gru\", \"reset_after\": " + after + ", \"gate_order\": \"" + letters
                                + "\", \"update_gate\": \"" + update + "\",",
                        "\"bias\": [\"b1\", \"b2\"]" + (after ? ", \"hidden_bias\": \"d\"" : ""),
                        "{\"weight\": \"out\", \"bias\": \"b\"}",
                        after ? "" : "\"allow_unused\": [\"d\"],"));
        checkAgainst(source, (x, state) -> {
            double[] h = state[0].clone();
            double[] wx = Evaluator.plus(
                    times(source.get("W"), x), Evaluator.plus(vector(source, "b1"), vector(source, "b2")));
            double[] uh = times(source.get("U"), h);
            int rAt = order.indexOf('r') * H;
            int zAt = order.indexOf('z') * H;
            int nAt = order.indexOf('n') * H;
            for (int k = 0; k < H; k++) {
                double r = Evaluator.sigmoid(wx[rAt + k] + uh[rAt + k]);
                double z = Evaluator.sigmoid(wx[zAt + k] + uh[zAt + k]);
                double inner = 0;
                for (int j = 0; j < H; j++) {
                    double rj = Evaluator.sigmoid(wx[rAt + j] + uh[rAt + j]);
                    inner += source.get("U").at(nAt + k, j) * rj * h[j];
                }
                double n = Math.tanh(wx[nAt + k]
                        + (after ? r * (uh[nAt + k] + source.get("d").at(k)) : inner));
                state[0][k] = update.equals("keeps") ? z * h[k] + (1 - z) * n : (1 - z) * h[k] + z * n;
            }
        });
    }

    /** A recurrent bias of all gates: those of r and z join the bias, that of the candidate stays in the reset product. */
    @ParameterizedTest
    @ValueSource(strings = {"rzn", "nrz", "zhr"})
    void gruWithRecurrentBiasOfAllGates(String letters) throws IOException {
        TinySource source = recurrent(new TinySource(14), 3, "");
        String order = letters.replace('h', 'n');
        convert(
                source,
                config(
                        "\"cell\": \"gru\", \"reset_after\": true, \"gate_order\": \"" + letters + "\",",
                        "\"bias\": \"b1\", \"hidden_bias\": \"b2\"",
                        "{\"weight\": \"out\", \"bias\": \"b\"}"));
        checkAgainst(source, (x, state) -> {
            double[] wx = Evaluator.plus(times(source.get("W"), x), vector(source, "b1"));
            double[] uh = Evaluator.plus(times(source.get("U"), state[0]), vector(source, "b2"));
            for (int k = 0; k < H; k++) {
                double r = Evaluator.sigmoid(wx[order.indexOf('r') * H + k] + uh[order.indexOf('r') * H + k]);
                double z = Evaluator.sigmoid(wx[order.indexOf('z') * H + k] + uh[order.indexOf('z') * H + k]);
                double n = Math.tanh(wx[order.indexOf('n') * H + k] + r * uh[order.indexOf('n') * H + k]);
                state[0][k] = z * state[0][k] + (1 - z) * n;
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"tanh", "relu", "sigmoid", "identity"})
    void elmanWithoutBias(String activation) throws IOException {
        var source = new TinySource(4)
                .with("emb", V, E)
                .with("W", H, E)
                .with("U", H, H)
                .with("out", V, H);
        for (int i = 0; i < H * H; i++) {
            source.get("U").values()[i] /= 8; // keeps relu and identity from exploding
        }
        String given = activation.equals("tanh") ? "" : " \"activation\": \"" + activation + "\",";
        convert(source, config("\"cell\": \"elman\"," + given, "", "{\"weight\": \"out\"}"));
        checkAgainst(source, new double[][] {new double[H], new double[0]}, (x, state) -> {
            double[] a = preActivations(source, x, state[0]);
            for (int k = 0; k < H; k++) {
                state[0][k] = switch (activation) {
                    case "tanh" -> Math.tanh(a[k]);
                    case "relu" -> Math.max(0, a[k]);
                    case "sigmoid" -> Evaluator.sigmoid(a[k]);
                    default -> a[k];
                };
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"elman,1", "lstm,4", "gru,3"})
    void pytorchShorthandIsTheSameModelNamedByHand(String cell, int gates) throws IOException {
        var source = new TinySource(5).with("emb", V, E).with("out", V, H).with("b", V);
        for (int k = 0; k < 2; k++) {
            source.with("rnn.weight_ih_l" + k, gates * H, k == 0 ? E : H)
                    .with("rnn.weight_hh_l" + k, gates * H, H)
                    .with("rnn.bias_ih_l" + k, gates * H)
                    .with("rnn.bias_hh_l" + k, gates * H);
        }
        String common = "\"cell\": \"" + cell + "\"," + (cell.equals("gru") ? "\"reset_after\": true," : "") + TEXT
                + "\"architecture\": \"language-model\", \"embedding\": \"emb\","
                + "\"output\": {\"weight\": \"out\", \"bias\": \"b\"},";
        String bias = cell.equals("gru")
                ? "\"bias\": \"rnn.bias_ih_lK\", \"hidden_bias\": \"rnn.bias_hh_lK\""
                : "\"bias\": [\"rnn.bias_ih_lK\", \"rnn.bias_hh_lK\"]";
        String layer = "{\"weight_input\": \"rnn.weight_ih_lK\", \"weight_hidden\": \"rnn.weight_hh_lK\"," + bias + "}";
        convert(source, "{" + common + "\"parameters\": \"pytorch\", \"recurrent\": \"rnn\"}");
        byte[] shorthand = Files.readAllBytes(folder.resolve("out.rondo"));
        convert(
                source,
                "{" + common + "\"layers\": [" + layer.replace("K", "0") + "," + layer.replace("K", "1") + "]}");
        assertArrayEquals(shorthand, Files.readAllBytes(folder.resolve("out.rondo")));
    }

    /** PyTorch's GRU keeps one bias of the candidate inside the reset product, and adds those of r and z. */
    @Test
    void pytorchGruBiases() throws IOException {
        var source = new TinySource(6)
                .with("emb", V, E)
                .with("out", V, H)
                .with("weight_ih_l0", 3 * H, E)
                .with("weight_hh_l0", 3 * H, H)
                .with("bias_ih_l0", 3 * H)
                .with("bias_hh_l0", 3 * H);
        convert(
                source,
                "{\"cell\": \"gru\", \"reset_after\": true," + TEXT
                        + "\"architecture\": \"language-model\", \"embedding\": \"emb\","
                        + "\"output\": {\"weight\": \"out\"}, \"parameters\": \"pytorch\", \"recurrent\": \"\"}");
        try (RondoFile file = RondoFile.load(folder.resolve("out.rondo"))) {
            float[] bias = file.tensors().get("layer0.bias").toFloats();
            float[] hidden = file.tensors().get("layer0.hidden_bias").toFloats();
            for (int k = 0; k < 3 * H; k++) {
                float ih = source.get("bias_ih_l0").values()[k];
                float hh = source.get("bias_hh_l0").values()[k];
                assertEquals(k < 2 * H ? ih + hh : ih, bias[k]);
                if (k >= 2 * H) {
                    assertEquals(hh, hidden[k - 2 * H]);
                }
            }
        }
    }

    @Test
    void tiedWeightsAreStoredOnceForTheProduct() throws IOException {
        var source = new TinySource(7).with("emb", V, H).with("W", 4 * H, H).with("U", 4 * H, H);
        ConversionReport report = convert(source, config("\"cell\": \"lstm\",", "", "{\"weight\": \"emb\"}"));
        try (RondoFile file = RondoFile.load(folder.resolve("out.rondo"))) {
            assertEquals(
                    List.of("embedding", "layer0.weight_input", "layer0.weight_hidden"),
                    List.copyOf(file.tensors().keySet()));
            assertEquals(new Layout.Panels(1), file.tensors().get("embedding").layout());
            assertEquals(
                    new Layout.Panels(4),
                    file.tensors().get("layer0.weight_hidden").layout());
            assertTrue(new Evaluator(file)
                    .function("step")
                    .nodes()
                    .getLast()
                    .input("weight")
                    .tensorName()
                    .equals("embedding"));
        }
        assertEquals("tied to the embedding", report.interpretation().get("output"));
        checkAgainst(source, "emb", (x, state) -> {
            double[] a = preActivations(source, x, state[0]);
            for (int k = 0; k < H; k++) {
                state[1][k] =
                        Evaluator.sigmoid(a[H + k]) * state[1][k] + Evaluator.sigmoid(a[k]) * Math.tanh(a[2 * H + k]);
                state[0][k] = Evaluator.sigmoid(a[3 * H + k]) * Math.tanh(state[1][k]);
            }
        });
    }

    @Test
    void aMatrixSharedByLayersIsStoredOnce() throws IOException {
        var source = new TinySource(8)
                .with("emb", V, H)
                .with("W", H, H)
                .with("U", H, H)
                .with("out", V, H);
        String layer = "{\"weight_input\": \"W\", \"weight_hidden\": \"U\"}";
        convert(
                source,
                "{\"architecture\": \"language-model\", \"cell\": \"elman\", \"embedding\": \"emb\"," + TEXT
                        + "\"output\": {\"weight\": \"out\"}, \"layers\": [" + layer + "," + layer + "]}");
        try (RondoFile file = RondoFile.load(folder.resolve("out.rondo"))) {
            assertEquals(4, file.tensors().size());
            assertEquals(
                    2,
                    new Evaluator(file)
                            .function("step").nodes().stream()
                                    .filter(n -> n.inputs().stream()
                                            .anyMatch(v -> v.name().equals("@layer0.weight_hidden")))
                                    .count());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "F32,,F32",
        "F16,,F16",
        "BF16,,BF16",
        "F64,,F32",
        "F32,F32,F32",
        "F16,F32,F32",
        "F32,F16,F16",
        "F32,BF16,BF16",
        "F32,INT8,INT8",
        "BF16,INT8,INT8"
    })
    void encodingsAreKeptOrChosen(Dtype source, Encoding wanted, Encoding got) throws IOException {
        TinySource tiny = recurrent(new TinySource(9), 4, "");
        tiny.write(folder.resolve("in.safetensors"), source);
        Files.writeString(folder.resolve("config.json"), lstm("", "\"bias\": [\"b1\", \"b2\"]"));
        ConversionRequest request = request();
        ConversionReport report = Conversion.convert(wanted == null ? request : request.withDtype(wanted));
        try (RondoFile file = RondoFile.load(folder.resolve("out.rondo"))) {
            file.tensors().forEach((name, tensor) -> {
                boolean vector = tensor.shape().size() == 1;
                assertEquals(vector ? Encoding.F32 : got, tensor.encoding(), name);
            });
            float[] embedding = file.tensors().get("embedding").toFloats();
            double bound = got == Encoding.INT8 ? 0.5 / 127 : 0; // the values are exact in the float types
            for (int i = 0; i < embedding.length; i++) {
                assertEquals(tiny.get("emb").values()[i], embedding[i], bound * 1.0001);
            }
        }
        for (ConversionReport.TensorReport tensor : report.tensors()) {
            boolean exact = tensor.encoding() != Encoding.INT8;
            double half = tensor.layout() instanceof Layout.Rows ? 0.5 / 127 : 0.5 / 63;
            assertTrue(
                    exact ? tensor.worstRelativeError() == 0 : tensor.worstRelativeError() <= half * 1.0001,
                    tensor.toString());
            assertTrue(exact || tensor.worstRelativeError() > 1e-4, tensor.toString());
        }
    }

    @Test
    void someMatricesAreKeptInAnotherEncoding() throws IOException {
        recurrent(new TinySource(9), 4, "").write(folder.resolve("in.safetensors"), Dtype.F32);
        Files.writeString(folder.resolve("config.json"), lstm("", "\"bias\": [\"b1\", \"b2\"]"));
        var keep = new LinkedHashMap<String, Encoding>();
        keep.put("layer0.weight_h*", Encoding.F16);
        keep.put("layer0.*", Encoding.BF16);
        Conversion.convert(request().withDtype(Encoding.INT8).withKept(keep));
        try (RondoFile file = RondoFile.load(folder.resolve("out.rondo"))) {
            assertEquals(Encoding.INT8, file.tensors().get("embedding").encoding());
            assertEquals(
                    Encoding.BF16, file.tensors().get("layer0.weight_input").encoding());
            assertEquals(
                    Encoding.F16, file.tensors().get("layer0.weight_hidden").encoding());
            assertEquals(Encoding.F32, file.tensors().get("layer0.bias").encoding());
        }
        ConversionRequest wrong = request().withKept(Map.of("layer1.*", Encoding.F32));
        var refused = assertThrows(InputException.class, () -> Conversion.convert(wrong));
        assertTrue(refused.getMessage().contains("'layer1.*'"), refused.getMessage());
        assertTrue(refused.getMessage().contains("layer0.weight_hidden"), refused.getMessage());
    }

    @Test
    void metadataAndReportSayWhatWasRead() throws Exception {
        TinySource source = recurrent(new TinySource(10), 4, "");
        ConversionReport report = convert(source, lstm("\"gate_order\": \"ifco\",", "\"bias\": [\"b1\", \"b2\"]"));
        byte[] bytes = Files.readAllBytes(folder.resolve("in.safetensors"));
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        try (RondoFile file = RondoFile.load(folder.resolve("out.rondo"))) {
            Map<String, String> metadata = file.metadata();
            assertEquals("language-model", metadata.get("task"));
            assertEquals("in.safetensors", metadata.get("source.name"));
            assertEquals(Integer.toString(bytes.length), metadata.get("source.size"));
            assertEquals(sha256, metadata.get("source.sha256"));
            assertEquals(Conversion.VERSION, metadata.get("converter.version"));
            assertEquals("lstm", metadata.get("interpretation.cell"));
            assertEquals("ifgo in the source, ifgo here", metadata.get("interpretation.gate-order"));
            assertEquals("b1 + b2 (layer 0)", metadata.get("interpretation.bias"));
            report.interpretation().forEach((key, value) -> assertEquals(value, metadata.get("interpretation." + key)));
            assertEquals(
                    new TextPipeline(
                            "text",
                            Normalisation.NONE,
                            Segmentation.CHARACTERS,
                            List.of("a", "b", "c", "d", "e", "\n", "<unk>"),
                            List.of(),
                            new SpecialIds(6, -1, -1, -1)),
                    file.texts().getFirst());
        }
        assertEquals(sha256, report.sources().getFirst().sha256());
        assertEquals(source.arrays.size(), report.sourceTensors());
        assertEquals(
                List.of("step", "sequence"),
                report.functions().stream().map(Function::name).toList());
        assertEquals(Files.size(folder.resolve("out.rondo")), report.outputSize());
        assertEquals(List.of("b1", "b2"), report.tensors().get(3).sources());
    }

    @Test
    void theVocabularyMayComeBesideTheConfiguration() throws IOException {
        TinySource source = recurrent(new TinySource(11), 4, "");
        source.write(folder.resolve("in.safetensors"));
        Files.writeString(
                folder.resolve("config.json"),
                lstm("", "\"bias\": [\"b1\", \"b2\"]")
                        .replace(
                                TEXT,
                                "\"segmentation\": \"words\", \"normalisation\": \"nfc_lowercase\", \"begin_token\":"
                                        + " \"<s>\",\"end_token\": \"</s>\", \"padding_token\": \"<s>\","));
        Files.writeString(folder.resolve("vocabulary.json"), "[\"<s>\", \"</s>\", \"a\", \"b\", \"c\", \"d\", \"é\"]");
        Conversion.convert(request().withVocabulary(folder.resolve("vocabulary.json")));
        try (RondoFile file = RondoFile.load(folder.resolve("out.rondo"))) {
            TextPipeline text = file.texts().getFirst();
            assertEquals(List.of("<s>", "</s>", "a", "b", "c", "d", "é"), text.vocabulary());
            assertEquals(new SpecialIds(-1, 0, 1, 0), text.special());
            assertEquals(Segmentation.WORDS, text.segmentation());
            assertEquals(Normalisation.NFC_LOWERCASE, text.normalisation());
        }
    }

    @Test
    void theSameConversionGivesTheSameBytes() throws IOException {
        TinySource source = recurrent(new TinySource(12), 4, "");
        convert(source, lstm("", "\"bias\": [\"b1\", \"b2\"]"));
        byte[] first = Files.readAllBytes(folder.resolve("out.rondo"));
        convert(source, lstm("", "\"bias\": [\"b1\", \"b2\"]"));
        assertArrayEquals(first, Files.readAllBytes(folder.resolve("out.rondo")));
        convert(source, lstm("\"gate_order\": \"ogfi\",", "\"bias\": [\"b1\", \"b2\"]"));
        assertNotEquals(-1, Arrays.mismatch(first, Files.readAllBytes(folder.resolve("out.rondo"))));
    }

    @Test
    void aSourceTensorMayBeLeftOutOnlyByName() throws IOException {
        TinySource source =
                recurrent(new TinySource(13), 4, "").with("opt.step", 1).with("opt.m", 1);
        ConversionReport report = convert(
                source,
                config(
                        "\"cell\": \"lstm\",",
                        "\"bias\": [\"b1\", \"b2\"]",
                        "{\"weight\": \"out\", \"bias\": \"b\"}",
                        "\"allow_unused\": \"opt.*\","));
        assertEquals(
                List.of("opt.m", "opt.step"), report.unused().stream().sorted().toList());
        assertFalse(report.tensors().stream().anyMatch(t -> t.sources().contains("opt.m")));
    }

    /** One step of the source's own equations: x is the embedding, state is {h, c}. */
    private interface PlainStep {
        void next(double[] x, double[][] state);
    }

    private void checkAgainst(TinySource source, PlainStep step) throws IOException {
        checkAgainst(source, "out", step);
    }

    private void checkAgainst(TinySource source, String out, PlainStep step) throws IOException {
        checkAgainst(source, out, new double[][] {new double[H], new double[H]}, step);
    }

    private void checkAgainst(TinySource source, double[][] state, PlainStep step) throws IOException {
        checkAgainst(source, "out", state, step);
    }

    /** Runs both functions of the file and the source's equations over the same tokens. */
    private void checkAgainst(TinySource source, String out, double[][] state, PlainStep step) throws IOException {
        try (RondoFile file = RondoFile.load(folder.resolve("out.rondo"))) {
            var stepwise = new Evaluator(file);
            double[][] sequence = new Evaluator(file).run("sequence", TOKENS).get("logits");
            for (int t = 0; t < TOKENS.length; t++) {
                double[] x = row(source.get("emb"), TOKENS[t]);
                step.next(x, state);
                double[] logits = times(source.get(out), state[0]);
                if (source.get("b") != null) {
                    logits = Evaluator.plus(logits, vector(source, "b"));
                }
                assertArrayEquals(logits, stepwise.step("step", "logits", TOKENS[t]), 1e-12);
                assertArrayEquals(logits, sequence[t], 1e-12);
                assertTrue(Math.abs(logits[0]) > 1e-6);
            }
        }
    }

    private static double[] preActivations(TinySource source, double[] x, double[] h, String... biases) {
        double[] a = Evaluator.plus(times(source.get("W"), x), times(source.get("U"), h));
        for (String bias : biases) {
            a = Evaluator.plus(a, vector(source, bias));
        }
        return a;
    }

    private static double[] times(TinySource.Array matrix, double[] x) {
        double[] y = new double[matrix.shape().get(0)];
        for (int r = 0; r < y.length; r++) {
            y[r] = Evaluator.dot(row(matrix, r), x);
        }
        return y;
    }

    private static double[] row(TinySource.Array matrix, int r) {
        double[] row = new double[matrix.shape().get(1)];
        for (int c = 0; c < row.length; c++) {
            row[c] = matrix.at(r, c);
        }
        return row;
    }

    private static double[] vector(TinySource source, String name) {
        double[] vector = new double[source.get(name).values().length];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = source.get(name).at(i);
        }
        return vector;
    }

    private static TinySource recurrent(TinySource source, int gates, String prefix) {
        return source.with(prefix + "emb", V, E)
                .with(prefix + "W", gates * H, E)
                .with(prefix + "U", gates * H, H)
                .with(prefix + "b1", gates * H)
                .with(prefix + "b2", gates * H)
                .with(prefix + "out", V, H)
                .with(prefix + "b", V);
    }

    private static String lstm(String more, String layer) {
        return config("\"cell\": \"lstm\"," + more, layer, "{\"weight\": \"out\", \"bias\": \"b\"}");
    }

    private static String config(String cell, String layer, String output) {
        return config(cell, layer, output, "");
    }

    private static String config(String cell, String layer, String output, String more) {
        return "{\"architecture\": \"language-model\"," + cell + TEXT + more + "\"embedding\": \"emb\","
                + "\"layers\": [{\"weight_input\": \"W\", \"weight_hidden\": \"U\"" + (layer.isEmpty() ? "" : ",")
                + layer + "}], \"output\": " + output + "}";
    }

    private ConversionReport convert(TinySource source, String config) throws IOException {
        source.write(folder.resolve("in.safetensors"));
        Files.writeString(folder.resolve("config.json"), config);
        return Conversion.convert(request());
    }

    private ConversionRequest request() {
        return ConversionRequest.of(folder.resolve("in.safetensors"), folder.resolve("out.rondo"))
                .withConfig(folder.resolve("config.json"));
    }
}
