package dev.rondo.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Each option on a model small enough to see what it does. */
class BeamOptionsTest {
    private static final int END = 2;
    private static final int BEGIN = 9;

    /** The probabilities of the tokens 0, 1 and the end, after each last token; at first those after token 0. */
    private static final class Chain extends TreeModel {
        private final double[][] next;
        private final float[][] looks;

        Chain(double[][] next, float[][] looks) {
            super(next[0].length, looks.length == 0 ? 0 : looks[0].length, 0, 0);
            this.next = next;
            this.looks = looks;
        }

        @Override
        float[] logProbs(int sentence, int... history) {
            int last = history.length == 0 ? 0 : history[history.length - 1];
            var result = new float[size];
            for (int i = 0; i < size; i++) {
                result[i] = (float) Math.log(next[last][i]);
            }
            return result;
        }

        @Override
        float[] attention(int sentence, int... history) {
            return looks.length == 0 ? new float[0] : looks[Math.min(history.length, looks.length - 1)];
        }
    }

    private static final double[][] WEATHER = {{0.5, 0.3, 0.2}, {0.1, 0.6, 0.3}, {0.2, 0.2, 0.6}};

    private static List<Hypothesis> run(TreeModel model, BeamOptions options, Sentence sentence) {
        return new BeamSearch(new TreeSteps(model, BEGIN), END, options).run(sentence);
    }

    private static List<Integer> best(BeamOptions options) {
        return run(new Chain(WEATHER, new float[0][]), options, Sentence.of(BEGIN))
                .getFirst()
                .tokens();
    }

    private static BeamOptions with(Constraints constraints) {
        return BeamOptions.of(8).withConstraints(constraints);
    }

    private static final Constraints FIVE = Constraints.NONE.withMaxLength(5);
    private static final Constraints TWENTY = Constraints.NONE.withMaxLength(20);

    @Test
    void lengthPenaltyPrefersLonger() {
        assertEquals(List.of(2), best(with(FIVE)));
        // Cut off: 0.3 * 0.6^4 is more than 0.3 * 0.6^3 * 0.3.
        assertEquals(List.of(1, 1, 1, 1, 1), best(with(FIVE).withLengthPenalty(new LengthPenalty.Power(1.5))));
        assertEquals(1 / 3.0, 2 / new LengthPenalty.Power(1).at(6), 1e-15);
        assertEquals(Math.pow(11 / 6.0, 0.7), new LengthPenalty.Gnmt(0.7).at(6), 1e-15);
        List<Hypothesis> gnmt = run(
                new Chain(WEATHER, new float[0][]),
                with(FIVE).withNBest(8).withLengthPenalty(new LengthPenalty.Gnmt(0.7)),
                Sentence.of(BEGIN));
        for (Hypothesis h : gnmt) {
            double expected = h.logProb() / Math.pow((5 + h.tokens().size()) / 6.0, 0.7);
            assertEquals(expected, h.score(), 1e-12);
        }
    }

    @Test
    void lengthsAreHeld() {
        assertEquals(List.of(0, 2), best(with(FIVE.withMinLength(2))));
        assertEquals(List.of(1, 1, 1, 1, 1), best(with(FIVE.withMinLength(5))));
        List<Hypothesis> cut = run(
                new Chain(WEATHER, new float[0][]),
                with(Constraints.NONE.withMaxLength(1)).withNBest(3),
                Sentence.of(BEGIN));
        assertEquals(3, cut.size());
        assertEquals(List.of(0), cut.getFirst().tokens());
        assertTrue(!cut.getFirst().ended());
        assertArrayEquals(new int[] {0}, cut.getFirst().words());
        // Of the source's length: at least 2 * 2, at most 1 * 1 + 1.
        Sentence two = Sentence.of(BEGIN).withSourceLength(2);
        Sentence one = Sentence.of(BEGIN).withSourceLength(1);
        var model = new Chain(WEATHER, new float[0][]);
        BeamOptions factors = with(TWENTY.withMinFactor(2));
        assertEquals(4, run(model, factors, two).getFirst().tokens().size());
        BeamOptions most = with(FIVE.withMaxFactor(1, 1)).withLengthPenalty(new LengthPenalty.Power(2));
        assertEquals(2, run(model, most, one).getFirst().tokens().size());
        assertEquals(
                5,
                run(model, most, two.withSourceLength(10)).getFirst().tokens().size());
    }

