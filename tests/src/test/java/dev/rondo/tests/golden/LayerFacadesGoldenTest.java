package dev.rondo.tests.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.rondo.Model;
import dev.rondo.classification.Classification;
import dev.rondo.classification.Classifier;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.tagging.Tagger;
import dev.rondo.tagging.Tagging;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.tests.session.Places;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Taggers that spell and have a chain, and classifiers by the ends of both directions, as their configurations make them:
 * text in, the answers of PyTorch out.
 */
class LayerFacadesGoldenTest {
    private static final Path CASES = Places.root().resolve("converters/src/test/resources/pytorch/cases");
    private static final double TOLERANCE = 1e-5;

    @TempDir
    Path folder;

    private Model convert(String name) throws IOException {
        Path file = folder.resolve("model.rondo");
        Path from = CASES.resolve(name);
        Conversion.convert(
                ConversionRequest.of(from.resolve("model.safetensors"), file).withConfig(from.resolve("config.json")));
        return Model.load(file);
    }

    private static List<JsonNode> answers(String name) throws IOException {
        var answers = new ArrayList<JsonNode>();
        for (String line : Files.readAllLines(CASES.resolve(name).resolve("answers.jsonl"))) {
            answers.add(JsonMapper.builder().build().readTree(line));
        }
        return answers;
    }

    private static List<String> texts(JsonNode list) {
        var texts = new ArrayList<String>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    /** The best path over all paths; somewhere it is not that of the best scores. */
    @ParameterizedTest
    @ValueSource(strings = {"tagger_spelled", "tagger_borders"})
    void taggersWithAChain(String name) throws IOException {
        List<JsonNode> answers = answers(name);
        Map<String, NdArray> io =
                Safetensors.read(Files.readAllBytes(CASES.resolve(name).resolve("io2.safetensors")));
        NdArray logits = io.get("in.logits");
        NdArray marginals = io.get("out.marginals");
        List<List<String>> sentences =
                answers.stream().map(a -> texts(a.get("text"))).toList();
        int differs = 0;
        try (Model model = convert(name)) {
            for (Model.Kernel kernel : Model.Kernel.values()) {
                Tagger tagger = Tagger.of(model, kernel);
                assertTrue(tagger.hasChain() && tagger.hasProbabilities());
                assertEquals(name.equals("tagger_spelled"), tagger.characters().isPresent());
                List<Tagging> together = tagger.session(sentences.size(), true).tagAll(sentences);
                for (int b = 0; b < sentences.size(); b++) {
                    List<String> wanted = texts(answers.get(b).get("answer"));
                    assertEquals(
                            wanted,
                            tagger.tag(String.join(" ", sentences.get(b))).tags());
                    Tagging found = together.get(b);
                    assertEquals(wanted, found.tags());
                    for (int t = 0; t < wanted.size(); t++) {
                        int tag = found.ids()[t];
                        assertEquals(marginals.at(b, t, tag), found.probability(t), TOLERANCE);
                        int at = b;
                        int place = t;
                        boolean beaten = IntStream.range(0, logits.size(2))
                                .anyMatch(k -> logits.at(at, place, k) > logits.at(at, place, tag));
                        differs += beaten ? 1 : 0;
                    }
                }
            }
        }
        assertNotEquals(0, differs, "the chain decides nothing");
    }

    @Test
    void classifierByTheEndsOfBothDirections() throws IOException {
        List<JsonNode> answers = answers("classifier_ends");
        NdArray probs = Safetensors.read(
                        Files.readAllBytes(CASES.resolve("classifier_ends").resolve("io.safetensors")))
                .get("out.probs");
        List<String> texts = answers.stream().map(a -> a.get("text").asText()).toList();
        try (Model model = convert("classifier_ends")) {
            for (Model.Kernel kernel : Model.Kernel.values()) {
                Classifier classifier = Classifier.of(model, kernel);
                assertEquals(List.of("calm", "busy", "strange"), classifier.labels());
                List<Classification> together = classifier.session(texts.size()).classifyAll(texts);
                for (int b = 0; b < texts.size(); b++) {
                    String wanted = answers.get(b).get("answer").asText();
                    assertEquals(wanted, classifier.classify(texts.get(b)).label());
                    assertEquals(wanted, together.get(b).label());
                    for (int k = 0; k < 3; k++) {
                        assertEquals(probs.at(b, k), together.get(b).probabilities()[k], TOLERANCE);
                    }
                }
            }
        }
        assertTrue(
                answers.stream().map(a -> a.get("answer").asText()).distinct().count() > 1, "one class for all texts");
    }
}
