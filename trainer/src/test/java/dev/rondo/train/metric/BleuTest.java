package dev.rondo.train.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;

class BleuTest {
    private static final Bleu.Options PLAIN =
            Bleu.Options.DEFAULT.with(Tokenisation.NONE).with(new Smoothing.None());

    private static BleuScore score(String hypothesis, Bleu.Options options, String... references) {
        return Bleu.sentence(hypothesis, List.of(references), options);
    }

    @Test
    void precisionsAreClipped() {
        // The example of the paper, section 2.1: "the" counts twice at most, as often as the reference that has most
        // has it.
        BleuScore score = score(
                "the the the the the the the",
                PLAIN.withWeights(1.0),
                "the cat is on the mat",
                "there is a cat on the mat");
        assertEquals(List.of(2L), score.matches());
        assertEquals(List.of(7L), score.totals());
        assertEquals(100 * 2 / 7.0, score.score(), 1e-12);
    }

    @Test
    void ofSeveralReferencesEachNgramTakesTheOneThatHasItMost() {
        BleuScore score = score("a a b b", PLAIN.withWeights(1.0), "a a x x", "b b x x");
        assertEquals(List.of(4L), score.matches());
        assertEquals(100, score.score(), 1e-12);
    }

    @Test
    void brevityPenaltyIsOneForLongTranslationsAndExponentialForShortOnes() {
        assertEquals(1, score("a b c d e", PLAIN, "a b c d").brevityPenalty());
        assertEquals(1, score("a b c d", PLAIN, "a b c d").brevityPenalty());
        BleuScore brief = score("a b c d", PLAIN, "a b c d e f");
        assertEquals(Math.exp(1 - 6.0 / 4), brief.brevityPenalty(), 1e-15);
        assertEquals(100 * Math.exp(-0.5), brief.score(), 1e-12);
        assertEquals(4 / 6.0, brief.lengthRatio(), 1e-15);
        assertEquals(0, score("", PLAIN, "a").brevityPenalty());
    }

    @Test
    void theNearestReferenceCountsOfTwoTheShorter() {
        assertEquals(5, score("a a a a", PLAIN, "a a a a a", "a a").referenceLength());
        assertEquals(3, score("a a a a", PLAIN, "a a a a a", "a a a").referenceLength());
        assertEquals(3, score("a a a a", PLAIN, "a a a", "a a a a a").referenceLength());
    }

    @Test
    void aGeometricMeanWithWeights() {
        // p1 = 4/5, p2 = 2/4, lengths are equal
        var options = PLAIN.withWeights(0.75, 0.25);
        BleuScore score = score("a b c x d", options, "a b c y d");
        assertEquals(List.of(80.0, 50.0), score.precisions());
        assertEquals(100 * Math.pow(0.8, 0.75) * Math.pow(0.5, 0.25), score.score(), 1e-12);
        assertEquals(
                80, score("a b c x d", PLAIN.withWeights(1.0, 0.0), "a b c y d").score(), 1e-12);
        assertEquals("nrefs:1|case:mixed|eff:no|tok:none|smooth:none|weights:[0.75, 0.25]", options.signature(1));
    }

    @Test
    void orderOfWordsCounts() {
        BleuScore inOrder = score("a b c d", PLAIN, "a b c d");
        BleuScore other = score("d c b a", PLAIN, "a b c d");
        assertEquals(100, inOrder.score(), 1e-12);
        assertEquals(100, other.precisions().getFirst(), 1e-12);
        assertEquals(0, other.score());
    }

