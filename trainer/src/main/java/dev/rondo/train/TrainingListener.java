package dev.rondo.train;

import java.nio.file.Path;

/** Hears what a training run does. Called on the thread that trains; what it throws ends the run. */
public interface TrainingListener {
    /** Hears nothing. */
    TrainingListener SILENT = new TrainingListener() {};

    /** Before the first step. */
    default void started(TrainingSummary summary) {}

    /** After each step. */
    default void step(StepReport report) {}

    /** After each evaluation. */
    default void evaluated(EvaluationReport report) {}

    /**
     * After the last step, when the mean of the parameters of several evaluations was evaluated.
     *
     * @param count of how many
     * @param taken whether it is better than the best of them, and so what the run ends with
     */
    default void averaged(int count, Evaluation evaluation, boolean taken) {}

    /** After a checkpoint or a model was written. */
    default void saved(Path path) {}

    /**
     * After a loss or gradient that was no number: the run is back where its last good checkpoint was, with a lower
     * learning rate.
     *
     * @param reason what was no number
     * @param step   the step at which the run goes on
     */
    default void restored(String reason, long step) {}

    /** Asked after each step; true makes the run save a checkpoint and stop. */
    default boolean stopRequested() {
        return false;
    }
}
