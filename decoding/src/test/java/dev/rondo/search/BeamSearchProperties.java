package dev.rondo.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Beam search against all sequences there are, over all combinations of options. */
class BeamSearchProperties {
    private static final double CLOSE = 1e-9;

    /** A model and what is asked of it. */
    record Case(TreeModel model, int end, BeamOptions options, Sentence sentence) {
        Case with(BeamOptions other) {
            return new Case(model, end, other, sentence);
        }

        int begin() {
            return model.size;
        }

        List<Hypothesis> run() {
            return new BeamSearch(new TreeSteps(model, begin()), end, options).run(sentence);
        }

        List<Enumeration.Found> best() {
            List<Enumeration.Found> all = Enumeration.of(model, 0, end, options, sentence);
            return all.subList(0, Math.min(options.nBest(), all.size()));
        }
    }

    private static final Arbitrary<LengthPenalty> PENALTIES = Arbitraries.oneOf(
            Arbitraries.just(LengthPenalty.NONE),
            Arbitraries.of(-1.0, 0.3, 0.7, 1.0, 2.5).map(LengthPenalty.Power::new),
            Arbitraries.of(-0.5, 0.6, 1.0, 3.0).map(LengthPenalty.Gnmt::new));

    @Provide
    Arbitrary<Case> cases() {
        Arbitrary<TreeModel> models = Combinators.combine(
                        Arbitraries.integers().between(2, 4),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.of(0.1, 1.0, 4.0),
                        Arbitraries.longs())
                .as(TreeModel::new);
        return models.flatMap(model -> Combinators.combine(
                        Arbitraries.integers().between(-1, model.size - 1), options(model), sentences(model))
                .as((end, options, sentence) -> new Case(model, end, options, valid(sentence, end, options))));
    }

    /** A prefix does not hold the end token and is shorter than a sequence may be. */
    private static Sentence valid(Sentence sentence, int end, BeamOptions options) {
        int[] prefix = Arrays.stream(sentence.prefix())
                .filter(t -> t != end)
                .limit(options.constraints().maxLength() - 1)
                .toArray();
        return sentence.bias() == 0 ? sentence.withPrefix(prefix) : sentence.withBiasedPrefix(sentence.bias(), prefix);
    }

    private static Arbitrary<Sentence> sentences(TreeModel model) {
        return Combinators.combine(
                        Arbitraries.integers().between(Math.min(1, model.positions), model.positions),
                        Arbitraries.integers()
                                .between(0, model.size - 1)
                                .array(int[].class)
                                .ofMaxSize(2),
                        Arbitraries.of(0.0, 0.0, 0.2, 0.9))
                .as((source, prefix, bias) -> new Sentence(model.size, source, prefix, bias));
    }

    private static Arbitrary<BeamOptions> options(TreeModel model) {
        Arbitrary<Integer> tokens = Arbitraries.integers().between(0, model.size - 1);
        Arbitrary<Constraints> lengths = Combinators.combine(
                        Arbitraries.integers().between(1, 4),
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.of(0.0, 0.5, 1.0),
                        Arbitraries.of(0.5, 1.0, Double.POSITIVE_INFINITY),
                        Arbitraries.integers().between(0, 1))
                .as((most, least, minFactor, maxFactor, extra) -> new Constraints(
                        Math.min(least, most), most, minFactor, maxFactor, extra, 0, List.of(), List.of()));
        Arbitrary<Constraints> constraints = Combinators.combine(
                        lengths,
                        Arbitraries.integers().between(0, 3),
                        tokens.list().ofMaxSize(1),
                        tokens.list().ofMinSize(1).ofMaxSize(3).list().ofMaxSize(2))
                .as((c, n, suppressed, sequences) ->
                        c.withNoRepeatNgram(n).withSuppressed(suppressed).withSuppressedSequences(sequences));
        return Combinators.combine(
                        Arbitraries.integers().between(1, 12),
                        Arbitraries.of(BeamOptions.Policy.values()),
                        Arbitraries.of(Stopping.DECIDED, Stopping.NEVER),
                        PENALTIES,
                        Arbitraries.of(0.0, 0.2, 2.0),
                        constraints)
                .as((best, policy, stopping, penalty, coverage, c) -> BeamOptions.of(256)
                        .withNBest(best)
                        .withPolicy(policy)
                        .withStopping(stopping)
                        .withLengthPenalty(penalty)
                        .withCoveragePenalty(model.positions == 0 ? 0 : coverage)
                        .withConstraints(c));
    }

    /** Scores of tokens are f32. */
    private static boolean close(double a, double b) {
        return Math.abs(a - b) <= 1e-6 * (1 + Math.abs(a));
    }

    private static void assertClose(double expected, double got, Supplier<String> message) {
        assertTrue(close(expected, got), () -> expected + " and " + got + ": " + message.get());
    }

