package dev.rondo.train.select;

import dev.rondo.train.SeededRandom;
import dev.rondo.train.rule.Settings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Bayesian optimisation (Snoek, Larochelle and Adams 2012): after a beginning that is spread over the space (a Latin hypercube), the
 * values whose expected improvement over the best is largest by a Gaussian process of all trials, found among random points and
 * others near good ones. A choice is one-hot; a range is one number of the unit cube.
 */
public record Bayesian() implements Strategy {
    private static final int RANDOM_POINTS = 1000;
    private static final int NEAR_POINTS = 60;
    private static final int GOOD_TRIALS = 5;
    private static final double[] STEPS = {0.2, 0.05, 0.01};
    private static final double OTHER_CHOICE = 0.2;
    private static final long BEGINNING = 1;
    private static final long CANDIDATES = 2;
    /** Solving the process takes the cube of the trials. */
    private static final int MAX_TRIALS = 500;

    @Override
    public String text() {
        return "bayesian";
    }

    @Override
    public Optional<List<String>> next(SearchSpace space, List<Trial> done, long seed) {
        Settings.require(done.size() < MAX_TRIALS, "trials", "are at most 500 of a Bayesian search", done.size() + 1);
        int beginning = Math.clamp(2L * space.dimensions().size() + 2, 4, 10);
        if (done.size() < beginning || done.stream().allMatch(Trial::failed)) {
            return Optional.of(space.at(spread(space, done.size(), beginning, seed)));
        }
        return Optional.of(new Choosing(space, done, SeededRandom.of(seed, CANDIDATES, done.size())).best());
    }

    /** A point whose coordinates fall into parts of the unit interval where those of no other of the beginning do. */
    private static double[] spread(SearchSpace space, int trial, int beginning, long seed) {
        double[] point = Random.point(space, SeededRandom.of(seed, BEGINNING, trial));
        for (int d = 0; trial < beginning && d < point.length; d++) {
            int part = SeededRandom.of(seed, BEGINNING, -1, d).permutation(beginning)[trial];
            point[d] = (part + point[d]) / beginning;
        }
        return point;
    }

    /** The choice of one trial. Costs are negated scores. */
    private static final class Choosing {
        private final SearchSpace space;
        private final List<Trial> done;
        private final SeededRandom random;
        private final Set<List<String>> known = new HashSet<>();
        private final GaussianProcess process;
        private final double least;
        private List<String> best;
        private double bestImprovement = Double.NEGATIVE_INFINITY;

        Choosing(SearchSpace space, List<Trial> done, SeededRandom random) {
            this.space = space;
            this.done = done;
            this.random = random;
            done.forEach(trial -> known.add(trial.values()));
            double[][] x = done.stream().map(t -> space.encoded(t.values())).toArray(double[][]::new);
            this.process = new GaussianProcess(x, space.columns(), costs(done));
            // With noise, the lowest that was seen is lower than what is there.
            this.least = Arrays.stream(x)
                    .mapToDouble(p -> process.at(p).mean())
                    .min()
                    .orElseThrow();
        }

        /**
         * What trials cost. One that failed costs as much as the worst; what is far worse than the middle is brought nearer, since how bad it is
         * says nothing of where the best lies.
         */
        private static double[] costs(List<Trial> done) {
            double[] sorted = done.stream()
                    .filter(t -> !t.failed())
                    .mapToDouble(t -> -t.score())
                    .sorted()
                    .toArray();
            double middle = sorted[sorted.length / 2];
            double most = middle > sorted[0] ? middle + 2 * (middle - sorted[0]) : sorted[sorted.length - 1];
            double worst = Math.min(most, sorted[sorted.length - 1]);
            return done.stream()
                    .mapToDouble(t -> t.failed() ? worst : Math.min(worst, -t.score()))
                    .toArray();
        }

        List<String> best() {
            for (int i = 0; i < RANDOM_POINTS; i++) {
                offer(Random.point(space, random));
            }
            List<Trial> good = done.stream()
                    .filter(t -> !t.failed())
                    .sorted(Comparator.comparingDouble(Trial::score).reversed())
                    .limit(GOOD_TRIALS)
                    .toList();
            var centres = new ArrayList<>(good.stream().map(Trial::values).toList());
            for (int i = 0; i < centres.size(); i++) {
                offerNear(centres.get(i));
            }
            if (best != null) {
                offerNear(best);
                offerNear(best);
            }
            // All that there is has been tried: once more what was best.
            return best == null ? centres.getFirst() : best;
        }

        private void offerNear(List<String> values) {
            double[] centre = space.point(values);
            for (int i = 0; i < NEAR_POINTS; i++) {
                double[] point = centre.clone();
                for (int d = 0; d < point.length; d++) {
                    point[d] = switch (space.dimensions().get(d)) {
                        case Dimension.Range _ ->
                            Math.clamp(
                                    point[d] + STEPS[i % STEPS.length] * random.nextGaussian(), 0, Math.nextDown(1.0));
                        case Dimension.Choice _ -> random.nextDouble() < OTHER_CHOICE ? random.nextDouble() : point[d];
                    };
                }
                offer(point);
            }
        }

        private void offer(double[] point) {
            List<String> values = space.at(point);
            if (known.contains(values)) {
                return;
            }
            GaussianProcess.Prediction there = process.at(space.encoded(values));
            double improvement = Normal.expectedImprovement(there.mean(), there.deviation(), least);
            if (improvement > bestImprovement) {
                best = values;
                bestImprovement = improvement;
            }
        }
    }
}
