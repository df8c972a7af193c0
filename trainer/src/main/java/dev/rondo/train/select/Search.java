package dev.rondo.train.select;

import dev.rondo.train.rule.Settings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A search: trials one after the other.
 *
 * @param trials in all, those of a log included; a grid may have fewer
 * @param seed   of all that is random
 */
public record Search(SearchSpace space, Strategy strategy, int trials, long seed) {
    /** What a search wants to be as high as possible. */
    @FunctionalInterface
    public interface Objective {
        /**
         * Tries values.
         *
         * @param number of the trial, the first is 1
         * @param values by the names of the space's dimensions
         * @return empty when the search shall end: the trial counts as not begun
         */
        Optional<Trial.Outcome> score(int number, Map<String, String> values) throws IOException;
    }

    /** @throws dev.rondo.error.InputException when there is nothing to be tried */
    public Search {
        Settings.require(trials >= 1 && trials <= SearchLog.MAX_TRIALS, "trials", "are 1 to 10000", trials);
    }

    /** How many trials there will be, if none ends it: a grid may have fewer than were asked for. */
    public int size() {
        return switch (strategy) {
            case Strategy.Grid grid -> (int) Math.min(trials, grid.size(space));
            case Strategy.Random _, Bayesian _ -> trials;
        };
    }

    /** All trials, in memory alone. */
    public List<Trial> run(Objective objective) throws IOException {
        var done = new ArrayList<Trial>();
        return run(done, objective, done::add);
    }

    /**
     * Goes on from what a log holds, and adds to it.
     *
     * @param log of this space and seed and strategy
     */
    public List<Trial> run(SearchLog log, Objective objective) throws IOException {
        var done = new ArrayList<>(log.trials());
        return run(done, objective, trial -> {
            log.append(trial);
            done.add(trial);
        });
    }

    private interface Recorder {
        void add(Trial trial) throws IOException;
    }

    private List<Trial> run(List<Trial> done, Objective objective, Recorder recorder) throws IOException {
        while (done.size() < trials) {
            Optional<List<String>> values = strategy.next(space, List.copyOf(done), seed);
            if (values.isEmpty()) {
                break;
            }
            int number = done.size() + 1;
            Optional<Trial.Outcome> outcome = objective.score(number, space.named(values.get()));
            if (outcome.isEmpty()) {
                break;
            }
            recorder.add(new Trial(number, values.get(), outcome.get()));
        }
        return List.copyOf(done);
    }

    /** The best, of equally good ones the first; empty when all failed. */
    public static Optional<Trial> best(List<Trial> trials) {
        return trials.stream()
                .filter(t -> !t.failed())
                // Of equal ones, max would take the last.
                .sorted(Comparator.comparingDouble(Trial::score).reversed())
                .findFirst();
    }
}
