package dev.rondo.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.Segmentation;
import dev.rondo.tagging.TinyTagger;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a classifier adds to a model: texts in, classes out. */
class ClassifierTest {
    private static final String POOLED = """
        function sequence(tokens: i32[B,T], lengths: i32[B]) -> logits, probs {
            weight table: f32[7,4]
            weight u: f32[15,5]
            weight w: f32[15,4]
            weight out: f32[3,5]
            weight bias: f32[3]
            x = gather(@table, tokens)
            y, h = gru(x, @u, weight_input=@w, reset_after=false, lengths=lengths)
            pooled = pool_time(y, lengths=lengths, pooling=max)
            logits = linear(pooled, @out, bias=@bias)
            probs = softmax(logits)
        }
        """;

    private static final String WITHOUT_LENGTHS =
            POOLED.replace(", lengths: i32[B]", "").replace(", lengths=lengths", "");

    private static Model model(String function) {
        return TinyTagger.load(TinyTagger.writer("classifier", "words", "labels"), function);
    }

    @Test
    void textsTogetherAreClassifiedAsAlone() {
        for (String function : List.of(POOLED, WITHOUT_LENGTHS)) {
            try (Model model = model(function)) {
                Classifier classifier = Classifier.of(model);
                List<String> texts = IntStream.range(0, 50)
                        .mapToObj(i -> "a be cad dead zzz ".repeat(1 + i % 4).substring(0, 1 + i % 17))
                        .toList();
                List<Classification> together = classifier.session(8).classifyAll(texts);
                ClassifierSession session = classifier.session();
                for (int i = 0; i < texts.size(); i++) {
                    Classification one = classifier.classify(texts.get(i));
                    assertEquals(one.label(), together.get(i).label());
                    assertArrayEquals(one.probabilities(), together.get(i).probabilities(), 1e-5f);
                    float sum = 0;
                    for (float p : one.probabilities()) {
                        sum += p;
                        assertTrue(p <= one.probability());
                    }
                    assertEquals(1, sum, 1e-5);
                    assertEquals(classifier.labels().get(one.id()), one.toString());
                    float[] probabilities = new float[3];
                    int[] ids = classifier.ids(texts.get(i));
                    assertEquals(one.id(), session.classify(ids, ids.length, probabilities));
                    assertArrayEquals(one.probabilities(), probabilities, 1e-6f);
                }
            }
        }
    }

    @Test
    void aTextWithoutTokensHasAClassWhereLengthsCanSayIt() {
        try (Model model = model(POOLED)) {
            assertEquals(3, Classifier.of(model).classify("").probabilities().length);
            assertEquals(List.of(), Classifier.of(model).session().classifyAll(List.of()));
        }
        try (Model model = model(WITHOUT_LENGTHS)) {
            assertThrows(InputException.class, () -> Classifier.of(model).classify(" \n"));
        }
    }

    @Test
    void textsGrowTheBuffersAndHaveAnEnd() {
        try (Model model = model(POOLED)) {
            ClassifierSession session = Classifier.of(model).session(4);
            Classification first = session.classify("a be\ncad");
            session.classify("a ".repeat(3000));
            assertThrows(InputException.class, () -> session.classify("a ".repeat(70_000)));
            assertArrayEquals(
                    first.probabilities(), session.classify("a be cad").probabilities(), 1e-6f);
        }
    }

    @Test
    void badIdsAreRefused() {
        try (Model model = model(POOLED)) {
            ClassifierSession session = Classifier.of(model).session();
            float[] p = new float[3];
            assertThrows(InputException.class, () -> session.classify(null, 1, p));
            assertThrows(InputException.class, () -> session.classify(new int[] {1}, 1, null));
            assertThrows(InputException.class, () -> session.classify(null));
            assertThrows(InputException.class, () -> session.classifyAll(Arrays.asList("a", null)));
            assertThrows(InputException.class, () -> session.classify(new int[] {9}, 1, p));
            assertThrows(InputException.class, () -> session.classify(new int[] {-1}, 1, p));
            assertThrows(InputException.class, () -> session.classify(new int[1], 2, p));
            assertThrows(InputException.class, () -> session.classify(new int[1], 1, new float[2]));
            session.classify(new int[] {1}, 1, p);
        }
    }

