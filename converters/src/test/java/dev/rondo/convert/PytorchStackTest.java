package dev.rondo.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.ConversionRequest.Tolerance;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.error.InputException;
import dev.rondo.format.Encoding;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What PyTorch computed with its own layers is what the converted functions compute. */
class PytorchStackTest {
    private static final Tolerance TOLERANCE = new Tolerance(1e-5, 1e-4);
    private static final String SAFETENSORS = "model.safetensors";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "gru_1layer, gru, TB, model.safetensors, 2",
        "gru_2layer_bidirectional, gru, BT, model.safetensors, 3",
        "lstm_1layer, lstm, BT, model.safetensors, 3",
        "lstm_1layer_bfloat16, lstm, BT, model.safetensors, 2",
        "lstm_1layer_float16, lstm, BT, model.safetensors, 2",
        "lstm_2layer_bidirectional, lstm, BT, model.safetensors, 3",
        "lstm_proj, lstm, BT, model.safetensors, 2",
        "rnn_relu_2layer, relu, BT, model.safetensors, 2",
        "rnn_tanh, tanh, BT, model.safetensors, 2",
        "nested_checkpoint, gru, BT, model.pt, 2"
    })
    void recurrentLayers(String name, String cell, String axes, String file, int runs) throws IOException {
        String config = switch (cell) {
            case "gru" -> "\"cell\": \"gru\", \"reset_after\": true";
            case "lstm" -> "\"cell\": \"lstm\"";
            case String activation -> "\"cell\": \"elman\", \"activation\": \"" + activation + "\"";
        };
        ConversionReport report = Conversion.convert(ConversionRequest.of(PytorchCases.file(name, file), out())
                .withConfig(config("""
                    {"architecture": "layers", "layers": [{"type": "recurrent", CELL, "prefix": ""}],
                     "reference": {"axes": "AXES"}}
                    """.replace("CELL", config).replace("AXES", axes)))
                .withIo(runs(name), TOLERANCE));
        boolean both = name.contains("bidirectional");
        assertEquals(
                both ? List.of("sequence") : List.of("sequence", "step"),
                report.functions().stream().map(Function::name).toList());
        List<ReferenceCase> references = PytorchCases.verify(out(), all -> {
            if (runs == 3) {
                TensorData lengths = all.get(2).inputs().get("lengths");
                int steps = all.get(2).inputs().get("x").shape().get(1);
                assertTrue(IntStream.range(0, lengths.elementCount()).anyMatch(i -> lengths.value(i) < steps));
            }
        });
        assertEquals(runs, references.size());
        // The second run begins with the states given to it, the third has lengths of its own.
        assertTrue(
                references.get(1).inputs().containsKey(both ? "h3" : "h0"),
                references.get(1).inputs() + "");
        assertTrue(references.get(0).outputs().containsKey(both ? "h3" : "h0"));
        assertEquals(name.contains("float16"), report.tensors().stream().anyMatch(t -> t.encoding() != Encoding.F32));
    }

    /** A stack that runs forward only gives the same step by step. */
    @ParameterizedTest
    @CsvSource({"lstm_1layer, lstm", "lstm_proj, lstm", "rnn_relu_2layer, elman", "nested_checkpoint, gru"})
    void steps(String name, String cell) throws IOException {
        String more = switch (cell) {
            case "gru" -> ", \"reset_after\": true";
            case "elman" -> ", \"activation\": \"relu\"";
            default -> "";
        };
        Path file = PytorchCases.file(name, name.equals("nested_checkpoint") ? "model.pt" : SAFETENSORS);
        Conversion.convert(ConversionRequest.of(file, out())
                .withConfig(config("""
                    {"architecture": "layers", "layers": [{"type": "recurrent", "cell": "CELL"MORE, "prefix": ""}],
                     "reference": {"axes": "BT", "function": "step"}}
                    """.replace("CELL", cell).replace("MORE", more)))
                .withIo(runs(name).subList(0, 2), TOLERANCE));
        for (ReferenceCase reference : PytorchCases.verify(out())) {
            assertEquals("step", reference.function());
            assertTrue(reference.stepwise());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gru_2layer_bidirectional",
                "lstm_1layer",
                "lstm_2layer_bidirectional",
                "lstm_proj",
                "rnn_relu_2layer",
                "rnn_tanh",
                "nested_checkpoint"
            })
    void inferred(String name) throws IOException {
        Path file = PytorchCases.file(name, name.equals("nested_checkpoint") ? "model.pt" : SAFETENSORS);
        Optional<String> activation =
                name.startsWith("rnn") ? Optional.of(name.contains("relu") ? "relu" : "tanh") : Optional.empty();
        ConversionRequest request = ConversionRequest.of(file, out()).withIo(runs(name), TOLERANCE);
        assertThrows(InputException.class, () -> Conversion.convert(request));
        assertFalse(Files.exists(out()));
        ConversionReport report = Conversion.convert(request.withInference(activation));
        assertTrue(report.interpretation().get("architecture").contains("inferred"), report.interpretation() + "");
        PytorchCases.verify(out());
    }

    @Test
    void tagger() throws IOException {
        ConversionReport report =
                Conversion.convert(ConversionRequest.of(PytorchCases.file("tagger", SAFETENSORS), out())
                        .withConfig(config("""
                            {"architecture": "tagger", "embedding": "embedding.weight",
                             "cell": "lstm", "parameters": "pytorch", "recurrent": "rnn", "bidirectional": true,
                             "output": {"weight": "out.weight", "bias": "out.bias"}, "vocabulary": "none",
                             "reference": {"inputs": {"ids": "tokens"}}}
                            """))
                        .withIo(
                                List.of(new ConversionRequest.Io(
                                        Optional.empty(), PytorchCases.file("tagger", "io.safetensors"))),
                                TOLERANCE));
        // The last row is padded.
        PytorchCases.verify(
                out(),
                all -> assertEquals(-1, all.getFirst().outputs().get("tags").value(35)));
        assertEquals(List.of("logits", "tags"), names(report, 0));
        assertTrue(report.functions().getFirst().states().isEmpty(), "no sentence goes on from the one before");
    }

    @Test
    void classifier() throws IOException {
        Conversion.convert(ConversionRequest.of(PytorchCases.file("classifier", SAFETENSORS), out())
                .withConfig(config("""
                    {"architecture": "classifier", "embedding": "embedding.weight",
                     "cell": "gru", "reset_after": true, "parameters": "pytorch", "recurrent": "rnn",
                     "pooling": ["mean", "max"],
                     "hidden": [{"prefix": "fc1", "activation": "relu"}],
                     "output": {"prefix": "fc2"}, "vocabulary": "none",
                     "reference": {"inputs": {"ids": "tokens"}}}
                    """))
                .withIo(
                        List.of(new ConversionRequest.Io(
                                Optional.empty(), PytorchCases.file("classifier", "io.safetensors"))),
                        TOLERANCE));
        assertEquals(
                List.of("class", "logits", "pooled", "probs"),
                PytorchCases.verify(out()).getFirst().outputs().keySet().stream()
                        .sorted()
                        .toList());
    }

    /** The checkpoint holds the tied matrix under both its names; it is stored once. */
    @Test
    void languageModelOfACheckpoint() throws IOException {
        ConversionReport report = Conversion.convert(ConversionRequest.of(PytorchCases.file("lm", "model.pt"), out())
                .withConfig(config("""
                    {"architecture": "language-model", "cell": "lstm", "embedding": "embedding.weight",
                     "parameters": "pytorch", "recurrent": "rnn", "vocabulary": "none",
                     "output": {"weight": "decoder.weight", "bias": "decoder.bias"},
                     "reference": {"inputs": {"ids": "tokens"}, "ignore": ["out.token_log_prob",
                     "out.sequence_log_prob", "out.perplexity", "out.corpus_perplexity", "out.next_top5_ids",
                     "out.next_top5_prob"]}}
                    """))
                .withIo(
                        List.of(new ConversionRequest.Io(
                                Optional.empty(), Path.of("src/test/resources/pytorch/lm-io.safetensors"))),
                        TOLERANCE));
        assertTrue(report.interpretation().get("output").startsWith("tied"));
        assertTrue(report.tensors().stream().noneMatch(t -> t.name().equals("output.weight")));
        PytorchCases.verify(out());
    }

    /** From zero states; from the given ones; with lengths. */
    private List<ConversionRequest.Io> runs(String name) throws IOException {
        var runs = new ArrayList<ConversionRequest.Io>();
        for (String suffix : List.of("", "_s", "_packed")) {
            var names = new LinkedHashMap<String, String>(Map.of(
                    "in.x",
                    "in.x",
                    "out.y" + suffix,
                    "out.y",
                    "out.h_n" + suffix,
                    "out.h_n",
                    "out.c_n" + suffix,
                    "out.c_n"));
            if (suffix.equals("_s")) {
                names.put("in.h0", "in.h0");
                names.put("in.c0", "in.c0");
            }
            if (suffix.equals("_packed")) {
                names.put("in.lengths", "in.lengths");
            }
            Path file = PytorchCases.run(name, names, folder.resolve("io" + suffix + ".safetensors"));
            try (SafetensorsFile written = SafetensorsFile.open(file)) {
                if (!written.tensors().containsKey("out.y")) {
                    continue;
                }
            }
            runs.add(new ConversionRequest.Io(Optional.empty(), file));
        }
        return runs;
    }

    private static List<String> names(ConversionReport report, int function) {
        return report.functions().get(function).outputs().stream()
                .map(Value::name)
                .toList();
    }

    private Path config(String text) throws IOException {
        return Files.writeString(folder.resolve("config.json"), text);
    }

    private Path out() {
        return folder.resolve("out.rondo");
    }
}
