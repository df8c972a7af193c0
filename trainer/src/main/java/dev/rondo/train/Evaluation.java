package dev.rondo.train;

/**
 * How good parameters are on data that they were not trained on.
 *
 * @param loss      mean over targets, in nats for cross-entropy
 * @param quality   a measure of which more is better, such as BLEU; NaN when there is none
 * @param objective what the run wants to be as low as possible: the loss, or the negated quality; where two are equal, as accuracies
 *                  of few samples often are, the loss decides
 */
public record Evaluation(double loss, double quality, double objective) {
    /** Before the first evaluation. */
    static final Evaluation NONE = new Evaluation(Double.NaN, Double.NaN, Double.NaN);

    /** Judged by the loss alone. */
    public static Evaluation ofLoss(double loss) {
        return new Evaluation(loss, Double.NaN, loss);
    }

    /** Judged by the loss, with a quality to be shown. */
    public static Evaluation ofLoss(double loss, double quality) {
        return new Evaluation(loss, quality, loss);
    }

    /** Judged by the quality. */
    public static Evaluation ofQuality(double loss, double quality) {
        return new Evaluation(loss, quality, -quality);
    }

    public boolean hasQuality() {
        return !Double.isNaN(quality);
    }

    /** Anything is better than no number; of equal objectives, such as accuracies, the lower loss. */
    boolean isBetterThan(Evaluation other) {
        if (objective == other.objective) {
            return loss < other.loss;
        }
        return !(objective >= other.objective);
    }
}
