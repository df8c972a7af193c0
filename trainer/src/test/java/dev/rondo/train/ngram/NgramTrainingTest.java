package dev.rondo.train.ngram;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.format.Segmentation;
import dev.rondo.format.TextPipeline;
import dev.rondo.ngram.NgramContext;
import dev.rondo.ngram.NgramModel;
import dev.rondo.ngram.NgramScore;
import dev.rondo.train.data.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small texts by hand. V is 5: a, b, c, the end and the unknown; the begin is never predicted. */
class NgramTrainingTest {
    private static final String TEXT = "a b\na b\na c\n";
    private static final TextPipeline WORDS = Vocabulary.sentences(Segmentation.WORDS, TEXT, 0, 1);

    @TempDir
    Path folder;

    private static NgramModel model(int order, Smoothing smoothing, Integer... cutoffs) {
        var settings = new NgramSettings(order, smoothing, List.of(cutoffs), false);
        return NgramModel.of(NgramTraining.estimate(settings, WORDS, TEXT).table(), Optional.of(WORDS));
    }

    private static void probability(double expected, NgramModel model, String word, String... before) {
        NgramContext context = model.context();
        for (String token : before) {
            model.advance(context, WORDS.vocabulary().indexOf(token));
        }
        double logProb = model.logProb(context, WORDS.vocabulary().indexOf(word));
        assertEquals(expected, Math.exp(logProb), 1e-6, word + " after " + List.of(before));
    }

    @Test
    void vocabularyOfSentences() {
        assertEquals(List.of("<unk>", "<s>", "</s>", "a", "b", "c"), WORDS.vocabulary());
        assertEquals(
                List.of("<unk>", "<s>", "</s>", "a", "b"),
                Vocabulary.sentences(Segmentation.WORDS, TEXT, 5, 1).vocabulary());
        assertEquals(
                List.of("<unk>", "<s>", "</s>", "a"),
                Vocabulary.sentences(Segmentation.WORDS, TEXT, 0, 3).vocabulary());
        assertEquals(
                List.of("<unk>", "<s>", "</s>", " ", "a", "b", "c"),
                Vocabulary.sentences(Segmentation.CHARACTERS, TEXT, 0, 1).vocabulary());
        assertThrows(InputException.class, () -> Vocabulary.sentences(Segmentation.WORDS, TEXT, 3, 1));
        assertThrows(InputException.class, () -> Vocabulary.sentences(Segmentation.WORDS, TEXT, 0, 0));
        assertThrows(InputException.class, () -> Vocabulary.sentences(Segmentation.WORDS, "\n\n", 0, 1));
    }

    @Test
    void addDelta() {
        NgramModel model = model(2, new Smoothing.AddDelta(0.5));
        probability(2.5 / 5.5, model, "b", "a");
        probability(0.5 / 5.5, model, "<unk>", "a");
        probability(3.5 / 5.5, model, "a", "<s>");
        probability(0.2, model, "a", "<unk>");
        probability(0, model, "<s>", "a");
        NgramModel unigrams = model(1, new Smoothing.AddDelta(1));
        // 9 tokens: a a a b b c and three ends.
        probability(4.0 / 14, unigrams, "a");
        probability(1.0 / 14, unigrams, "<unk>", "b");
    }

    @Test
    void addDeltaKnowsWholeContextsOnly() {
        NgramModel model = model(3, new Smoothing.AddDelta(0.5));
        probability(2.5 / 5.5, model, "b", "<s>", "a");
        probability(3.5 / 5.5, model, "a", "<s>");
        probability(0.5 / 5.5, model, "b", "<s>");
        // "<unk> a" was never seen, and "a" alone is no whole context.
        probability(0.2, model, "b", "<unk>", "a");
    }

    @Test
    void backoff() {
        NgramModel model = model(2, new Smoothing.Backoff());
        // Words: n1 = n2 = 1, so D = 1/3, of 9; what is left goes to the unknown word.
        probability(8.0 / 27, model, "a", "<unk>");
        probability(4.0 / 27, model, "<unk>", "<unk>");
        // Pairs: n1 = n2 = 2, so D = 1/3; 2/9 of "a" goes to what is not b or c, which has 20/27.
        probability(5.0 / 9, model, "b", "a");
        probability(2.0 / 9, model, "c", "a");
        probability(0.3 * 8 / 27, model, "</s>", "a");
        probability(0.3 * 4 / 27, model, "<unk>", "a");
    }

    @Test
    void kneserNey() {
        NgramModel model = model(2, new Smoothing.KneserNey());
        // a, b, c follow one word each, the end two: D = 3/5, of 5.
        probability(0.176, model, "a", "<unk>");
        probability(0.376, model, "</s>", "<unk>");
        probability(0.096, model, "<unk>", "<unk>");
        probability(5.0 / 9 + 2.0 / 9 * 0.176, model, "b", "a");
        probability(2.0 / 9 * 0.376, model, "</s>", "a");
    }

