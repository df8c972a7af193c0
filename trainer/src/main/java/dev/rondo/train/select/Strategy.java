package dev.rondo.train.select;

import dev.rondo.train.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a search tries next. It follows from space, seed and the trials before, and from nothing else: so a search that was interrupted goes
 * on as if it had not been.
 */
public sealed interface Strategy permits Strategy.Grid, Strategy.Random, Bayesian {
    /** The next values; empty when there are no more. */
    Optional<List<String>> next(SearchSpace space, List<Trial> done, long seed);

    /** A word for it. */
    String text();

    /** All combinations of the dimensions' levels; the last dimension changes first. */
    record Grid() implements Strategy {
        /** How many combinations there are, as far as a {@code long} counts. */
        long size(SearchSpace space) {
            double all = 1;
            for (Dimension dimension : space.dimensions()) {
                all *= dimension.levels().size();
            }
            return (long) all;
        }

        @Override
        public Optional<List<String>> next(SearchSpace space, List<Trial> done, long seed) {
            long rest = done.size();
            var values = new ArrayList<String>();
            for (Dimension dimension : space.dimensions().reversed()) {
                List<String> levels = dimension.levels();
                values.addFirst(levels.get((int) (rest % levels.size())));
                rest /= levels.size();
            }
            return rest > 0 ? Optional.empty() : Optional.of(values);
        }

        @Override
        public String text() {
            return "grid";
        }
    }

    /** Independent points of the space, uniform (Bergstra and Bengio 2012). */
    record Random() implements Strategy {
        @Override
        public Optional<List<String>> next(SearchSpace space, List<Trial> done, long seed) {
            return Optional.of(space.at(point(space, SeededRandom.of(seed, done.size()))));
        }

        @Override
        public String text() {
            return "random";
        }

        static double[] point(SearchSpace space, SeededRandom random) {
            double[] point = new double[space.dimensions().size()];
            for (int i = 0; i < point.length; i++) {
                point[i] = random.nextDouble();
            }
            return point;
        }
    }
}