    @Test
    void repetitionAndSuppression() {
        BeamOptions longest = with(FIVE.withMinLength(5));
        // 0.5 * 0.5 * 0.3 * 0.6 * 0.3
        assertEquals(
                List.of(0, 0, 1, 1, 2),
                best(longest.withConstraints(longest.constraints().withNoRepeatNgram(2))));
        assertEquals(
                List.of(0, 0, 0, 0, 0),
                best(longest.withConstraints(longest.constraints().withSuppressed(List.of(1)))));
        List<Integer> found = best(longest.withConstraints(
                longest.constraints().withSuppressedSequences(List.of(List.of(1, 1, 1), List.of(0, 0)))));
        assertEquals(List.of(1, 1, 0, 1, 1), found);
    }

    @Test
    void prefixes() {
        var model = new Chain(WEATHER, new float[0][]);
        Hypothesis hard =
                run(model, with(TWENTY), Sentence.of(BEGIN).withPrefix(0, 1, 0)).getFirst();
        assertEquals(List.of(0, 1, 0, 2), hard.tokens());
        assertEquals(Math.log(0.5 * 0.3 * 0.1 * 0.2), hard.logProb(), 1e-6);
        Hypothesis biased = run(model, with(TWENTY), Sentence.of(BEGIN).withBiasedPrefix(0.8, 0, 1))
                .getFirst();
        assertEquals(List.of(0, 1, 2), biased.tokens());
        assertEquals(Math.log(0.2 * 0.5 + 0.8), biased.tokenScores()[0], 1e-6);
        assertEquals(Math.log(0.3), biased.tokenScores()[2], 1e-6);
        assertEquals(
                List.of(2),
                run(model, with(TWENTY), Sentence.of(BEGIN).withBiasedPrefix(0.01, 0, 1))
                        .getFirst()
                        .tokens());
        // Suppression does not reach a hard prefix.
        assertEquals(
                List.of(1, 2),
                run(
                                model,
                                with(TWENTY.withSuppressed(List.of(1))),
                                Sentence.of(BEGIN).withPrefix(1))
                        .getFirst()
                        .tokens());
        assertThrows(
                InputException.class,
                () -> run(model, with(FIVE), Sentence.of(BEGIN).withPrefix(END)));
        assertThrows(
                InputException.class,
                () -> run(model, with(FIVE), Sentence.of(BEGIN).withPrefix(3)));
        assertThrows(
                InputException.class,
                () -> run(model, with(FIVE), Sentence.of(BEGIN).withPrefix(0, 0, 0, 0, 0)));
    }

    @Test
    void coverageWantsTheWholeSource() {
        float[][] looks = {{0.9f, 0.1f}, {0.2f, 0.8f}, {0.5f, 0.5f}};
        var model = new Chain(WEATHER, looks);
        Sentence sentence = Sentence.of(BEGIN).withSourceLength(2);
        assertEquals(List.of(2), run(model, with(FIVE), sentence).getFirst().tokens());
        Hypothesis covering = run(model, with(FIVE).withCoveragePenalty(0.5).withAttention(true), sentence)
                .getFirst();
        assertEquals(List.of(0, 2), covering.tokens());
        // Sums over two steps: 1.1 and 0.9.
        assertEquals(covering.logProb() + 0.5 * Math.log(0.9), covering.score(), 1e-6);
        assertArrayEquals(new int[] {0, 1}, covering.alignment());
        assertArrayEquals(looks[1], covering.attention()[1]);
        assertThrows(
                InputException.class,
                () -> run(new Chain(WEATHER, new float[0][]), with(FIVE).withCoveragePenalty(1), sentence));
    }

