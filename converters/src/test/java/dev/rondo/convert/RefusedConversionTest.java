package dev.rondo.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.safetensors.Dtype;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.RondoException;
import dev.rondo.format.Encoding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is not understood is an error that names it, and then nothing is written. */
class RefusedConversionTest {
    private static final int V = 4;
    private static final int E = 3;
    private static final int H = 2;
    private static final String CONFIG = """
        {
          "architecture": "language-model",
          "cell": "lstm",
          "embedding": "emb",
          "layers": [{"weight_input": "W", "weight_hidden": "U", "bias": ["b1", "b2"]}],
          "output": {"weight": "out", "bias": "b"},
          "vocabulary": ["a", "b", "c", "d"],
          "segmentation": "characters"
        }
        """;
    private static final String LAYER = "\"weight_hidden\": \"U\"";
    private static final String PYTORCH =
            CONFIG.replaceAll("\"layers\".*\n", "\"parameters\": \"pytorch\", \"recurrent\": \"rnn\",\n");

    @TempDir
    Path folder;

    /** Each case replaces one part of a configuration that is right. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        "cell": "lstm"|"cel": "lstm"|                                       key 'cell'
        "cell": "lstm"|"cell": "LSTM"|                                      elman, lstm or gru
        "cell": "lstm"|"cell": 1|                                           must be a text
        "cell": "lstm"|"cell": "lstm", "activation": "relu"|                unknown key 'activation'
        "cell": "lstm"|"cell": "lstm", "reset_after": true|                 unknown key 'reset_after'
        "cell": "lstm"|"cell": "elman", "gate_order": "ifgo"|               unknown key 'gate_order'
        "cell": "lstm"|"cell": "elman", "activation": "tahn"|               'tahn'
        "cell": "lstm"|"cell": "gru"|                                       key 'reset_after'
        "cell": "lstm"|"cell": "gru", "reset_after": "yes"|                 true or false
        "cell": "lstm"|"cell": "gru", "reset_after": true, "update_gate": "x"| keeps
        "cell": "lstm"|"cell": "lstm", "gate_order": "ioof"|                'ioof'
        "cell": "lstm"|"cell": "lstm", "gate_order": "ifg"|                 each gate's letter once
        "cell": "lstm"|"cell": "lstm", "gate_order": "rzn"|                 each gate's letter once
        "cell": "lstm"|"cell": "lstm", "bidirectional": true|               has to predict
        "cell": "lstm"|"cell": "lstm", "bidirectional": "no"|               true or false
        "cell": "lstm"|"cell": "lstm", "cell": "gru"|                       same key twice
        "cell": "lstm"|"cell": "lstm", "layers2": {}|                       unknown key 'layers2'
        "cell": "lstm"|"cell": "lstm", "parameters": "tensorflow"|          must be pytorch
        "cell": "lstm"|"cell": "lstm", "parameters": "pytorch"|             key 'recurrent'
        "language-model"|"transformer"|                                     'transformer'
        "emb"|"emb2"|                                                       'emb2'
        "emb"|["emb"]|                                                      must be a text
        "emb"|"b"|                                                          [?, ?]
        "emb"|"ids"|                                                        I64
        "W"|"U"|                                                            [8, 3]
        "W"|"out"|                                                          [8, 3]
        "U"|"W"|                                                            [8, 2]
        "U"|"out3"|                                                         multiple of 4
        ["b1", "b2"]|["b1", "b"]|                                           [8]
        ["b1", "b2"]|["b1", "b1"]|                                          each summand once
        ["b1", "b2"]|"b1"|                                                  'b2'
        ["b1", "b2"]|[]|                                                    at least one
        ["b1", "b2"]|[1]|                                                   list of texts
        ["b1", "b2"]|["b1", "b2"], "peephole": "p"|                         unknown key 'peephole'
        ["b1", "b2"]|["b1", "b2"], "hidden_bias": "p"|                      unknown key 'hidden_bias'
        ["b1", "b2"]|["b1", "b2"], "peepholes": {"i": "b", "f": "b"}|       key 'o'
        ["b1", "b2"]|["b1", "b2"], "peepholes": {"i": "b", "f": "b", "o": "b"}| [2]
        ["b1", "b2"]|["b1", "b2"], "projection": "out"|                     [2, 2]
        "weight": "out"|"weight": "W"|                                      [4, 2]
        "weight": "out"|"weights": "out"|                                   key 'weight'
        "weight": "out"|"weight": "out", "scale": 2|                        unknown key 'scale'
        "bias": "b"|"bias": "b1"|                                           [4]
        ["a", "b", "c", "d"]|["a", "b", "c"]|                               3 tokens
        ["a", "b", "c", "d"]|["a", "b", "c", "c"]|                          same entry twice
        ["a", "b", "c", "d"]|["a", "b", "c", 4]|                            list of texts
        ["a", "b", "c", "d"]|"abcd"|                                        must be a list of tokens
        ["a", "b", "c", "d"]|"none"|                                        unknown key 'segmentation'
        "characters"|"letters"|                                             characters, words or byte_pairs
        "characters"|"words", "normalisation": "nfd"|                       'nfd'
        "characters"|"words", "unknown_token": "<unk>"|                     '<unk>'
        "characters"|"words", "reference": {"axes": "BTX"}|                 'BTX'
        "characters"|"words", "reference": {"atol": -1}|                    not be negative
        "characters"|"words", "reference": {"tolerance": 1}|                unknown key 'tolerance'
        "characters"|"words",|                                              plain JSON
        "characters"|"words"} {|                                            plain JSON
        """)
    void wrongConfigurationsAreNamed(String part, String instead, String named) throws IOException {
        assertTrue(CONFIG.contains(part));
        source().write(folder.resolve("in.safetensors"));
        refused(
                CONFIG.replace(part, instead),
                named,
                request().withAllowUnused(List.of("ids", "out*", "emb", "W", "U", "b", "b1")));
    }

    @Test
    void theConfigurationItselfIsRight() throws IOException {
        source(List.of("ids", "out3")).write(folder.resolve("in.safetensors"));
        Files.writeString(folder.resolve("config.json"), CONFIG);
        Conversion.convert(request());
        assertTrue(Files.exists(folder.resolve("out.rondo")));
    }

    @Test
    void unusedTensorsAreNamed() throws IOException {
        source().write(folder.resolve("in.safetensors"));
        RondoException error = refused(CONFIG, "every tensor must be used");
        assertTrue(error.got().contains("'ids'") && error.got().contains("'out3'"), error.getMessage());
        RondoException other = refused(CONFIG, "not used: 'ids'", request().withAllowUnused(List.of("out*")));
        assertTrue(!other.got().contains("out3"), other.getMessage());
    }

    @Test
    void bidirectionalSourcesAreRefusedWithTheReason() throws IOException {
        pytorch("lstm", 4).with("rnn.weight_ih_l0_reverse", 8, E).write(folder.resolve("in.safetensors"));
        refused(PYTORCH, "has to predict");
    }

    @Test
    void incompletePytorchModelsAreNamed() throws IOException {
        TinySource source = pytorch("lstm", 4);
        source.arrays.remove("rnn.bias_hh_l0");
        source.write(folder.resolve("in.safetensors"));
        refused(PYTORCH, "rnn.bias_ih_l0");
        refused(PYTORCH.replace("\"rnn\"", "\"lstm\""), "lstm.weight_ih_l0");
        pytorch("gru", 3).write(folder.resolve("in.safetensors"));
        refused(PYTORCH.replace("\"lstm\"", "\"gru\", \"reset_after\": false"), "reset_after false");
        refused(PYTORCH.replace("\"lstm\"", "\"lstm\", \"gate_order\": \"ifgo\""), "unknown key 'gate_order'");
    }

    @Test
    void hiddenBiasNeedsResetAfter() throws IOException {
        source().write(folder.resolve("in.safetensors"));
        refused(
                CONFIG.replace("\"lstm\"", "\"gru\", \"reset_after\": false")
                        .replace(LAYER, LAYER + ", \"hidden_bias\": \"d\""),
                "reset_after");
    }

    @Test
    void vocabulariesAreGivenOnce() throws IOException {
        source(List.of("ids", "out3")).write(folder.resolve("in.safetensors"));
        Files.writeString(folder.resolve("v.json"), "[\"a\", \"b\", \"c\", \"d\"]");
        ConversionRequest beside = request().withVocabulary(folder.resolve("v.json"));
        refused(CONFIG, "given once", beside);
        refused(CONFIG.replaceAll("\"vocabulary\".*\n", ""), "given once");
        String none = CONFIG.replaceAll("\"vocabulary\".*\n.*\n", "\"vocabulary\": \"none\"\n");
        refused(none, "given once", beside);
        Files.writeString(folder.resolve("v.json"), "{\"a\": 1}");
        refused(CONFIG.replaceAll("\"vocabulary\".*\n", ""), "list of texts", beside);
        Files.delete(folder.resolve("v.json"));
        refused(CONFIG.replaceAll("\"vocabulary\".*\n", ""), "existing file", beside);
    }

    @Test
    void valuesBeyondAnEncodingAreNamedAndNothingIsLeft() throws IOException {
        TinySource source = source(List.of("ids", "out3"));
        source.get("U").values()[5] = 70000;
        source.write(folder.resolve("in.safetensors"));
        refused(CONFIG, "layer0.weight_hidden", request().withDtype(Encoding.F16));
        source.get("U").values()[5] = Float.NaN;
        source.write(folder.resolve("in.safetensors"));
        refused(CONFIG, "layer0.weight_hidden", request().withDtype(Encoding.INT8));
    }

    /** A pattern of many stars, as a regular expression, would take longer than the universe has. */
    @Test
    void patternsOfManyStarsCostNothing() throws IOException {
        source().with("a".repeat(3000), 1).write(folder.resolve("in.safetensors"));
        List<String> patterns = List.of("ids", "out3", "*a".repeat(40) + "b");
        assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> refused(CONFIG, "not used: 'aaa", request().withAllowUnused(patterns)));
        for (String matching : List.of("*a".repeat(40), "a*", "*", "*a*", "aa*aa")) {
            Conversion.convert(request().withAllowUnused(List.of("ids", "out3", matching)));
        }
        for (String other : List.of("a*b", "a", "b*", "a".repeat(1600) + "*" + "a".repeat(1600))) {
            refused(CONFIG, "not used: 'aaa", request().withAllowUnused(List.of("ids", "out3", other)));
        }
    }

    @Test
    void doublesBeyondF32AreNamedAndNotInfinity() throws IOException {
        TinySource source = source(List.of("ids", "out3"));
        source.write(folder.resolve("in.safetensors"));
        var writer = new SafetensorsWriter();
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("in.safetensors"))) {
            file.tensors().values().forEach(tensor -> {
                float[] values = tensor.toFloats();
                var doubles = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
                for (int i = 0; i < values.length; i++) {
                    doubles.putDouble(8 * i, tensor.name().equals("U") && i == 3 ? 1e39 : values[i]);
                }
                List<Integer> shape =
                        tensor.shape().stream().map(Long::intValue).toList();
                writer.tensor(tensor.name(), Dtype.F64, shape, doubles.array());
            });
        }
        writer.write(folder.resolve("in.safetensors"));
        RondoException error = refused(CONFIG, "tensor 'U'");
        assertEquals("1.0E39 at 3", error.got());
    }

    @Test
    void aFailureKeepsTheOldFile() throws IOException {
        byte[] old = {1, 2, 3};
        Files.write(folder.resolve("out.rondo"), old);
        source().write(folder.resolve("in.safetensors"));
        Files.writeString(folder.resolve("config.json"), CONFIG);
        assertThrows(RondoException.class, () -> Conversion.convert(request()));
        assertArrayEquals(old, Files.readAllBytes(folder.resolve("out.rondo")));
    }

    @Test
    void sourceAndOutputAreDifferentFiles() throws IOException {
        source(List.of("ids", "out3")).write(folder.resolve("in.safetensors"));
        Files.writeString(folder.resolve("config.json"), CONFIG);
        Path in = folder.resolve("in.safetensors");
        byte[] before = Files.readAllBytes(in);
        for (Path output : List.of(in, folder.resolve("config.json"), folder)) {
            assertThrows(
                    InputException.class,
                    () -> Conversion.convert(
                            ConversionRequest.of(in, output).withConfig(folder.resolve("config.json"))));
        }
        assertArrayEquals(before, Files.readAllBytes(in));
    }

    @Test
    void missingFilesAreNamed() throws IOException {
        refused(CONFIG, "in.safetensors");
        source().write(folder.resolve("in.safetensors"));
        Path config = folder.resolve("none.json");
        InputException error = assertThrows(
                InputException.class,
                () -> Conversion.convert(
                        ConversionRequest.of(folder.resolve("in.safetensors"), folder.resolve("out.rondo"))
                                .withConfig(config)));
        assertTrue(error.getMessage().contains("none.json"), error.getMessage());
        Files.write(config, new byte[] {'{', (byte) 0xC0, '}'});
        RondoException utf8 = assertThrows(
                RondoException.class,
                () -> Conversion.convert(
                        ConversionRequest.of(folder.resolve("in.safetensors"), folder.resolve("out.rondo"))
                                .withConfig(config)));
        assertTrue(utf8.getMessage().contains("UTF-8"), utf8.getMessage());
        assertThrows(InputException.class, () -> request().withDtype(Encoding.I64));
    }

    @Test
    void configurationErrorsSayLineAndColumn() throws IOException {
        source().write(folder.resolve("in.safetensors"));
        RondoException error = refused(CONFIG.replace("\"emb\",", "\"emb\"," + "\n  oops"), "plain JSON");
        assertTrue(error.getMessage().contains("line 5"), error.getMessage());
    }

    private RondoException refused(String config, String named) throws IOException {
        return refused(config, named, request());
    }

    private RondoException refused(String config, String named, ConversionRequest request) throws IOException {
        Files.writeString(folder.resolve("config.json"), config);
        List<Path> before = list();
        RondoException error = assertThrows(RondoException.class, () -> Conversion.convert(request));
        assertTrue(error.getMessage().contains(named), error.getMessage());
        assertEquals(before, list());
        return error;
    }

    private List<Path> list() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private ConversionRequest request() {
        return ConversionRequest.of(folder.resolve("in.safetensors"), folder.resolve("out.rondo"))
                .withConfig(folder.resolve("config.json"));
    }

    /** The model of the configuration, and two tensors more. */
    private static TinySource source() {
        return source(List.of());
    }

    private static TinySource source(List<String> without) {
        var source = new TinySource(1)
                .with("emb", V, E)
                .with("W", 4 * H, E)
                .with("U", 4 * H, H)
                .with("b1", 4 * H)
                .with("b2", 4 * H)
                .with("out", V, H)
                .with("b", V)
                .with("out3", 3, H)
                .withLongs("ids", 1, 2);
        without.forEach(source.arrays::remove);
        return source;
    }

    private static TinySource pytorch(String cell, int gates) {
        return new TinySource(cell.length())
                .with("emb", V, E)
                .with("rnn.weight_ih_l0", gates * H, E)
                .with("rnn.weight_hh_l0", gates * H, H)
                .with("rnn.bias_ih_l0", gates * H)
                .with("rnn.bias_hh_l0", gates * H)
                .with("out", V, H)
                .with("b", V);
    }

    @Test
    void valuesThatDoNotFitAreOfTheSource() throws IOException {
        Path source = folder.resolve("double.safetensors");
        byte[] huge = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(1e200)
                .array();
        new SafetensorsWriter().tensor("weight", Dtype.F64, List.of(1, 1), huge).write(source);
        var request =
                ConversionRequest.of(source, folder.resolve("double.rondo")).withInference(Optional.empty());
        var error = assertThrows(FormatException.class, () -> Conversion.convert(request));
        assertTrue(error.getMessage().contains("(double.safetensors"), error.getMessage());
        assertTrue(error.getMessage().contains("'weight'"), error.getMessage());
    }
}
