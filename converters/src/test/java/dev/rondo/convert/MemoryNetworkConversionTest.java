package dev.rondo.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.convert.safetensors.Dtype;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.error.RondoException;
import dev.rondo.format.ReferenceCase;
import dev.rondo.verify.Verification;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What PyTorch computed with its own memory network is what the converted function computes. */
class MemoryNetworkConversionTest {
    private static final String CASE = "memnet";
    private static final String RECURRENT = "memnet_gru";

    @TempDir
    Path folder;

    private ConversionReport convert(Path config) throws IOException {
        Path source = PytorchCases.file(CASE, "model.safetensors");
        return Conversion.convert(ConversionRequest.of(source, folder.resolve("memnet.rondo"))
                .withConfig(config)
                .withIo(PytorchCases.file(CASE, "io.safetensors")));
    }

    private Path changed(String right, String wrong) throws IOException {
        String text = Files.readString(PytorchCases.file(CASE, "config.json"));
        assertTrue(text.contains(right), right);
        return Files.writeString(folder.resolve("config.json"), text.replace(right, wrong));
    }

    @Test
    void computesWhatPytorchDoes() throws IOException {
        ConversionReport report = convert(PytorchCases.file(CASE, "config.json"));
        List<ReferenceCase> references = PytorchCases.verify(report.output());
        assertEquals(1, references.size());
        assertEquals(
                Set.of("logits", "hop_attention", "hop_state", "answer"),
                references.getFirst().outputs().keySet());
        try (Model model = Model.load(report.output())) {
            assertEquals("memory-network", model.metadata().get("task"));
            assertEquals("10", model.metadata().get("memory.sentences"));
        }
    }

    private ConversionReport convertRecurrent(String right, String wrong) throws IOException {
        String text = Files.readString(PytorchCases.file(RECURRENT, "config.json"));
        assertTrue(text.contains(right), right);
        return Conversion.convert(
                ConversionRequest.of(PytorchCases.file(RECURRENT, "model.safetensors"), folder.resolve("gru.rondo"))
                        .withConfig(Files.writeString(folder.resolve("gru.json"), text.replace(right, wrong)))
                        .withIo(PytorchCases.file(RECURRENT, "io.safetensors")));
    }