    @Test
    void policiesAndPatience() {
        // The end is among the two best at first: with SHRINK one hypothesis goes on, with REFILL two.
        double[][] model = {{0.3, 0.25, 0.45}, {0.1, 0.5, 0.4}, {0, 0, 1}};
        var chain = new Chain(model, new float[0][]);
        BeamOptions two = BeamOptions.of(2)
                .withNBest(2)
                .withStopping(Stopping.NEVER)
                .withConstraints(Constraints.NONE.withMaxLength(2));
        List<Hypothesis> shrunk = run(chain, two.withPolicy(BeamOptions.Policy.SHRINK), Sentence.of(BEGIN));
        assertEquals(List.of(2), shrunk.get(0).tokens());
        assertEquals(List.of(0, 2), shrunk.get(1).tokens());
        List<Hypothesis> refilled = run(chain, two.withPolicy(BeamOptions.Policy.REFILL), Sentence.of(BEGIN));
        assertEquals(List.of(2), refilled.get(0).tokens());
        assertEquals(0.135, Math.exp(refilled.get(1).logProb()), 1e-6);
        // Steps until one, two or three are finished.
        var steps = new ArrayList<Integer>();
        for (double patience : new double[] {0.5, 1, 1.5}) {
            var counted = new TreeSteps(new Chain(WEATHER, new float[0][]), BEGIN);
            BeamOptions options = BeamOptions.of(2)
                    .withStopping(new Stopping.Patience(patience))
                    .withConstraints(Constraints.NONE.withMaxLength(100));
            new BeamSearch(counted, END, options).run(Sentence.of(BEGIN));
            steps.add(counted.calls);
        }
        assertTrue(steps.get(0) < steps.get(1) && steps.get(1) < steps.get(2), steps::toString);
    }

    @Test
    void policyAndPatienceOfGroupsAreTheirOwn() {
        double[][] model = {{0.3, 0.25, 0.45}, {0.1, 0.5, 0.4}, {0, 0, 1}};
        BeamOptions groups = BeamOptions.of(4)
                .withNBest(4)
                .withStopping(Stopping.NEVER)
                .withVariety(new Variety.Diverse(2, 5))
                .withConstraints(Constraints.NONE.withMaxLength(2));
        var chain = new Chain(model, new float[0][]);
        List<Hypothesis> refilled = run(chain, groups, Sentence.of(BEGIN));
        List<Hypothesis> shrunk = run(chain, groups.withPolicy(BeamOptions.Policy.SHRINK), Sentence.of(BEGIN));
        assertTrue(!shrunk.equals(refilled), shrunk + " and " + refilled);
        var steps = new ArrayList<Integer>();
        for (double patience : new double[] {0.5, 1, 2}) {
            var counted = new TreeSteps(new Chain(WEATHER, new float[0][]), BEGIN);
            BeamOptions options = groups.withNBest(1)
                    .withStopping(new Stopping.Patience(patience))
                    .withConstraints(Constraints.NONE.withMaxLength(100));
            new BeamSearch(counted, END, options).run(Sentence.of(BEGIN));
            steps.add(counted.calls);
        }
        assertTrue(steps.get(0) < steps.get(1) && steps.get(1) < steps.get(2), steps::toString);
    }

    @Test
    void diversityChangesWhatGroupsChoose() {
        var model = new Chain(WEATHER, new float[0][]);
        BeamOptions options =
                BeamOptions.of(2).withNBest(2).withStopping(Stopping.NEVER).withConstraints(FIVE.withMinLength(5));
        List<Hypothesis> same = run(model, options.withVariety(new Variety.Diverse(2, 0)), Sentence.of(BEGIN));
        assertEquals(1, same.size(), "two groups find the same");
        assertEquals(
                List.of(0, 0, 0, 0, 0).subList(0, 4), same.getFirst().tokens().subList(0, 4));
        List<Hypothesis> diverse = run(model, options.withVariety(new Variety.Diverse(2, 5)), Sentence.of(BEGIN));
        assertEquals(2, diverse.size());
        for (int i = 0; i < 4; i++) {
            assertTrue(!diverse.get(0)
                    .tokens()
                    .get(i)
                    .equals(diverse.get(1).tokens().get(i)));
        }
        for (Hypothesis h : diverse) {
            // The score is the model's.
            double sum = 0;
            int last = 0;
            for (int token : h.tokens()) {
                sum += Math.log(WEATHER[last][token]);
                last = token;
            }
            assertEquals(sum, h.score(), 1e-5);
        }
    }