    @Test
    void filesThatAreNoClassifiersAreRefused() {
        try (Model model = TinyTagger.load(TinyTagger.writer("tagger", "words", "labels"), POOLED)) {
            assertThrows(InputException.class, () -> Classifier.of(model));
        }
        try (Model model = model(POOLED.replace("function sequence", "function predict"))) {
            assertThrows(InputException.class, () -> Classifier.of(model));
        }
        try (Model model = model(POOLED.replace("probs", "shares"))) {
            assertThrows(ShapeException.class, () -> Classifier.of(model));
        }
        try (Model model = TinyTagger.load(TinyTagger.writer("classifier"), POOLED)) {
            Classifier without = Classifier.of(model);
            assertEquals(List.of("0", "1", "2"), without.labels());
            assertThrows(InputException.class, () -> without.classify("a"));
            assertTrue(without.session().classify(new int[] {2}, 1, new float[3]) >= 0);
        }
        var letters = TinyTagger.writer("classifier", "labels")
                .text(TinyTagger.pipeline(
                        "characters", Segmentation.CHARACTERS, -1, "a", "b", "c", "d", "e", "f", "g"));
        try (Model model = TinyTagger.load(letters, POOLED)) {
            Classifier classifier = Classifier.of(model);
            assertArrayEquals(new int[] {0, 1, 6}, classifier.ids("abg"));
            InputException unknown = assertThrows(
                    InputException.class, () -> classifier.classify(String.join("", Collections.nCopies(3, "z"))));
            assertTrue(unknown.getMessage().contains("'z'"), unknown.getMessage());
        }
    }

    private static final String SPELT = TinyTagger.CHARACTERS
            .replace("-> logits {", "-> logits, probs {")
            .replace(
                    "    logits = linear(f, @out)",
                    "    whole = pool_time(f, lengths=lengths, pooling=max)\n    logits = linear(whole, @out)\n"
                            + "    probs = softmax(logits)");

    /** A word that the vocabulary lacks tells by its letters, and a text is the same beside others with longer words. */
    @Test
    void wordsAreReadWithTheirCharacters() {
        try (Model model = TinyTagger.load(TinyTagger.writer("classifier", "words", "characters", "labels"), SPELT)) {
            Classifier classifier = Classifier.of(model);
            assertTrue(classifier.readsCharacters());
            assertArrayEquals(new int[] {1, 0, 2}, classifier.ids(" a eeb\nbe"));
            assertArrayEquals(new int[][] {{1}, {5, 5, 2}, {2, 5}}, classifier.characters("a eeb be"));
            float[] one = classifier.classify("a eeb be").probabilities();
            float[] other = classifier.classify("a ccd be").probabilities();
            assertTrue(Math.abs(one[0] - other[0]) > 1e-4, "letters count");
            List<String> texts = IntStream.range(0, 40)
                    .mapToObj(i -> "a eeb " + "abcde".repeat(1 + i % 5) + " be".repeat(i % 4))
                    .toList();
            List<Classification> together = classifier.session(8).classifyAll(texts);
            for (int i = 0; i < texts.size(); i++) {
                assertArrayEquals(
                        classifier.classify(texts.get(i)).probabilities(),
                        together.get(i).probabilities(),
                        1e-5f);
            }
            assertThrows(InputException.class, () -> classifier.session().classify(new int[] {1}, 1, new float[3]));
        }
        try (Model model = TinyTagger.load(TinyTagger.writer("classifier", "words", "labels"), SPELT)) {
            assertThrows(FormatException.class, () -> Classifier.of(model));
        }
        try (Model model = TinyTagger.load(TinyTagger.writer("classifier", "labels"), SPELT)) {
            Classifier without = Classifier.of(model);
            assertThrows(InputException.class, () -> without.classify("a"));
        }
    }
}
