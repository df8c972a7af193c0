package dev.rondo.train.select;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class SearchTest {
    private static final int SEEDS = 20;

    /** Branin's function (Dixon and Szego 1978): three minima of 0.397887. */
    private static double branin(Map<String, String> values) {
        double x = Double.parseDouble(values.get("x"));
        double y = Double.parseDouble(values.get("y"));
        double parabola = y - 5.1 / (4 * Math.PI * Math.PI) * x * x + 5 / Math.PI * x - 6;
        return parabola * parabola + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
    }

    private static final double[][] A = {{3, 10, 30}, {0.1, 10, 35}, {3, 10, 30}, {0.1, 10, 35}};
    private static final double[][] P = {
        {0.3689, 0.1170, 0.2673}, {0.4699, 0.4387, 0.7470}, {0.1091, 0.8732, 0.5547}, {0.0381, 0.5743, 0.8828}
    };
    private static final double[] ALPHA = {1, 1.2, 3, 3.2};

    /** Hartmann's function of three dimensions: one minimum of -3.86278. */
    private static double hartmann(Map<String, String> values) {
        double sum = 0;
        for (int i = 0; i < 4; i++) {
            double inner = 0;
            for (int j = 0; j < 3; j++) {
                double d = Double.parseDouble(values.get("x" + j)) - P[i][j];
                inner += A[i][j] * d * d;
            }
            sum -= ALPHA[i] * Math.exp(-inner);
        }
        return sum;
    }

    /** Branin with a choice, of which one is 20 worse, and whole numbers. */
    private static double mixed(Map<String, String> values) {
        return branin(values) + (values.get("kind").equals("good") ? 0 : 20);
    }

    private static double median(
            SearchSpace space, Strategy strategy, int trials, ToDoubleFunction<Map<String, String>> f)
            throws IOException {
        double[] best = new double[SEEDS];
        for (int seed = 0; seed < SEEDS; seed++) {
            List<Trial> done = new Search(space, strategy, trials, seed)
                    .run((_, values) -> Optional.of(Trial.Outcome.of(-f.applyAsDouble(values), 0)));
            best[seed] = -Search.best(done).orElseThrow().score();
        }
        Arrays.sort(best);
        return (best[SEEDS / 2 - 1] + best[SEEDS / 2]) / 2;
    }

    @Test
    void ofBraninsFunctionBayesFindsAMinimum() throws IOException {
        var space = SearchSpace.parse(List.of("x=-5..10", "y=0..15"));
        double bayesian = median(space, new Bayesian(), 30, SearchTest::branin);
        double random = median(space, new Strategy.Random(), 30, SearchTest::branin);
        assertTrue(bayesian < 0.45, "bayesian " + bayesian);
        assertTrue(bayesian < random - 0.3, "bayesian " + bayesian + ", random " + random);
    }

    @Test
    void ofHartmannsFunctionBayesFindsTheMinimum() throws IOException {
        var space = SearchSpace.parse(List.of("x0=0..1", "x1=0..1", "x2=0..1"));
        double bayesian = median(space, new Bayesian(), 30, SearchTest::hartmann);
        double random = median(space, new Strategy.Random(), 30, SearchTest::hartmann);
        assertTrue(bayesian < -3.8, "bayesian " + bayesian);
        assertTrue(bayesian < random - 0.2, "bayesian " + bayesian + ", random " + random);
    }

    @Test
    void choicesAndWholeNumbersAreSearchedToo() throws IOException {
        var space = SearchSpace.parse(List.of("x=-5..10 int", "kind=bad,worse,good", "y=0..15"));
        ToDoubleFunction<Map<String, String>> f = SearchTest::mixed;
        double bayesian = median(space, new Bayesian(), 30, f);
        double random = median(space, new Strategy.Random(), 30, f);
        assertTrue(bayesian < 1, "bayesian " + bayesian);
        assertTrue(bayesian < random - 1, "bayesian " + bayesian + ", random " + random);
    }

    /** Where the space is small, everything is tried once before anything is tried twice. */
    @Test
    void nothingIsTriedTwiceWhileSomethingIsLeft() throws IOException {
        var space = SearchSpace.parse(List.of("n=1..20 int"));
        var search = new Search(space, new Bayesian(), 22, 7);
        List<Trial> done = search.run((_, values) ->
                Optional.of(Trial.Outcome.of(-Math.abs(13 - Integer.parseInt(values.get("n"))), 0)));
        assertEquals(
                20,
                new HashSet<>(done.subList(0, 20).stream().map(Trial::values).toList()).size());
        assertEquals(List.of("13"), Search.best(done).orElseThrow().values());
        assertEquals(List.of("13"), done.getLast().values());
    }

    @Test
    void failedTrialsAreLeftBehind() throws IOException {
        var space = SearchSpace.parse(List.of("x=0..1"));
        var search = new Search(space, new Bayesian(), 25, 3);
        List<Trial> done = search.run((_, values) -> {
            double x = Double.parseDouble(values.get("x"));
            return Optional.of(
                    x > 0.5 ? Trial.Outcome.failure("above a half", 0) : Trial.Outcome.of(-(x - 0.3) * (x - 0.3), 0));
        });
        assertEquals(
                0.3, Double.parseDouble(Search.best(done).orElseThrow().values().getFirst()), 0.01);
        long failed = done.stream().filter(Trial::failed).count();
        assertTrue(failed > 0 && failed < 9, failed + " of 25 failed");
        assertEquals(
                25,
                search.run((_, _) -> Optional.of(Trial.Outcome.failure("all", 0)))
                        .size());
        assertTrue(Search.best(List.of()).isEmpty());
    }

    @Test
    void theSameSeedGivesTheSameSearch() throws IOException {
        var space = SearchSpace.parse(List.of("x=-5..10", "y=0..15"));
        Search.Objective f = (_, values) -> Optional.of(Trial.Outcome.of(-branin(values), 0));
        for (Strategy strategy : List.of(new Bayesian(), new Strategy.Random())) {
            var search = new Search(space, strategy, 15, 3);
            assertEquals(search.run(f), search.run(f));
            assertFalse(search.run(f).equals(new Search(space, strategy, 15, 4).run(f)));
        }
    }

    @Test
    void theNormalDistributionIsThatOfTables() {
        assertEquals(0.975, Normal.cumulative(1.959963984540054), 1e-15);
        assertEquals(0.5, Normal.cumulative(0));
        assertEquals(9.865876450376946e-10, Normal.cumulative(-6), 1e-15);
        assertEquals(6.220960574271785e-16, Normal.cumulative(-8), 1e-18);
        // E max(0, −X) of a standard normal X is φ(0).
        assertEquals(1 / Math.sqrt(2 * Math.PI), Normal.expectedImprovement(0, 1, 0), 1e-15);
        assertEquals(2, Normal.expectedImprovement(-2, 0, 0));
        assertEquals(5.346e-8, Normal.expectedImprovement(5, 1, 0), 1e-11);
        double near = Normal.expectedImprovement(5.999999, 1, 0);
        assertEquals(near, Normal.expectedImprovement(6.000001, 1, 0), 0.09 * near);
    }

    @Test
    void aProcessGoesThroughWhatItHasSeen() {
        double[][] x = {{0}, {0.3}, {0.5}, {0.9}};
        double[] y = {1, -1, 0.5, 3};
        var process = new GaussianProcess(x, new int[] {0}, y);
        for (int i = 0; i < x.length; i++) {
            assertEquals(y[i], process.at(x[i]).mean(), 0.2);
        }
        assertTrue(process.at(new double[] {0.7}).deviation()
                > process.at(new double[] {0.5}).deviation());
        var flat = new GaussianProcess(x, new int[] {0}, new double[] {2, 2, 2, 2});
        assertEquals(2, flat.at(new double[] {0.6}).mean(), 1e-9);
    }

    @Test
    void choleskySolves() {
        double[][] matrix = {{4}, {2, 5}, {1, 3, 6}};
        Cholesky found = Cholesky.of(matrix).orElseThrow();
        double[] x = found.solve(new double[] {4 + 4 + 3, 2 + 10 + 9, 1 + 6 + 18});
        assertEquals(1, x[0], 1e-12);
        assertEquals(2, x[1], 1e-12);
        assertEquals(3, x[2], 1e-12);
        // 4·(5·6 − 9) − 2·(2·6 − 3) + 1·(2·3 − 5)
        assertEquals(Math.log(67), found.logDeterminant(), 1e-12);
        assertTrue(Cholesky.of(new double[][] {{1}, {2, 1}}).isEmpty());
    }

    @Test
    void aSearchHasTrials() {
        var space = SearchSpace.parse(List.of("x=0..1"));
        assertThrows(InputException.class, () -> new Search(space, new Strategy.Random(), 0, 1));
    }
}
