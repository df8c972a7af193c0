package dev.rondo.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.error.RondoException;
import dev.rondo.format.ElementType;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.RondoFile;
import dev.rondo.format.TensorData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected values of the source framework reach the file, in the axes its functions have, and are what it computes. */
class ReferenceVectorsTest {
    private static final Path SHAKESPEARE = Path.of("../../shared/models/shakespeare_lm");
    private static final String DERIVED =
            "\"out.token_log_prob\", \"out.sequence_log_prob\", \"out.perplexity\", \"out.corpus_perplexity\","
                    + "\"out.next_top5_ids\", \"out.next_top5_prob\"";

    @TempDir
    Path folder;

    private final List<RondoFile> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(RondoFile::close);
    }

    /** PyTorch computed the expected values: two sequences of 14 ids, two LSTM layers, tied output. */
    @ParameterizedTest
    @CsvSource({"tokens, sequence", "token, step"})
    void pytorchLanguageModel(String value, String function) throws IOException {
        copy("lm-model.safetensors", "lm-io.safetensors");
        Files.writeString(
                folder.resolve("config.json"), """
                    {"architecture": "language-model", "cell": "lstm", "embedding": "embedding.weight",
                     "parameters": "pytorch", "recurrent": "rnn", "vocabulary": "none",
                     "output": {"weight": "embedding.weight", "bias": "decoder.bias"},
                     "reference": {"axes": "BT", "inputs": {"ids": "VALUE"}, "ignore": [DERIVED], "atol": 1e-5,
                     "rtol": 1e-4}}
                    """.replace("VALUE", value).replace("DERIVED", DERIVED));
        ConversionReport report = Conversion.convert(ConversionRequest.of(folder.resolve("lm-model.safetensors"), out())
                .withConfig(folder.resolve("config.json"))
                .withIo(folder.resolve("lm-io.safetensors")));
        assertEquals(function, report.references().getFirst());
        try (RondoFile file = RondoFile.load(out())) {
            assertTrue(file.texts().isEmpty());
            ReferenceCase reference = file.references().getFirst();
            assertEquals(value.equals("token"), reference.stepwise());
            assertEquals(1e-5, reference.atol());
            TensorData ids = reference.inputs().get(value);
            TensorData logits = reference.outputs().get("logits");
            assertEquals(ElementType.I32, ids.element());
            assertEquals(reference.stepwise() ? List.of(14, 2) : List.of(2, 14), ids.shape());
            assertEquals(reference.stepwise() ? List.of(14, 2, 37) : List.of(2, 14, 37), logits.shape());
            if (!reference.stepwise()) {
                assertEquals(14, reference.inputs().get("lengths").value(1));
            }
            for (int row = 0; row < 2; row++) {
                var evaluator = new Evaluator(file);
                for (int t = 0; t < 14; t++) {
                    int at = reference.stepwise() ? t * 2 + row : row * 14 + t;
                    double[] got = evaluator.step("step", "logits", (int) ids.value(at));
                    for (int v = 0; v < 37; v++) {
                        double want = logits.value(at * 37 + v);
                        assertEquals(want, got[v], 1e-5 + 1e-4 * Math.abs(want));
                    }
                }
            }
        }
    }

    /** The trained model: 256 characters, log-probabilities after each, final state. */
    @Test
    void trainedCharacterModel() throws IOException {
        Assumptions.assumeTrue(
                Files.isDirectory(SHAKESPEARE), "needs the trained model at " + SHAKESPEARE + ", which is not in here");
        ConversionReport report =
                Conversion.convert(ConversionRequest.of(SHAKESPEARE.resolve("model.safetensors"), out())
                        .withConfig(Path.of("../samples/configs/shakespeare-lm.json"))
                        .withIo(SHAKESPEARE.resolve("io.safetensors")));
        assertEquals("log_probs", report.references().getFirst());
        try (RondoFile file = RondoFile.load(out())) {
            ReferenceCase reference = file.references().getFirst();
            assertEquals(List.of(256, 1), reference.inputs().get("token").shape());
            assertEquals(
                    List.of(256, 1, 65), reference.outputs().get("log_probs").shape());
            assertEquals(List.of(1, 512), reference.outputs().get("c0").shape());
            var evaluator = new Evaluator(file);
            int[] tokens = IntStream.range(0, 256)
                    .map(i -> (int) reference.inputs().get("token").value(i))
                    .toArray();
            for (int t = 0; t < 8; t++) {
                double[] got = evaluator.step("log_probs", "log_probs", tokens[t]);
                for (int v = 0; v < 65; v++) {
                    double want = reference.outputs().get("log_probs").value(t * 65 + v);
                    assertEquals(want, got[v], 2e-4 + 1e-3 * Math.abs(want));
                }
            }
            var whole = new Evaluator(file);
            whole.run("sequence", tokens);
            for (String state : List.of("h0", "c0")) {
                for (int k = 0; k < 512; k++) {
                    double want = reference.outputs().get(state).value(k);
                    assertEquals(want, whole.states.get(state)[k], 2e-4 + 1e-3 * Math.abs(want));
                }
            }
        }
    }

    @Test
    void statesOfAllLayersOrOfOne() throws IOException {
        ReferenceCase reference = convert(
                "\"axes\": \"TB\"",
                new SafetensorsWriter()
                        .longs("in.token", List.of(4, 2), 0, 1, 2, 0, 1, 2, 0, 1)
                        .floats("in.h", List.of(2, 2, 3), counting(12))
                        .floats("in.c1", List.of(2, 3), counting(6))
                        .floats("out.logits", List.of(4, 2, 3), counting(24))
                        .floats("out.h1", List.of(2, 3), counting(6)));
        assertTrue(reference.stepwise());
        assertEquals(List.of(2, 3), reference.inputs().get("h0").shape());
        assertEquals(6, reference.inputs().get("h1").value(0));
        assertEquals(11, reference.inputs().get("h1").value(5));
        assertFalse(reference.inputs().containsKey("c0"));
        assertEquals(1, reference.inputs().get("token").value(1));
        assertEquals(23, reference.outputs().get("logits").value(23));
    }

    @Test
    void axesAreBroughtIntoOrder() throws IOException {
        ReferenceCase stepwise = convert(
                "\"axes\": \"BT\"",
                new SafetensorsWriter()
                        .longs("in.token", List.of(2, 2), 0, 1, 2, 0)
                        .floats("out.logits", List.of(2, 2, 3), counting(12)));
        assertArrayEquals(new double[] {0, 2, 1, 0}, values(stepwise.inputs().get("token")));
        assertArrayEquals(
                new double[] {0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11},
                values(stepwise.outputs().get("logits")));
        ReferenceCase sequence = convert(
                "\"axes\": \"TB\", \"inputs\": {\"x\": \"tokens\"}",
                new SafetensorsWriter()
                        .longs("in.x", List.of(3, 2), 0, 1, 2, 0, 1, 2)
                        .longs("in.lengths", List.of(2), 3, 1)
                        .floats("out.logits", List.of(3, 2, 3), counting(18)));
        assertFalse(sequence.stepwise());
        assertArrayEquals(
                new double[] {0, 2, 1, 1, 0, 2}, values(sequence.inputs().get("tokens")));
        assertArrayEquals(new double[] {3, 1}, values(sequence.inputs().get("lengths")));
        assertEquals(List.of(2, 3, 3), sequence.outputs().get("logits").shape());
        assertEquals(3, sequence.outputs().get("logits").value(9));
    }

    /** Without axes the shape decides: one more leading axis than the function's value are steps. */
    @Test
    void shapesDecideWithoutAxes() throws IOException {
        ReferenceCase call = convert(
                "",
                new SafetensorsWriter()
                        .longs("in.token", List.of(2), 0, 1)
                        .floats("out.logits", List.of(2, 3), counting(6)));
        assertFalse(call.stepwise());
        assertEquals(List.of(2), call.inputs().get("token").shape());
        ReferenceCase steps = convert(
                "",
                new SafetensorsWriter()
                        .longs("in.token", List.of(2, 1), 0, 1)
                        .floats("out.log_probs", List.of(2, 1, 3), counting(6)));
        assertTrue(steps.stepwise());
        assertEquals("log_probs", steps.function());
    }

    @Test
    void whatDoesNotFitIsNamed() throws IOException {
        refused("", new SafetensorsWriter().longs("in.token", List.of(1), 0), "expected outputs");
        refused("", logits().floats("in.token", List.of(1), 0), "F32");
        refused("", logits().longs("in.token", List.of(1), -1), "-1");
        refused("", logits().longs("in.token", List.of(1, 1, 1), 0), "[1, 1, 1]");
        refused("", logits().longs("in.token", List.of(2), 0, 1), "must have shape [2, 3]");
        refused("", logits().longs("in.ids", List.of(1), 0), "'ids'");
        refused("", logits().longs("token", List.of(1), 0), "in.NAME or out.NAME");
        refused("", token().floats("out.y", List.of(1), 0), "'y'");
        refused("", token().floats("out.h2", List.of(1), 0), "'h2'");
        refused("", token().floats("out.h", List.of(1, 3), 0, 1, 2), "[2, 1, 3]");
        refused("", token().floats("out.h", List.of(2, 3), counting(6)).floats("out.h0", List.of(3), 0, 1, 2), "once");
        refused("", token().longs("out.logits", List.of(1, 3), 0, 1, 2), "I64");
        refused(
                "",
                token().longs("in.tokens", List.of(1, 1), 0).floats("out.logits", List.of(1, 3), 0, 1, 2),
                "either");
        refused("", logits().longs("in.tokens", List.of(0, 1)), "at least one token");
        refused("", logits().longs("in.token", List.of(1), 0).longs("in.lengths", List.of(1), 1), "lengths");
        refused("\"axes\": \"B\"", logits().longs("in.tokens", List.of(1), 0), "steps");
        refused("\"ignore\": [\"out.z\"]", logits().longs("in.token", List.of(1), 0), "'out.z'");
        refused("\"inputs\": {\"ids\": \"token\"}", logits().longs("in.token", List.of(1), 0), "'in.ids'");
        refused(
                "\"inputs\": {\"ids\": \"token\"}",
                logits().longs("in.token", List.of(1), 0).longs("in.ids", List.of(1), 0),
                "one tensor");
        refused(
                "",
                new SafetensorsWriter()
                        .longs("in.tokens", List.of(1, 1), 0)
                        .longs("in.lengths", List.of(1), 2)
                        .floats("out.logits", List.of(1, 1, 3), 0, 1, 2),
                "exceed the 1 steps");
    }

    private static SafetensorsWriter logits() {
        return new SafetensorsWriter().floats("out.logits", List.of(1, 3), 0, 1, 2);
    }

    private static SafetensorsWriter token() {
        return new SafetensorsWriter().longs("in.token", List.of(1), 0);
    }

    private void refused(String reference, SafetensorsWriter io, String named) {
        RondoException error = assertThrows(RondoException.class, () -> convert(reference, io));
        assertTrue(error.getMessage().contains(named), error.getMessage());
        assertFalse(Files.exists(out()));
    }

    /** Two LSTM layers of 3 units, 3 tokens. */
    private ReferenceCase convert(String reference, SafetensorsWriter io) throws IOException {
        Files.deleteIfExists(out());
        var source = new TinySource(1).with("emb", 3, 3);
        for (int k = 0; k < 2; k++) {
            source.with("rnn.weight_ih_l" + k, 12, 3).with("rnn.weight_hh_l" + k, 12, 3);
        }
        source.write(folder.resolve("in.safetensors"));
        io.write(folder.resolve("io.safetensors"));
        Files.writeString(
                folder.resolve("config.json"),
                "{\"architecture\": \"language-model\", \"cell\": \"lstm\", \"embedding\": \"emb\","
                        + "\"parameters\": \"pytorch\", \"recurrent\": \"rnn\", \"vocabulary\": \"none\","
                        + "\"output\": {\"weight\": \"emb\"}, \"reference\": {" + reference + "}}");
        Conversion.convert(ConversionRequest.of(folder.resolve("in.safetensors"), out())
                .withConfig(folder.resolve("config.json"))
                .withIo(folder.resolve("io.safetensors")));
        opened.add(RondoFile.load(out()));
        return opened.getLast().references().getFirst();
    }

    private void copy(String... names) throws IOException {
        for (String name : names) {
            try (InputStream in = getClass().getResourceAsStream("/pytorch/" + name)) {
                Files.copy(in, folder.resolve(name));
            }
        }
    }

    private Path out() {
        return folder.resolve("out.rondo");
    }

    private static double[] values(TensorData data) {
        return IntStream.range(0, data.elementCount()).mapToDouble(data::value).toArray();
    }

    private static float[] counting(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = i;
        }
        return values;
    }
}
