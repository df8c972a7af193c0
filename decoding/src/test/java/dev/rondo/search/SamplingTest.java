package dev.rondo.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.decode.Sampler;
import dev.rondo.decode.Sampling;
import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is drawn, by sampling and by a stochastic beam, has the probabilities that it should have. */
class SamplingTest {
    private static final int BEGIN = 3;
    private static final int END = 2;
    private static final Constraints SHORT = Constraints.NONE.withMaxLength(3);
    private static final TreeModel MODEL = new TreeModel(3, 0, 1.5, 11);

    private static TreeSteps steps() {
        return new TreeSteps(MODEL, BEGIN);
    }

    private static Map<List<Integer>, Double> probabilities() {
        var result = new HashMap<List<Integer>, Double>();
        BeamOptions options = BeamOptions.of(1).withConstraints(SHORT);
        for (Enumeration.Found found : Enumeration.of(MODEL, 0, END, options, Sentence.of(BEGIN))) {
            result.put(found.tokens(), Math.exp(found.logProb()));
        }
        return result;
    }

    /** Pearson's statistic; with the expected counts' number of degrees of freedom, 60 is far out for up to 20. */
    private static double chiSquare(Map<?, Integer> counts, Map<?, Double> probabilities, int draws) {
        double statistic = 0;
        for (Map.Entry<?, Double> each : probabilities.entrySet()) {
            double expected = each.getValue() * draws;
            double difference = counts.getOrDefault(each.getKey(), 0) - expected;
            statistic += difference * difference / expected;
        }
        return statistic;
    }

