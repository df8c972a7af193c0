package dev.rondo.train;

import dev.rondo.train.rule.Settings;
import java.util.ArrayList;
import java.util.List;

/**
 * How any model is trained.
 *
 * @param optimizer     how parameters follow the gradient
 * @param learningRate  of each step
 * @param gradient      what is done to the gradient before
 * @param epochs        passes over the data
 * @param maxSteps      ends the run earlier; 0 for no limit
 * @param evaluateEvery steps between evaluations; 0 evaluates after each epoch
 * @param patience      evaluations in a row without a better one that end the run; 0 for no limit
 * @param average       of how many of the best evaluations the mean of the parameters is tried in the end; 1 for none
 * @param frozen        names of parameters that stay as they begin; {@code *} stands for any text
 * @param shards        parts of each batch, of which as many at a time are computed as there are threads. The parts decide the
 *                      order of sums and so the bits; the threads do not
 * @param threads       that compute
 * @param seed          of all that is random
 */
public record TrainingSettings(
        Optimizer optimizer,
        LearningRate learningRate,
        GradientRules gradient,
        int epochs,
        long maxSteps,
        long evaluateEvery,
        int patience,
        int average,
        List<String> frozen,
        int shards,
        int threads,
        long seed) {
    /** Copies the list. */
    public TrainingSettings {
        frozen = List.copyOf(frozen);
        Settings.require(epochs >= 1, "epochs", "is at least 1", epochs);
        Settings.require(maxSteps >= 0, "steps", "is not negative", maxSteps);
        Settings.require(evaluateEvery >= 0, "steps between evaluations", "is not negative", evaluateEvery);
        Settings.require(patience >= 0, "patience", "is not negative", patience);
        Settings.require(average >= 1 && average <= 64, "average", "is of 1 to 64 evaluations", average);
        Settings.require(shards >= 1 && shards <= 64, "shards", "lies between 1 and 64", shards);
        Settings.require(threads >= 1 && threads <= 64, "threads", "lies between 1 and 64", threads);
    }

    /** The gradient penalised and clipped, nothing else. */
    public TrainingSettings(
            Optimizer optimizer,
            LearningRate learningRate,
            Penalty penalty,
            Clipping clipping,
            int epochs,
            long maxSteps,
            long evaluateEvery,
            int patience,
            int average,
            List<String> frozen,
            int shards,
            int threads,
            long seed) {
        this(
                optimizer,
                learningRate,
                GradientRules.of(penalty, clipping),
                epochs,
                maxSteps,
                evaluateEvery,
                patience,
                average,
                frozen,
                shards,
                threads,
                seed);
    }

    /** An optimizer at a constant rate over some epochs, in one part on one thread. */
    public static TrainingSettings of(Optimizer optimizer, double learningRate, int epochs, long seed) {
        return new TrainingSettings(
                optimizer,
                LearningRate.constant(learningRate),
                GradientRules.NONE,
                epochs,
                0,
                0,
                0,
                1,
                List.of(),
                1,
                1,
                seed);
    }

    public TrainingSettings withClipping(Clipping other) {
        return new TrainingSettings(
                optimizer,
                learningRate,
                gradient.with(other),
                epochs,
                maxSteps,
                evaluateEvery,
                patience,
                average,
                frozen,
                shards,
                threads,
                seed);
    }

    /** With one more name or pattern of parameters that stay as they begin. */
    public TrainingSettings withFrozen(String pattern) {
        var all = new ArrayList<>(frozen);
        all.add(pattern);
        return new TrainingSettings(
                optimizer,
                learningRate,
                gradient,
                epochs,
                maxSteps,
                evaluateEvery,
                patience,
                average,
                all,
                shards,
                threads,
                seed);
    }
}
