package dev.rondo.train;

/**
 * What an evaluation found. Losses are means over targets, in nats for cross-entropy.
 *
 * @param step         steps done
 * @param epoch        of the last step, the first is 1
 * @param trainingLoss mean over the steps since the last evaluation, with dropout
 * @param validation   over the validation data, without dropout
 * @param best         the best so far, this one included
 * @param isBest       whether this one is it
 */
public record EvaluationReport(
        long step, int epoch, double trainingLoss, Evaluation validation, Evaluation best, boolean isBest) {
    /** Over the validation data. */
    public double validationLoss() {
        return validation.loss();
    }

    /** That of the best evaluation so far. */
    public double bestLoss() {
        return best.loss();
    }
}