    @Test
    void modifiedKneserNey() {
        NgramModel model = model(2, new Smoothing.ModifiedKneserNey());
        // No count of counts fits: 0.5, 1, 1.5 are taken. Words: a, b, c lose 0.5 of 1, the end 1 of 2; total 5.
        double weight = (3 * 0.5 + 1) / 5;
        double a = 0.5 / 5 + weight / 5;
        probability(a, model, "a", "<unk>");
        probability((2 - 1.0) / 3 + (1 + 0.5) / 3 * a, model, "b", "a");
        probability((3 - 1.5) / 3 + 1.5 / 3 * a, model, "a", "<s>");
    }

    @Test
    void katz() {
        NgramModel model = model(2, new Smoothing.Katz());
        // No count of counts fits: a half is taken from each. Words: 4 halves of 9 go to the unknown.
        probability(2.5 / 9, model, "a", "<unk>");
        probability(2.0 / 9, model, "<unk>", "<unk>");
        probability(1.5 / 3, model, "b", "a");
        double weight = 1.0 / 3 / (1 - 1.5 / 9 - 0.5 / 9);
        probability(weight * 2.5 / 9, model, "</s>", "a");
    }

    @Test
    void discountsOfGoodAndTuring() {
        // n1..n5 = 10, 4, 2, 1, 1: counts up to 5 and 4 give shares above 1; up to 3 they fit. A = 4 * 1 / 10.
        int[] counts = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 5, 0, 9};
        Discount discount = Discount.goodTuring(null, 2, counts);
        assertTrue(discount.usual());
        assertEquals(1 - 2.0 / 3, discount.of(1), 1e-12);
        assertEquals(2 - 2 * (0.75 - 0.4) / 0.6, discount.of(2), 1e-12);
        assertEquals(3 - 3 * (4.0 / 6 - 0.4) / 0.6, discount.of(3), 1e-12);
        assertEquals(0, discount.of(4));
        assertEquals(0, discount.of(0));
        assertFalse(Discount.goodTuring(null, 2, new int[] {1, 2, 3}).usual());
    }

    @Test
    void discountsOfKneserAndNey() {
        int[] counts = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4};
        assertEquals(10.0 / 18, Discount.absolute(null, 2, counts).of(7), 1e-12);
        Discount modified = Discount.modified(null, 2, counts);
        double y = 10.0 / 18;
        assertArrayEquals(new double[] {1 - 2 * y * 0.4, 2 - 3 * y * 0.5}, modified.first(), 1e-12);
        assertEquals(3 - 4 * y * 0.5, modified.of(17), 1e-12);
        assertEquals("0.5556 1.1667 1.8889", modified.text());
    }

    @Test
    void cutoffsLeaveOutWhatIsRare() {
        NgramModel model = model(2, new Smoothing.KneserNey(), 0, 1);
        assertEquals(3, model.count(2)); // <s> a, a b, b </s>
        // c after a is left out: its count goes to the lower order, with what b loses.
        probability((2 - 1.0 / 3) / 3 + (1.0 / 3 + 1) / 3 * 0.176, model, "b", "a");
        probability((1.0 / 3 + 1) / 3 * 0.176, model, "c", "a");
        for (List<Integer> wrong : List.of(List.of(1), List.of(0, 2, 1), List.of(0, -1), List.of(0, 0, 0, 0))) {
            InputException error =
                    assertThrows(InputException.class, () -> new NgramSettings(3, new Smoothing.Katz(), wrong, false));
            assertTrue(error.getMessage().startsWith("cutoffs: "), error.getMessage());
        }
    }

    @Test
    void numbersOutOfRange() {
        for (int order : new int[] {0, -1, 17}) {
            assertThrows(InputException.class, () -> NgramSettings.of(order, new Smoothing.Katz()));
        }
        for (double delta : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1e7}) {
            assertThrows(InputException.class, () -> new Smoothing.AddDelta(delta));
        }
        var settings = NgramSettings.of(2, new Smoothing.Katz());
        assertThrows(InputException.class, () -> NgramTraining.estimate(settings, WORDS, "\n"));
        InputException mark =
                assertThrows(InputException.class, () -> NgramTraining.estimate(settings, WORDS, "a\na <s> b"));
        assertTrue(mark.getMessage().startsWith("line 2: "), mark.getMessage());
    }

    @Test
    void sentencesShorterThanTheOrder() {
        NgramModel model = model(9, new Smoothing.KneserNey());
        assertEquals(9, model.order());
        assertEquals(0, model.count(5));
        assertEquals(2, model.count(4));
    }

    @Test
    void theSameTextGivesTheSameFile() throws IOException {
        var settings = new NgramSettings(3, new Smoothing.ModifiedKneserNey(), List.of(), true);
        Path first = folder.resolve("1");
        Path second = folder.resolve("2");
        for (Path path : List.of(first, second)) {
            NgramTraining.write(path, settings, WORDS, NgramTraining.estimate(settings, WORDS, TEXT));
        }
        assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
        NgramTraining.Result result = NgramTraining.estimate(settings, WORDS, TEXT);
        assertEquals(3, result.sentences());
        assertEquals(9, result.tokens());
        try (Model model = Model.open(first)) {
            assertEquals("n-gram", model.metadata().get("kind"));
            assertEquals("modified-kneser-ney", model.metadata().get("smoothing"));
            NgramScore file = NgramScore.of(NgramModel.of(model), "a b\nc");
            assertEquals(NgramTraining.score(WORDS, result, "a b\nc"), file);
        }
    }
}
