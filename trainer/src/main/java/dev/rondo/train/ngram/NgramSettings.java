package dev.rondo.train.ngram;

import dev.rondo.error.InputException;
import dev.rondo.format.NgramTable;
import java.util.List;
import java.util.Objects;

/**
 * What model of n-grams is made.
 *
 * @param order     the words of the longest n-grams
 * @param smoothing how n-grams that were not seen get their share
 * @param cutoffs   from order 1 on: n-grams that occur so often or less are left out. 0 for the first; never falling; orders
 *                  beyond the list have its last number
 * @param halved    whether probabilities are stored in 16 bits, off by up to 0.0005 in the logarithm
 */
public record NgramSettings(int order, Smoothing smoothing, List<Integer> cutoffs, boolean halved) {
    /** @throws InputException when a number is out of range */
    public NgramSettings {
        if (order < 1 || order > NgramTable.MAX_ORDER) {
            throw new InputException(
                    "order of n-grams", "is 1 to " + NgramTable.MAX_ORDER, "" + order, "3 to 5 are usual");
        }
        Objects.requireNonNull(smoothing);
        cutoffs = List.copyOf(cutoffs);
        int before = 0;
        for (int k = 0; k < cutoffs.size(); k++) {
            int cutoff = cutoffs.get(k);
            if (cutoff < before || k == 0 && cutoff != 0 || cutoffs.size() > order) {
                throw new InputException(
                        "cutoffs",
                        "are one for each order at most, 0 for words, and never fall, so that what is kept has its"
                                + " parts",
                        cutoffs + " for order " + order,
                        "leave out rare words with a least count or a vocabulary size");
            }
            before = cutoff;
        }
    }

    /** A model with all n-grams. */
    public static NgramSettings of(int order, Smoothing smoothing) {
        return new NgramSettings(order, smoothing, List.of(), false);
    }

    int[] cutoffsByOrder() {
        var result = new int[order];
        for (int k = 0; k < order; k++) {
            result[k] = cutoffs.isEmpty() ? 0 : cutoffs.get(Math.min(k, cutoffs.size() - 1));
        }
        return result;
    }
}