    /** What is no number must not be taken for what constraints forbid: that would be no result, and no error. */
    @Test
    void scoresThatAreNoNumbersAreRefused() {
        for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            var broken = new TreeModel(3, 0, 1, 1) {
                @Override
                float[] logProbs(int sentence, int... history) {
                    return history.length == 0 ? super.logProbs(sentence, history) : new float[] {wrong, wrong, wrong};
                }
            };
            var steps = new TreeSteps(broken, BEGIN);
            Constraints two = SHORT.withMinLength(2);
            for (Search search : List.of(
                    SamplingSearch.greedy(steps, END, two),
                    new SamplingSearch(steps, END, Sampling.of(1), 3, two),
                    new BeamSearch(steps, END, BeamOptions.of(2).withConstraints(two)),
                    new ExhaustiveSearch(steps, END, 1, LengthPenalty.NONE, two))) {
                assertThrows(InputException.class, () -> search.run(Sentence.of(BEGIN)));
            }
        }
    }

    @Test
    void samplesFollowTheModel() {
        var search = new SamplingSearch(steps(), END, Sampling.of(5), 20_000, SHORT);
        var counts = new HashMap<List<Integer>, Integer>();
        for (Hypothesis hypothesis : search.run(Sentence.of(BEGIN))) {
            counts.merge(hypothesis.tokens(), 1, Integer::sum);
        }
        assertTrue(chiSquare(counts, probabilities(), 20_000) < 60);
    }

    @Test
    void stochasticBeamDrawsTheFirstAsAModelDoesAndTheSecondWithoutTheFirst() {
        Map<List<Integer>, Double> one = probabilities();
        var both = new HashMap<List<List<Integer>>, Double>();
        one.forEach((a, p) -> one.forEach((b, q) -> {
            if (!a.equals(b)) {
                both.put(List.of(a, b), p * q / (1 - p));
            }
        }));
        int draws = 40_000;
        var firsts = new HashMap<List<Integer>, Integer>();
        var pairs = new HashMap<List<List<Integer>>, Integer>();
        for (int seed = 0; seed < draws; seed++) {
            BeamOptions options = BeamOptions.of(3)
                    .withNBest(2)
                    .withConstraints(SHORT)
                    .withVariety(new Variety.Stochastic(seed * 1_000L));
            List<Hypothesis> found = new BeamSearch(steps(), END, options).run(Sentence.of(BEGIN));
            firsts.merge(found.get(0).tokens(), 1, Integer::sum);
            pairs.merge(List.of(found.get(0).tokens(), found.get(1).tokens()), 1, Integer::sum);
        }
        assertTrue(chiSquare(firsts, one, draws) < 60);
        // 15 sequences make 210 pairs: mean 209, deviation 20.
        assertEquals(15, one.size());
        assertTrue(chiSquare(pairs, both, draws) < 330);
    }

    /** Samples that are decided are those of a beam that goes on to the end; and it does stop before. */
    @Test
    void stochasticBeamStopsWhenItsSamplesAreDecided() {
        int early = 0;
        int late = 0;
        for (int seed = 0; seed < 300; seed++) {
            var model = new TreeModel(4, 0, 2, seed);
            BeamOptions options = BeamOptions.of(4)
                    .withNBest(1 + seed % 4)
                    .withConstraints(Constraints.NONE.withMaxLength(12))
                    .withVariety(new Variety.Stochastic(seed));
            var stopping = new TreeSteps(model, BEGIN);
            var going = new TreeSteps(model, BEGIN);
            List<Hypothesis> decided = new BeamSearch(stopping, END, options).run(Sentence.of(BEGIN));
            BeamOptions never = options.withStopping(Stopping.NEVER);
            assertEquals(new BeamSearch(going, END, never).run(Sentence.of(BEGIN)), decided, "seed " + seed);
            early += stopping.calls;
            late += going.calls;
        }
        assertTrue(early < 0.9 * late, early + " of " + late + " steps");
    }

    /** So what becomes of the place of one that has ended is of no consequence. */
    @Test
    void widerStochasticBeamsDrawTheSame() {
        for (int seed = 0; seed < 200; seed++) {
            var model = new TreeModel(4, 0, 1.5, seed);
            BeamOptions options = BeamOptions.of(2)
                    .withNBest(2)
                    .withConstraints(Constraints.NONE.withMaxLength(6))
                    .withVariety(new Variety.Stochastic(seed));
            List<Hypothesis> narrow = new BeamSearch(new TreeSteps(model, BEGIN), END, options).run(Sentence.of(BEGIN));
            for (BeamOptions.Policy policy : BeamOptions.Policy.values()) {
                BeamOptions wide = options.withBeamSize(5).withPolicy(policy);
                List<Hypothesis> found = new BeamSearch(new TreeSteps(model, BEGIN), END, wide).run(Sentence.of(BEGIN));
                assertEquals(narrow, found, "seed " + seed);
            }
        }
    }

    @Test
    void sentencesOfABatchDrawFromTheirOwnSeeds() {
        var same = new TreeSteps(MODEL, BEGIN) {
            @Override
            public void begin(int count) {
                super.begin(count);
                for (int i = 0; i < count; i++) {
                    identify(i, 0);
                }
            }
        };
        var sentences = List.of(Sentence.of(BEGIN), Sentence.of(BEGIN), Sentence.of(BEGIN));
        var together = new SamplingSearch(same, END, Sampling.of(7), 8, SHORT).run(sentences);
        var alone = new ArrayList<List<Hypothesis>>();
        for (int i = 0; i < 3; i++) {
            alone.add(new SamplingSearch(steps(), END, Sampling.of(7 + i), 8, SHORT).run(Sentence.of(BEGIN)));
        }
        assertEquals(alone, together);
        assertEquals(together, new SamplingSearch(same, END, Sampling.of(7), 8, SHORT).run(sentences));
        assertNotEquals(together.get(0), together.get(1));
    }

    @Test
    void repetitionCosts() {
        Constraints ten = Constraints.NONE.withMaxLength(2);
        var plain = new SamplingSearch(steps(), -1, Sampling.GREEDY, 1, ten).run(Sentence.of(BEGIN));
        int first = plain.getFirst().tokens().getFirst();
        float[] logits = MODEL.logProbs(0, first);
        // Log-probabilities are negative: the penalty multiplies them.
        int expected = 0;
        for (int i = 0; i < 3; i++) {
            float best = logits[expected] * (expected == first ? 50 : 1);
            expected = logits[i] * (i == first ? 50 : 1) > best ? i : expected;
        }
        var penalised = new SamplingSearch(steps(), -1, Sampling.GREEDY.withRepetitionPenalty(50), 1, ten)
                .run(Sentence.of(BEGIN));
        assertEquals(List.of(first, expected), penalised.getFirst().tokens());
        assertEquals(logits[expected], penalised.getFirst().tokenScores()[1]);
    }

    @Test
    void listenerHearsAndStops() {
        var heard = new ArrayList<Integer>();
        var search = SamplingSearch.greedy(steps(), -1, Constraints.NONE);
        List<Hypothesis> found = search.run(List.of(Sentence.of(BEGIN)), (sentence, length, token, logProb) -> {
                    heard.add(token);
                    return length < 5;
                })
                .getFirst();
        assertEquals(5, heard.size());
        assertEquals(heard, found.getFirst().tokens());
        assertEquals(256, search.run(Sentence.of(BEGIN)).getFirst().tokens().size());
    }

    /** Of all samples of a sentence: they are as long as they are then, but for those that had ended. */
    @Test
    void aListenerStopsAllSamplesOfItsSentence() {
        var search = new SamplingSearch(steps(), END, Sampling.of(3), 8, Constraints.NONE.withMinLength(2));
        var heard = new ArrayList<Integer>();
        List<List<Hypothesis>> found =
                search.run(List.of(Sentence.of(BEGIN), Sentence.of(BEGIN)), (sentence, length, token, logProb) -> {
                    if (sentence == 1) {
                        heard.add(length);
                    }
                    return sentence == 0 || length < 3;
                });
        assertEquals(8, found.get(1).size());
        assertEquals(List.of(1, 2, 3), heard);
        int cut = 0;
        for (Hypothesis hypothesis : found.get(1)) {
            assertTrue(hypothesis.ended() || hypothesis.tokens().size() == 3, hypothesis::toString);
            assertTrue(hypothesis.tokens().size() <= 3, hypothesis::toString);
            cut += hypothesis.ended() ? 0 : 1;
        }
        assertTrue(cut > 1, "several were cut");
        assertTrue(found.get(0).stream().allMatch(Hypothesis::ended), "the other sentence went on");
    }

    /** When the first sample has ended, the next is heard of and can be stopped. */
    @Test
    void aListenerHearsOfTheSampleThatGoesOn() {
        var search = new SamplingSearch(steps(), END, Sampling.of(3), 16, Constraints.NONE);
        List<Hypothesis> all = search.run(Sentence.of(BEGIN));
        int longest = all.stream().mapToInt(h -> h.tokens().size()).max().orElseThrow();
        assertTrue(all.getFirst().tokens().size() < longest, "the first ends before others");
        var heard = new ArrayList<Integer>();
        search.run(List.of(Sentence.of(BEGIN)), (sentence, length, token, logProb) -> heard.add(length));
        assertEquals(longest - 1, heard.size());
        assertEquals(longest - 1, heard.getLast());
    }

    /** A model without memory: each token says which number was drawn. */
    private static TreeModel withoutMemory() {
        return new TreeModel(50, 0, 1, 1) {
            @Override
            float[] logProbs(int sentence, int... history) {
                return super.logProbs(sentence);
            }
        };
    }

    @Test
    void samplesDoNotShareTheirDraws() {
        Constraints forty = Constraints.NONE.withMaxLength(40);
        List<Hypothesis> found = new SamplingSearch(new TreeSteps(withoutMemory(), 50), -1, Sampling.of(1), 4, forty)
                .run(Sentence.of(50));
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                for (int shift = i == j ? 1 : 0; shift < 20; shift++) {
                    List<Integer> a = found.get(i).tokens().subList(shift, shift + 20);
                    assertNotEquals(a, found.get(j).tokens().subList(0, 20), i + " after " + shift + " is " + j);
                }
            }
        }
    }

    /** A text is what one sampler picks that reads all of it; the same at each call. */
    @Test
    void theFirstSampleIsThatOfASampler() {
        TreeModel model = withoutMemory();
        Sampling sampling = Sampling.of(4).withRepetitionPenalty(1.3).withTopK(30);
        var sampler = new Sampler(sampling, 50);
        var expected = new ArrayList<Integer>();
        for (int i = 0; i < 40; i++) {
            int token = sampler.pick(model.logProbs(0));
            sampler.read(token);
            expected.add(token);
        }
        Constraints forty = Constraints.NONE.withMaxLength(40);
        var search = new SamplingSearch(new TreeSteps(model, 50), -1, sampling, 3, forty);
        for (int call = 0; call < 2; call++) {
            assertEquals(expected, search.run(Sentence.of(50)).getFirst().tokens());
        }
    }

    @Test
    void moreTextsThanFitAreRefused() {
        var search = new SamplingSearch(steps(), END, Sampling.of(1), 1 << 16, SHORT);
        for (int sentences : new int[] {17, 1 << 15, 1 << 16}) {
            List<Sentence> many = Collections.nCopies(sentences, Sentence.of(BEGIN));
            String message =
                    assertThrows(InputException.class, () -> search.run(many)).getMessage();
            assertTrue(message.startsWith("sentences times samples: "), message);
        }
    }

    @Test
    void numbersOfSamplesOutsideTheirRangeAreNamed() {
        assertThrows(
                InputException.class, () -> new SamplingSearch(steps(), END, Sampling.GREEDY, 0, Constraints.NONE));
    }
}
