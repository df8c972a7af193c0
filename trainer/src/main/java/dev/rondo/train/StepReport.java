package dev.rondo.train;

/**
 * What one step did.
 *
 * @param step             steps done, this one included
 * @param steps            steps of the whole run, as far as that is known
 * @param epoch            of this step, the first is 1
 * @param loss             mean over the targets of this step, before the step, in nats for cross-entropy
 * @param learningRate     of this step
 * @param gradientNorm     the Euclidean norm of the whole gradient, penalties included, before clipping
 * @param targetsPerSecond of this step
 */
public record StepReport(
        long step,
        long steps,
        int epoch,
        double loss,
        double learningRate,
        double gradientNorm,
        double targetsPerSecond) {}
