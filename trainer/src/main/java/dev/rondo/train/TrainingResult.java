package dev.rondo.train;

/**
 * How a run ended. Losses are means over targets, in nats for cross-entropy.
 *
 * @param ending       why it ended
 * @param steps        done in all, those before a resumption included
 * @param epoch        of the last step, the first is 1
 * @param finalLoss    validation loss of the last evaluation; NaN when there was none
 * @param bestLoss     the lowest validation loss; NaN when there was no evaluation
 * @param bestStep     when that was
 * @param seconds      of this run, evaluations included
 * @param targets      trained on in this run
 */
public record TrainingResult(
        Ending ending,
        long steps,
        int epoch,
        double finalLoss,
        double bestLoss,
        long bestStep,
        double seconds,
        long targets) {
    /** Why a run ended. */
    public enum Ending {
        /** All steps were done. */
        FINISHED,
        /** The validation loss had not become lower for as many evaluations as patience allows. */
        PATIENCE,
        /** The listener asked for it; a checkpoint was saved. */
        STOPPED
    }

    /** The same run, judged anew. */
    public TrainingResult withBestLoss(double loss) {
        return new TrainingResult(ending, steps, epoch, finalLoss, loss, bestStep, seconds, targets);
    }

    /** {@code e^bestLoss}: the perplexity of a language model. */
    public double bestPerplexity() {
        return Math.exp(bestLoss);
    }

    /** Targets trained on per second, evaluations included. */
    public double targetsPerSecond() {
        return targets / seconds;
    }
}