    private static void assertSame(List<Enumeration.Found> expected, List<Hypothesis> found) {
        assertEquals(expected.size(), found.size(), () -> expected + "\n" + found);
        for (int i = 0; i < found.size(); i++) {
            Hypothesis hypothesis = found.get(i);
            assertClose(expected.get(i).score(), hypothesis.score(), () -> expected + "\n" + found);
            boolean tied =
                    i > 0 && close(expected.get(i - 1).score(), expected.get(i).score())
                            || i + 1 < expected.size()
                                    && close(
                                            expected.get(i).score(),
                                            expected.get(i + 1).score());
            if (!tied && i + 1 < found.size()) {
                assertEquals(expected.get(i).tokens(), hypothesis.tokens());
                assertEquals(expected.get(i).ended(), hypothesis.ended());
                assertClose(expected.get(i).logProb(), hypothesis.logProb(), hypothesis::toString);
            }
        }
    }

    /** With a beam as wide as the tree, a search finds what there is to find. */
    @Property(tries = 500)
    void wideBeamFindsTheBestOfAll(@ForAll("cases") Case c) {
        assertSame(c.best(), c.run());
    }

    /** A narrow beam may miss what a wide one finds, but never finds anything better. */
    @Property(tries = 300)
    void narrowBeamFindsNothingBetter(@ForAll("cases") Case c, @ForAll @IntRange(min = 1, max = 12) int beam) {
        List<Hypothesis> narrow =
                c.with(c.options.withNBest(1).withBeamSize(beam)).run();
        List<Enumeration.Found> best = c.with(c.options.withNBest(1)).best();
        if (!narrow.isEmpty()) {
            assertTrue(narrow.getFirst().score() <= best.getFirst().score() + 1e-6, () -> narrow + " " + best);
        }
    }

    /** Stopping early loses nothing: the n best are those of a search that goes on to the end. */
    @Property(tries = 500)
    void stopsOnlyWhenTheNBestAreDecided(
            @ForAll("cases") Case c, @ForAll @IntRange(min = 1, max = 6) int beam, @ForAll boolean diverse) {
        BeamOptions options =
                c.options.withNBest(1).withBeamSize(2 * beam).withNBest(Math.min(2 * beam, c.options.nBest()));
        if (diverse) {
            options = options.withVariety(new Variety.Diverse(2, 0.7));
        }
        List<Hypothesis> early = c.with(options.withStopping(Stopping.DECIDED)).run();
        List<Hypothesis> late = c.with(options.withStopping(Stopping.NEVER)).run();
        assertEquals(late, early);
    }

    /** What a hypothesis says of itself holds. */
    @Property(tries = 300)
    void scoresAddUp(@ForAll("cases") Case c) {
        for (Hypothesis hypothesis : c.with(c.options.withAttention(true)).run()) {
            double sum = 0;
            int[] history = new int[0];
            for (int i = 0; i < hypothesis.tokens().size(); i++) {
                sum += hypothesis.tokenScores()[i];
                float[] attention = c.model.attention(0, history);
                if (c.model.positions > 0) {
                    assertEquals(
                            Arrays.toString(attention),
                            Arrays.toString(hypothesis.attention()[i]));
                    for (float weight : attention) {
                        assertTrue(weight <= attention[hypothesis.alignment()[i]]);
                    }
                }
                history = Arrays.copyOf(history, i + 1);
                history[i] = hypothesis.tokens().get(i);
            }
            assertEquals(hypothesis.logProb(), sum, CLOSE);
        }
    }

    /** Sentences that share a call do not see each other. */
    @Property(tries = 300)
    void batchIsOneByOne(
            @ForAll("cases") Case c,
            @ForAll @IntRange(min = 1, max = 5) int beam,
            @ForAll @IntRange(min = 1, max = 5) int count) {
        BeamOptions options = c.options.withNBest(1).withBeamSize(beam).withNBest(Math.min(beam, c.options.nBest()));
        var batch = new ArrayList<Sentence>();
        for (int i = 0; i < count; i++) {
            int[] prefix = Arrays.copyOf(c.sentence.prefix(), Math.min(i, c.sentence.prefix().length));
            batch.add(new Sentence(c.sentence.begin(), c.sentence.sourceLength(), prefix, c.sentence.bias()));
        }
        var together = new BeamSearch(new TreeSteps(c.model, c.begin()), c.end, options).run(batch);
        var alone = new ArrayList<List<Hypothesis>>();
        for (int i = 0; i < count; i++) {
            int sentence = i;
            var steps = new TreeSteps(c.model, c.begin()) {
                @Override
                public void begin(int sentences) {
                    super.begin(sentences);
                    identify(0, sentence);
                }
            };
            alone.add(new BeamSearch(steps, c.end, options).run(batch.get(i)));
        }
        assertEquals(alone, together);
    }