    @Test
    void anOrderWithoutMatchIsSmoothed() {
        // matches 3, 1, 0, 0 of 4, 3, 2, 1
        String hypothesis = "a b x c";
        String reference = "a b c d";
        assertEquals(0, score(hypothesis, PLAIN, reference).score());
        assertEquals(
                List.of(75.0, 100 / 3.0, 25.0, 25.0),
                score(hypothesis, PLAIN.with(new Smoothing.Exponential()), reference)
                        .precisions());
        assertEquals(
                List.of(75.0, 100 / 3.0, 10.0, 20.0),
                score(hypothesis, PLAIN.with(new Smoothing.Floor(0.2)), reference)
                        .precisions());
        assertEquals(
                List.of(75.0, 50.0, 100 / 3.0, 50.0),
                score(hypothesis, PLAIN.with(new Smoothing.AddK(1)), reference).precisions());
    }

    @Test
    void aTextIsNoMeanOfItsSentences() {
        List<String> hypotheses = List.of("a b c d e", "x");
        List<String> reference = List.of("a b c d e", "y");
        BleuScore corpus = Bleu.corpus(hypotheses, List.of(reference), PLAIN);
        assertEquals(List.of(5L, 4L, 3L, 2L), corpus.matches());
        assertEquals(List.of(6L, 4L, 3L, 2L), corpus.totals());
        assertEquals(100 * Math.pow(5 / 6.0, 0.25), corpus.score(), 1e-12);
    }

    @Test
    void printsAsSacrebleuDoes() {
        BleuScore score = Bleu.corpus(List.of("the cat sat on the mat ."), List.of("the cat is on the mat ."));
        assertEquals(
                "BLEU = 48.89 85.7/66.7/40.0/25.0 (BP = 1.000 ratio = 1.000 hyp_len = 7 ref_len = 7)",
                score.toString());
        assertEquals("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp", Bleu.Options.DEFAULT.signature(1));
        assertEquals(
                "nrefs:2|case:lc|eff:yes|tok:none|smooth:floor[0.10]",
                PLAIN.withLowercase(true)
                        .withEffectiveOrder(true)
                        .with(new Smoothing.Floor(0.1))
                        .signature(2));
        assertEquals("chrF2", Chrf.Options.CHRF.name());
        assertEquals("chrF2++", Chrf.Options.CHRF_PLUS_PLUS.name());
        assertEquals("nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no", Chrf.Options.CHRF_PLUS_PLUS.signature(1));
    }

    @Test
    void chrfRewardsPartsOfWords() {
        List<String> reference = List.of("die katze schläft");
        assertEquals(100, Chrf.corpus(reference, reference), 1e-12);
        assertEquals(0, Chrf.corpus(List.of("xxx"), reference));
        assertEquals(0, Chrf.corpus(List.of(""), reference));
        double near = Chrf.corpus(List.of("die katzen schlafen"), reference);
        assertTrue(near > 40 && near < 90, "" + near);
        // Spaces do not count, unless they are asked for.
        assertEquals(100, Chrf.corpus(List.of("diekatze schläft"), reference), 1e-12);
        assertNotEquals(
                100,
                Chrf.corpus(List.of("diekatze schläft"), List.of(reference), new Chrf.Options(6, 0, 2, false, true)),
                1);
    }

    @Test
    void textsThatDoNotBelongTogetherAreRefused() {
        assertMessage("3 lines", () -> Bleu.corpus(List.of("a", "b"), List.of("a", "b", "c")));
        assertMessage("0 lines with 1 references", () -> Bleu.corpus(List.of(), List.of()));
        assertMessage("1 lines with 0 references", () -> Chrf.sentence("a", List.of(), Chrf.Options.CHRF));
        assertMessage("weights", () -> PLAIN.withWeights(0.5, 0.6));
        assertMessage("weights", () -> PLAIN.withWeights());
        assertMessage("weights", () -> PLAIN.withWeights(-1.0, 2.0));
        assertMessage("floor", () -> new Smoothing.Floor(0));
        assertMessage("k that", () -> new Smoothing.AddK(Double.NaN));
        assertMessage("orders", () -> new Chrf.Options(0, 0, 2, false, false));
        assertMessage("beta", () -> new Chrf.Options(6, 0, 0, false, false));
    }

    private static void assertMessage(String part, Runnable action) {
        String message = assertThrows(InputException.class, action::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