    @Test
    void listenerStops() {
        var lengths = new ArrayList<Integer>();
        var search = new BeamSearch(
                new TreeSteps(new Chain(WEATHER, new float[0][]), BEGIN),
                -1,
                BeamOptions.of(3).withNBest(3));
        List<List<Hypothesis>> found =
                search.run(List.of(Sentence.of(BEGIN), Sentence.of(BEGIN)), (sentence, length, token, logProb) -> {
                    lengths.add(length);
                    return sentence == 1 ? length < 3 : length < 5;
                });
        assertEquals(5, found.get(0).getFirst().tokens().size());
        assertEquals(3, found.get(1).getFirst().tokens().size());
        assertEquals(3, found.get(1).size());
        assertEquals(List.of(1, 1, 2, 2, 3, 3, 4, 5), lengths);
    }

    @Test
    void deadEndsHaveNoResult() {
        assertEquals(
                List.of(),
                run(
                        new Chain(WEATHER, new float[0][]),
                        with(FIVE.withSuppressed(List.of(0, 1, 2))),
                        Sentence.of(BEGIN)));
        assertEquals(
                List.of(),
                new BeamSearch(new TreeSteps(new Chain(WEATHER, new float[0][]), BEGIN), END, with(FIVE))
                        .run(List.of()));
    }

    private static void refused(String subject, Executable body) {
        String message = assertThrows(InputException.class, body).getMessage();
        assertTrue(message.startsWith(subject + ": "), message);
    }

    @Test
    void valuesOutsideTheirRangeAreNamed() {
        BeamOptions options = BeamOptions.of(4);
        refused("beam size", () -> BeamOptions.of(0));
        refused("n-best", () -> options.withNBest(5));
        refused("n-best", () -> options.withNBest(0));
        refused("coverage penalty", () -> options.withCoveragePenalty(-1));
        refused("coverage penalty", () -> options.withCoveragePenalty(Double.NaN));
        refused("length penalty", () -> new LengthPenalty.Power(Double.NaN));
        refused("length penalty", () -> new LengthPenalty.Gnmt(11));
        refused("patience", () -> new Stopping.Patience(0));
        refused("groups", () -> options.withVariety(new Variety.Diverse(3, 1)));
        refused("groups", () -> new Variety.Diverse(0, 1));
        refused("diversity", () -> new Variety.Diverse(1, -1));
        refused("alternatives", () -> new Variety.Alternatives(0));
        refused("n-best with alternatives", () -> options.withNBest(2).withVariety(new Variety.Alternatives(2)));
        refused(
                "length penalty of a stochastic beam",
                () -> options.withLengthPenalty(new LengthPenalty.Power(1)).withVariety(new Variety.Stochastic(1)));
        refused(
                "stopping of a stochastic beam",
                () -> options.withStopping(new Stopping.Patience(1)).withVariety(new Variety.Stochastic(1)));
        refused(
                "stopping of a stochastic beam",
                () -> options.withVariety(new Variety.Stochastic(1)).withStopping(new Stopping.Patience(1)));
        refused("maximum length", () -> Constraints.NONE.withMaxLength(0));
        refused("minimum length", () -> Constraints.NONE.withMaxLength(4).withMinLength(5));
        refused("minimum length", () -> Constraints.NONE.withMinLength(-1));
        refused("minimum length factor", () -> Constraints.NONE.withMinFactor(Double.NaN));
        refused("maximum length factor", () -> Constraints.NONE.withMaxFactor(-1, 0));
        refused("extra length", () -> Constraints.NONE.withMaxFactor(1, -1));
        refused("no-repeat n-gram", () -> Constraints.NONE.withNoRepeatNgram(-1));
        refused("suppressed token", () -> Constraints.NONE.withSuppressed(List.of(-1)));
        refused("suppressed sequence", () -> Constraints.NONE.withSuppressedSequences(List.of(List.of())));
        refused("prefix bias", () -> Sentence.of(1).withBiasedPrefix(1, 2));
        refused("sentence", () -> Sentence.of(-1));
        refused(
                "token id",
                () -> run(
                        new Chain(WEATHER, new float[0][]), with(FIVE.withSuppressed(List.of(3))), Sentence.of(BEGIN)));
    }
}
