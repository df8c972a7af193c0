package dev.rondo.train.metric;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A BLEU score and what it is made of.
 *
 * @param score            0 to 100
 * @param precisions       of each order, smoothed, 0 to 100
 * @param brevityPenalty   0 to 1
 * @param matches          of each order, the n-grams that a reference has too, clipped
 * @param totals           of each order, the n-grams of the translations
 * @param hypothesisLength tokens of the translations
 * @param referenceLength  tokens of the references; of several, the one of nearest length counts
 */
public record BleuScore(
        double score,
        List<Double> precisions,
        double brevityPenalty,
        List<Long> matches,
        List<Long> totals,
        long hypothesisLength,
        long referenceLength) {
    public BleuScore {
        precisions = List.copyOf(precisions);
        matches = List.copyOf(matches);
        totals = List.copyOf(totals);
    }

    /** The length of the translations as a part of the references'; 0 without references. */
    public double lengthRatio() {
        return referenceLength == 0 ? 0 : (double) hypothesisLength / referenceLength;
    }

    /** As sacrebleu prints it: {@code BLEU = 38.10 67.0/44.9/31.9/22.9 (BP = 0.988 ratio = 0.988 hyp_len = … ref_len = …)}. */
    @Override
    public String toString() {
        return precisions.stream()
                .map(p -> String.format(Locale.ROOT, "%.1f", p))
                .collect(Collectors.joining(
                        "/",
                        String.format(Locale.ROOT, "BLEU = %.2f ", score),
                        String.format(
                                Locale.ROOT,
                                " (BP = %.3f ratio = %.3f hyp_len = %d ref_len = %d)",
                                brevityPenalty,
                                lengthRatio(),
                                hypothesisLength,
                                referenceLength)));
    }
}
