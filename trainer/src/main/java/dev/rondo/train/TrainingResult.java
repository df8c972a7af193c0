package dev.rondo.train;

/**
 * How a run ended. Losses are means over targets, in nats for cross-entropy.
 *
 * @param ending   why it ended
 * @param steps    done in all, those before a resumption included
 * @param epoch    of the last step, the first is 1
 * @param last     the last evaluation of the run as it was; NaN when there was none
 * @param best     that of the parameters which the run ends with; NaN when there was none
 * @param bestStep when that was, or the best single one when they are a mean
 * @param averaged of how many evaluations' parameters they are the mean; 1 when they are one's
 * @param seconds  of this run, evaluations included
 * @param targets  trained on in this run
 */
public record TrainingResult(
        Ending ending,
        long steps,
        int epoch,
        Evaluation last,
        Evaluation best,
        long bestStep,
        int averaged,
        double seconds,
        long targets) {
    /** Why a run ended. */
    public enum Ending {
        /** All steps were done. */
        FINISHED,
        /** No evaluation had been better than the best for as many as patience allows. */
        PATIENCE,
        /** The listener asked for it; a checkpoint was saved. */
        STOPPED
    }

    /** The validation loss of the last evaluation. */
    public double finalLoss() {
        return last.loss();
    }

    /** The validation loss of the best evaluation. */
    public double bestLoss() {
        return best.loss();
    }

    /** The same run, judged anew. */
    public TrainingResult withBest(Evaluation evaluation) {
        return new TrainingResult(ending, steps, epoch, last, evaluation, bestStep, averaged, seconds, targets);
    }

    /** {@code e^bestLoss}: the perplexity of a language model. */
    public double bestPerplexity() {
        return Math.exp(bestLoss());
    }

    /** Targets trained on per second, evaluations included. */
    public double targetsPerSecond() {
        return targets / seconds;
    }
}
