package dev.rondo.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.error.RondoException;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a configuration of an encoder-decoder does not say right is an error that names it, and then nothing is written. */
class EncoderDecoderRefusalTest {
    private static final String TEXT =
            "\"source\": {\"vocabulary\": \"none\"},\n  \"target\": {\"vocabulary\": \"none\"}";

    @TempDir
    Path folder;

    /** Each case replaces one part of a configuration that is right. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        attn_dot|"bridge": "copy"|"bridges": "copy"|                               key 'bridge'
        attn_dot|"bridge": "copy"|"bridge": "copied"|                              zero, copy or an object
        attn_dot|"bridge": "copy"|"bridge": {"summary": "first"}|                  last_of_layer
        attn_dot|"bridge": "copy"|"bridge": {"summary": "last", "cell": []}|       unknown key 'cell'
        attn_dot|"bridge": "copy"|"bridge": {"summary": "last", "hidden": [{"prefix": "out"}], "activation": "tanh"}|out.weight
        attn_dot|"score": "dot"|"score": "cosine"|                                 'cosine'
        attn_dot|"score": "dot"|"score": "dot", "heads": 4|                        heads
        attn_dot|"score": "dot"|"score": "dot", "heads": 0|                        whole number from 1
        attn_dot|"score": "dot"|"score": "dot", "vector": "v"|                     unknown key 'vector'
        attn_dot|"score": "dot"|"score": "general"|                                key 'keys'
        attn_dot|"state": "after"|"state": "while"|                                before, between, after
        attn_dot|"state": "after"|"state": "between"|                              key 'second'
        attn_dot|"state": "after"|"state": "before"|                               [45, 23]
        attn_dot|"attention": {"score": "dot", "state": "after"}|"context": "none"|  the context only where there is one
        attn_dot|"attention": {"score": "dot", "state": "after"}|"context": "all"|   "none" or an object
        attn_dot|"attention": {"score": "dot", "state": "after"}|"feeding": false|   neither
        attn_dot|"readout"|"context": "none", "readout"|                           both
        attn_dot|["context", "state"]|["context", "state", "state"]|               each part once
        attn_dot|["context", "state"]|["state"]|                                   [?, 15]
        attn_dot|["context", "state"]|["context", "stat"]|                         'stat'
        attn_dot|"readout"|"feeding": true, "readout"|                             [45, 23]
        attn_dot|"readout"|"input": ["embedding", "context"], "readout"|           [embedding]
        attn_dot|"readout"|"connection": "highway", "readout"|                     none, residual or skip
        attn_dot|"prefix": "encoder"}|"prefix": "encoder", "bidirectional": true}| 1 of 2 directions
        attn_dot|"prefix": "encoder"}|"prefix": "encodes"}|                        encodes.weight_ih_l0
        attn_dot|"prefix": "encoder"}|"prefix": ["encoder", "decoder"]}|           [45, 15]
        attn_dot|"prefix": "encoder"}|"prefix": "encoder"}, "connection": "highway"| key 'gates'
        attn_dot|"output": {"prefix": "out"}|"output": {"weight": "out.weight"}|   'out.bias'
        attn_dot|"output": {"prefix": "out"}|"output": {"prefix": "out"}, "copy": "only"| unknown key 'output'
        attn_dot|"output": {"prefix": "out"}|"output": {"prefix": "out"}, "copy": "too"| "only" or an object
        attn_dot|"src": "source"|"src": "sources"|                                 sources
        attn_dot|"axes": "BT"|"axes": "TB"|                                        axes
        attn_dot|"axes": "BT"|"function": "step", "axes": "BT"|                    inputs are those of encode
        attn_dot|"outputs": {"init_h": "h"}|"outputs": {"init_h": "h7"}|           h7
        seq2seq_both|"bridge": {"summary": "last"}|"bridge": {"summary": "last_of_layer"}, "x": 1| unknown key 'x'
        seq2seq_both|"context": {"summary": "last"}|"context": {"summary": "last_of_layer"}| last, mean or max
        seq2seq_lowrank|"keys": {"prefix": "attention_v"}|"keys": {"prefix": "attention_u"}| [4, 18]
        seq2seq_lowrank|"prefix": "decoder"|"prefix": "encoder"|                   one direction
        seq2seq_conditional|"vector": "v"|"vector": "init.bias"|                   9
        seq2seq_conditional|{"prefix": "second"}|{"prefix": "encoder"}|            one layer
        seq2seq_deep|"query": {"prefix": "attention"}|"query": {"prefix": "out"}|  has no bias
        seq2seq_heads|"convolutions.1"|"convolutions.2"|                           convolutions.2
        seq2seq_heads|"connection": "residual"|"connection": "skip"|               none or residual
        seq2seq_heads|"summary": "max"|"summary": "last"|                          mean or max
        seq2seq_joint|{"layer": 1, |{"layer": 0, |                                 one gate
        seq2seq_joint|{"layer": 1, |{"layer": 5, |                                 layers of the encoder
        seq2seq_joint|["query", "keys"]|["query", "query"]|                        order of the columns
        seq2seq_joint|[{"prefix": "init.0"}, {"prefix": "init.1"}]|[{"prefix": "init.0"}]| init.1
        seq2seq_pointer|{"gate": {"prefix": "gate"}}|{"gate": {"prefix": "out"}}|  [1, 16]
        """)
    void isRefused(String name, String right, String wrong, String names) throws IOException {
        String text = Files.readString(PytorchCases.file(name, "config.json"));
        assertTrue(text.contains(right), name + " has " + right);
        RondoException refused = assertThrows(RondoException.class, () -> convert(name, text.replace(right, wrong)));
        assertTrue(refused.getMessage().contains(names), refused.getMessage());
        assertFalse(Files.exists(out()));
    }

    @Test
    void bothSidesHaveTheirText() throws IOException {
        String tokens = "\"vocabulary\": [\"<pad>\", \"<s>\", \"</s>\", \"<unk>\", %s], \"padding_token\": \"<pad>\","
                + " \"unknown_token\": \"<unk>\", \"end_token\": \"</s>\"";
        String source = "{\"segmentation\": \"words\", \"surround\": \"end\", \"normalisation\": \"lowercase\", "
                + tokens.formatted(words("w", 17)) + "}";
        String target = "{\"segmentation\": \"byte_pairs\", \"merges\": [\"a b\", \"ab c</w>\"], "
                + "\"begin_token\": \"<s>\", " + tokens.formatted(words("p", 12)) + "}";
        List<TextPipeline> texts = texts(source, target);
        assertEquals(
                List.of("source", "target"),
                texts.stream().map(TextPipeline::name).toList());
        assertEquals(Segmentation.WORDS, texts.getFirst().segmentation());
        assertEquals(new SpecialIds(3, -1, 2, 0), texts.getFirst().special());
        assertEquals(List.of("a b", "ab c</w>"), texts.get(1).merges());
        assertEquals(new SpecialIds(3, 1, 2, 0), texts.get(1).special());

        String inFile = target.replaceAll("\"vocabulary\": [^]]*], ", "").replaceAll("\"merges\": [^]]*], ", "");
        Path file = Files.writeString(
                folder.resolve("vocabulary.json"),
                "{\"target\": {\"vocabulary\": [\"<pad>\", \"<s>\", \"</s>\", \"<unk>\", " + words("p", 12)
                        + "], \"merges\": [\"a b\", \"ab c</w>\"]}}");
        String config = Files.readString(PytorchCases.file("attn_dot", "config.json"))
                .replace(TEXT, "\"source\": " + source + ", \"target\": " + inFile);
        Conversion.convert(request("attn_dot", config).withVocabulary(file));
        try (Model model = Model.load(out())) {
            assertEquals(texts, model.texts());
            assertEquals("end", model.metadata().get("text.source.surround"));
        }

        refused(source, target.replace("\"begin_token\": \"<s>\", ", ""), "begin_token");
        refused(source, target.replaceAll("\"merges\": [^]]*], ", ""), "merges");
        refused(source, inFile, "vocabulary");
        refused(source.replace("\"surround\": \"end\", ", ""), target, "surround");
        refused(source.replace("\"surround\": \"end\"", "\"surround\": \"both\""), target, "surround");
        refused(source, target.replace("{", "{\"surround\": \"end\", "), "unknown key 'surround'");
        refused(target.replace("{", "{\"surround\": \"none\", "), target, "21");
        refused(
                source.replace("\"</s>\"", "\"<end>\""),
                target.replace("\"end_token\": \"</s>\"", "\"end_token\": \"!\""),
                "'!'");
    }

    /** One list for both sides. */
    @Test
    void oneVocabularyForBothSides() throws IOException {
        String text = "{\"segmentation\": \"words\", \"begin_token\": \"t1\", \"end_token\": \"t2\"}";
        String config = Files.readString(PytorchCases.file("seq2seq_copy", "config.json"))
                .replace(
                        TEXT,
                        "\"source\": " + text.replace("{", "{\"surround\": \"none\", ") + ", \"target\": " + text);
        Path file = Files.writeString(folder.resolve("vocabulary.json"), "[" + words("t", 9) + "]");
        Conversion.convert(request("seq2seq_copy", config).withVocabulary(file));
        try (Model model = Model.load(out())) {
            assertEquals(2, model.texts().size());
            assertEquals(
                    model.texts().getFirst().vocabulary(), model.texts().get(1).vocabulary());
        }
    }

    private static String words(String letter, int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"" + letter + i + "\"").collect(Collectors.joining(", "));
    }

    private void refused(String source, String target, String names) throws IOException {
        RondoException refused = assertThrows(RondoException.class, () -> texts(source, target));
        assertTrue(refused.getMessage().contains(names), refused.getMessage());
    }

    private List<TextPipeline> texts(String source, String target) throws IOException {
        convert(
                "attn_dot",
                Files.readString(PytorchCases.file("attn_dot", "config.json"))
                        .replace(TEXT, "\"source\": " + source + ", \"target\": " + target));
        try (Model model = Model.load(out())) {
            return model.texts();
        }
    }

    private Path out() {
        return folder.resolve("model.rondo");
    }

    private void convert(String name, String config) throws IOException {
        Conversion.convert(request(name, config).withIo(PytorchCases.file(name, "io.safetensors")));
    }

    private ConversionRequest request(String name, String config) throws IOException {
        return ConversionRequest.of(PytorchCases.file(name, "model.safetensors"), out())
                .withConfig(Files.writeString(folder.resolve("config.json"), config));
    }
}
