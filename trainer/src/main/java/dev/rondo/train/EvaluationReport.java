package dev.rondo.train;

/**
 * What an evaluation found. Losses are means over targets, in nats for cross-entropy.
 *
 * @param step           steps done
 * @param epoch          of the last step, the first is 1
 * @param trainingLoss   mean over the steps since the last evaluation, with dropout
 * @param validationLoss over the validation data, without dropout
 * @param bestLoss       the lowest validation loss so far, this one included
 * @param isBest         whether this one is the lowest
 */
public record EvaluationReport(
        long step, int epoch, double trainingLoss, double validationLoss, double bestLoss, boolean isBest) {}