    @Test
    void sentencesAreReadByAGru() throws IOException {
        Path converted = convertRecurrent("", "").output();
        List<ReferenceCase> references = PytorchCases.verify(converted);
        assertEquals(
                Set.of("logits", "hop_attention", "hop_state", "answer"),
                references.getFirst().outputs().keySet());
        try (Model model = Model.load(converted)) {
            assertTrue(model.tensors().keySet().containsAll(List.of("sentence.weight_input", "sentence.hidden_bias")));
            assertTrue(model.metadata().get("interpretation.sentences").contains("GRU"));
        }
        // By the names of its tensors it is the same; with other gates it is not.
        String layer = """
            {"weight_input": "reader.weight_ih_l0", "weight_hidden": "reader.weight_hh_l0", "bias": "reader.bias_ih_l0",
             "hidden_bias": "reader.bias_hh_l0", "gate_order": "%s"}\
            """;
        String config = Files.readString(PytorchCases.file(RECURRENT, "config.json"));
        String object = config.substring(
                config.indexOf('{', config.indexOf("\"recurrent\": {")),
                config.indexOf('}', config.indexOf("\"recurrent\": {")) + 1);
        PytorchCases.verify(convertRecurrent(object, layer.formatted("rzn")).output());
        try (Model model =
                Model.load(convertRecurrent(object, layer.formatted("zrn")).output())) {
            assertFalse(Verification.of(
                            model, Model.Kernel.PLAIN, model.references().getFirst())
                    .holds());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        "prefix": "reader"|"prefix": "writer"|writer.weight_ih_l0
        "prefix": "reader"|"prefix": "reader", "cell": "lstm"|cell
        "sentences": "recurrent"|"sentences": "bag"|recurrent
        "recurrent": {|"unknown": {|recurrent
        """)
    void wrongGrusAreRefused(String right, String wrong, String said) {
        String message = assertThrows(RondoException.class, () -> convertRecurrent(right, wrong))
                .getMessage();
        assertTrue(message.contains(said), message);
    }

    /** The comparison can fail: what fits in shape and is wrong is seen. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        "sentences": "position"|"sentences": "bag"
        "T_emb.0", "T_emb.1"|"T_emb.1", "T_emb.0"
        "C_emb.1.weight", "C_emb.2.weight"|"C_emb.2.weight", "C_emb.1.weight"
        """)
    void aWrongDecisionIsSeen(String right, String wrong) throws IOException {
        Path converted = convert(changed(right, wrong)).output();
        try (Model model = Model.load(converted)) {
            assertFalse(Verification.of(
                            model, Model.Kernel.PLAIN, model.references().getFirst())
                    .holds());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        "adjacent"|"layerwise"|tying
        "words": 6,|"words": 0,|words
        "words": 6,|"words": 5,|[?,?,5]
        , "T_emb.3"]|]|tables
        "C_emb.0.weight", "C_emb.1.weight", "C_emb.2.weight", "C_emb.3.weight"|"C_emb.0.weight"|tables
        "C_emb.0.weight"|"C_emb.9.weight"|C_emb.9.weight
        "C_emb.1.weight"|"T_emb.1"|as many tokens
        "order": "first-first",||order
        """)
    void wrongConfigurationsAreRefused(String right, String wrong, String said) throws IOException {
        Path config = changed(right, wrong == null ? "" : wrong);
        String message =
                assertThrows(RondoException.class, () -> convert(config)).getMessage();
        assertTrue(message.replace(" ", "").contains(said.replace(" ", "").replace("[?,?,5]", "5")), message);
    }

    /** Layer-wise tables come under names of their own; a padding row that is not zero cannot be kept. */
    @Test
    void layerWiseNetworksAndTheirPadding() throws IOException {
        Path config = Files.writeString(folder.resolve("layerwise.json"), """
            {"architecture": "memory-network", "tying": "layer-wise", "hops": 2, "words": 3, "sentences": "bag",
             "tables": {"query": "b", "key": "a", "value": "c"}, "places": {"key": "ta", "value": "tc"},
             "hop": {"weight": "h", "bias": "hb"}, "output": {"weight": "w", "bias": "wb"},
             "order": "latest-first", "vocabulary": "none"}
            """);
        Map<String, List<Integer>> shapes = Map.of(
                "a",
                List.of(5, 2),
                "b",
                List.of(5, 2),
                "c",
                List.of(5, 2),
                "ta",
                List.of(4, 2),
                "tc",
                List.of(4, 2),
                "h",
                List.of(2, 2),
                "hb",
                List.of(2),
                "w",
                List.of(5, 2),
                "wb",
                List.of(5));
        for (boolean padded : List.of(true, false)) {
            Path source = folder.resolve("source.safetensors");
            write(source, shapes, padded);
            var request = ConversionRequest.of(source, folder.resolve("layerwise.rondo"))
                    .withConfig(config);
            if (padded) {
                try (Model model = Model.load(Conversion.convert(request).output())) {
                    assertTrue(model.tensors()
                            .keySet()
                            .containsAll(List.of(
                                    "embedding.query",
                                    "embedding.key",
                                    "embedding.value",
                                    "temporal.key",
                                    "hop.bias")));
                }
            } else {
                String message = assertThrows(RondoException.class, () -> Conversion.convert(request))
                        .getMessage();
                assertTrue(message.contains("padding"), message);
            }
        }
    }

    private static void write(Path to, Map<String, List<Integer>> shapes, boolean padded) throws IOException {
        var writer = new SafetensorsWriter();
        var random = new Random(3);
        shapes.forEach((name, shape) -> {
            int count = shape.stream().reduce(1, (a, b) -> a * b);
            ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < count; i++) {
                bytes.putFloat(padded && i < 2 ? 0 : (float) random.nextGaussian());
            }
            writer.tensor(name, Dtype.F32, shape, bytes.array());
        });
        writer.write(to);
    }
}