    /** The best next tokens after a prefix, each with the best of what begins so. */
    @Property(tries = 300)
    void alternatives(@ForAll("cases") Case c, @ForAll @IntRange(min = 1, max = 4) int count) {
        int[] prefix = c.sentence.prefix();
        Sentence sentence = c.sentence.withPrefix(prefix);
        BeamOptions options = c.options.withNBest(1).withVariety(new Variety.Alternatives(count));
        List<Hypothesis> found = new BeamSearch(new TreeSteps(c.model, c.begin()), c.end, options).run(sentence);
        float[] scores = c.model.logProbs(0, prefix);
        List<Enumeration.Found> all = Enumeration.of(c.model, 0, c.end, options, sentence);
        List<Integer> next = all.stream()
                .filter(f -> f.tokens().size() > prefix.length)
                .map(f -> f.tokens().get(prefix.length))
                .distinct()
                .sorted((a, b) -> Float.compare(scores[b], scores[a]))
                .toList();
        // A token after which the constraints leave nothing is an alternative without a result.
        List<Integer> firsts =
                found.stream().map(h -> h.tokens().get(prefix.length)).toList();
        assertTrue(count > next.size() || firsts.size() <= count);
        assertEquals(next.stream().filter(firsts::contains).toList(), firsts);
        for (Hypothesis hypothesis : found) {
            Enumeration.Found best = all.stream()
                    .filter(f -> f.tokens()
                            .get(prefix.length)
                            .equals(hypothesis.tokens().get(prefix.length)))
                    .findFirst()
                    .orElseThrow();
            assertClose(best.score(), hypothesis.score(), hypothesis::toString);
        }
    }

    /** The strategy for tiny cases knows no coverage, but everything else. */
    @Property(tries = 300)
    void exhaustiveSearchIsTheEnumeration(@ForAll("cases") Case drawn) {
        Case c = drawn.with(drawn.options.withCoveragePenalty(0));
        var search = new ExhaustiveSearch(
                new TreeSteps(c.model, c.begin()),
                c.end,
                c.options.nBest(),
                c.options.lengthPenalty(),
                c.options.constraints());
        assertSame(c.best(), search.run(c.sentence));
    }

    /** The likeliest token always is a beam of one. */
    @Property(tries = 300)
    void greedyIsABeamOfOne(@ForAll("cases") Case c) {
        BeamOptions one = c.options
                .withNBest(1)
                .withBeamSize(1)
                .withPolicy(BeamOptions.Policy.SHRINK)
                .withCoveragePenalty(0)
                .withLengthPenalty(LengthPenalty.NONE);
        var greedy = SamplingSearch.greedy(new TreeSteps(c.model, c.begin()), c.end, c.options.constraints());
        assertEquals(c.with(one).run(), greedy.run(c.sentence));
    }

    /** Fusion is a search over the weighted sum. */
    @Property(tries = 300)
    void fusion(@ForAll("cases") Case c, @ForAll long seed, @ForAll @IntRange(max = 3) int quarters) {
        double weight = quarters / 4.0;
        var language = new TreeModel(c.model.size, 0, 2, seed);
        var sum = new TreeModel(c.model.size, c.model.positions, 1, 0) {
            @Override
            float[] logProbs(int sentence, int... history) {
                float[] scores = c.model.logProbs(sentence, history);
                float[] others = language.logProbs(sentence, history);
                for (int i = 0; i < scores.length; i++) {
                    scores[i] += (float) weight * others[i];
                }
                return scores;
            }

            @Override
            float[] attention(int sentence, int... history) {
                return c.model.attention(sentence, history);
            }
        };
        var fused = new ShallowFusion(new TreeSteps(c.model, c.begin()), new TreeSteps(language, c.begin()), weight);
        Case expected = new Case(sum, c.end, c.options, c.sentence);
        assertSame(expected.best(), new BeamSearch(fused, c.end, c.options).run(c.sentence));
    }

    /** Sequences drawn without replacement: as many as the beam is wide, each once, with their own log-probability. */
    @Property(tries = 200)
    void stochasticBeamDrawsEachSequenceOnce(
            @ForAll("cases") Case drawn, @ForAll @IntRange(min = 1, max = 300) int beam, @ForAll long seed) {
        BeamOptions options = drawn.options
                .withNBest(1)
                .withBeamSize(beam)
                .withNBest(beam)
                .withCoveragePenalty(0)
                .withLengthPenalty(LengthPenalty.NONE)
                .withVariety(new Variety.Stochastic(seed));
        // Where constraints lead to dead ends, what was drawn may die.
        BeamOptions free = options.withConstraints(
                Constraints.NONE.withMaxLength(options.constraints().maxLength()));
        Case c = drawn.with(free);
        List<Enumeration.Found> all = Enumeration.of(c.model, 0, c.end, free, c.sentence);
        List<Hypothesis> found = c.run();
        assertEquals(Math.min(beam, all.size()), found.size());
        assertEquals(
                found.size(), found.stream().map(Hypothesis::tokens).distinct().count());
        double before = Double.POSITIVE_INFINITY;
        for (Hypothesis hypothesis : found) {
            Enumeration.Found same = all.stream()
                    .filter(f -> f.tokens().equals(hypothesis.tokens()))
                    .findFirst()
                    .orElseThrow();
            assertClose(same.logProb(), hypothesis.logProb(), hypothesis::toString);
            assertTrue(hypothesis.score() <= before);
            before = hypothesis.score();
        }
    }
}
