package dev.rondo.train.select;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How good a kind of model is, on all examples while none is judged by a model that has seen it: k models, each trained without one part
 * of the examples and scored on that part (Stone 1974).
 *
 * @param scores of the parts, in their order
 */
public record CrossValidation(List<Double> scores) {
    /** Copies the scores. */
    public CrossValidation {
        scores = List.copyOf(scores);
    }

    /** What is judged. */
    @FunctionalInterface
    public interface Model {
        /**
         * Trains anew on some examples and scores others.
         *
         * @param training numbers of examples
         * @param held     those of the others, one at least
         */
        double score(int fold, int[] training, int[] held) throws IOException;
    }

    /** Trains and scores as many models as there are parts. */
    public static CrossValidation run(Folds folds, Model model) throws IOException {
        var scores = new ArrayList<Double>();
        for (int fold = 0; fold < folds.count(); fold++) {
            scores.add(model.score(fold, folds.training(fold), folds.held(fold)));
        }
        return new CrossValidation(scores);
    }

    public double mean() {
        return scores.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    /** The standard deviation of the scores as a sample: the root of Σ (s − mean)² / (k − 1); NaN of fewer than two. */
    public double deviation() {
        double mean = mean();
        double squares =
                scores.stream().mapToDouble(s -> (s - mean) * (s - mean)).sum();
        return scores.size() < 2 ? Double.NaN : Math.sqrt(squares / (scores.size() - 1));
    }
}
