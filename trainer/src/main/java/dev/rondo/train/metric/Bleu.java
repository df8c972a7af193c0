package dev.rondo.train.metric;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * BLEU (Papineni et al. 2002): the geometric mean of the n-gram precisions pₙ with weights wₙ, times a penalty for what is too short:
 * {@code BLEU = BP · exp(Σ wₙ log pₙ)}, {@code BP = 1 if c > r, else exp(1 − r/c)}. A precision counts an n-gram at most as often as the
 * reference has it (clipping), of several references the one that has it most; c is the length of the translations, r that of
 * the references, of several the nearest, of two equally near the shorter. With equal weights the figures are those of sacrebleu 2.6.
 */
public final class Bleu {
    private Bleu() {}

    /**
     * How BLEU counts.
     *
     * @param tokenisation   of translations and references
     * @param lowercase      whether case is ignored
     * @param smoothing      where an order has no match
     * @param effectiveOrder whether orders that a translation is too short for are left out: for single sentences
     * @param weights        wₙ of the orders from 1 on; their sum is 1
     */
    public record Options(
            Tokenisation tokenisation,
            boolean lowercase,
            Smoothing smoothing,
            boolean effectiveOrder,
            List<Double> weights) {
        /** What sacrebleu does when it is asked for nothing else: 13a, case counts, exponential smoothing, four orders alike. */
        public static final Options DEFAULT = new Options(
                Tokenisation.MTEVAL_13A, false, new Smoothing.Exponential(), false, List.of(0.25, 0.25, 0.25, 0.25));

        /** @throws InputException when weights are negative or do not sum to 1 */
        public Options {
            Objects.requireNonNull(tokenisation);
            Objects.requireNonNull(smoothing);
            weights = List.copyOf(weights);
            double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
            if (!(Math.abs(sum - 1) < 1e-6) || weights.stream().anyMatch(w -> w < 0)) {
                throw new InputException(
                        "weights of n-gram orders", "are 0 or more, and their sum is 1", "" + weights, "scale them");
            }
        }

        /** These with another tokenisation. */
        public Options with(Tokenisation other) {
            return new Options(other, lowercase, smoothing, effectiveOrder, weights);
        }

        /** These with another smoothing. */
        public Options with(Smoothing other) {
            return new Options(tokenisation, lowercase, other, effectiveOrder, weights);
        }

        /** These without regard to case, or with it. */
        public Options withLowercase(boolean ignored) {
            return new Options(tokenisation, ignored, smoothing, effectiveOrder, weights);
        }

        /** These with or without orders that a sentence is too short for. */
        public Options withEffectiveOrder(boolean effective) {
            return new Options(tokenisation, lowercase, smoothing, effective, weights);
        }

        /** These with other weights, as many as orders are to count. */
        public Options withWeights(Double... others) {
            return new Options(tokenisation, lowercase, smoothing, effectiveOrder, List.of(others));
        }

        /** What must be the same for two figures to be compared, in sacrebleu's words: {@code nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp}. */
        public String signature(int references) {
            String text = String.format(
                    Locale.ROOT,
                    "nrefs:%d|case:%s|eff:%s|tok:%s|smooth:%s",
                    references,
                    lowercase ? "lc" : "mixed",
                    effectiveOrder ? "yes" : "no",
                    tokenisation.text(),
                    smoothing.text());
            return weights.equals(DEFAULT.weights) ? text : text + "|weights:" + weights;
        }
    }

    /**
     * The score of a text.
     *
     * @param hypotheses lines of a translation
     * @param references one or several texts, each with a line for each line of the translation
     * @throws InputException when there are no lines, or numbers of lines differ
     */
    public static BleuScore corpus(List<String> hypotheses, List<List<String>> references, Options options) {
        Ngrams.check(hypotheses, references);
        var counts = new Counts(options);
        for (int line = 0; line < hypotheses.size(); line++) {
            var ofLine = new ArrayList<String>();
            for (List<String> reference : references) {
                ofLine.add(reference.get(line));
            }
            counts.add(hypotheses.get(line), ofLine);
        }
        return counts.score();
    }

    /** The score of a text by sacrebleu's defaults, with one reference. */
    public static BleuScore corpus(List<String> hypotheses, List<String> reference) {
        return corpus(hypotheses, List.of(reference), Options.DEFAULT);
    }

    /**
     * The score of one sentence; take {@linkplain Options#withEffectiveOrder effective order}.
     *
     * @throws InputException when there is no reference
     */
    public static BleuScore sentence(String hypothesis, List<String> references, Options options) {
        return corpus(List.of(hypothesis), references.stream().map(List::of).toList(), options);
    }

    /** What lines add up. */
    private static final class Counts {
        private final Options options;
        private final int orders;
        private final long[] matches;
        private final long[] totals;
        private long hypothesisLength;
        private long referenceLength;

        Counts(Options options) {
            this.options = options;
            this.orders = options.weights.size();
            this.matches = new long[orders];
            this.totals = new long[orders];
        }

        private List<String> tokens(String line) {
            return options.tokenisation.tokens(options.lowercase ? line.toLowerCase(Locale.ROOT) : line);
        }

        void add(String hypothesis, List<String> references) {
            List<String> tokens = tokens(hypothesis);
            List<List<String>> ofReferences =
                    references.stream().map(this::tokens).toList();
            hypothesisLength += tokens.size();
            referenceLength += nearest(tokens.size(), ofReferences);
            for (int order = 1; order <= orders; order++) {
                Map<List<String>, Integer> most = new HashMap<>();
                for (List<String> reference : ofReferences) {
                    Ngrams.count(reference, order).forEach((ngram, count) -> most.merge(ngram, count, Math::max));
                }
                matches[order - 1] += Ngrams.common(Ngrams.count(tokens, order), most);
                totals[order - 1] += Math.max(0, tokens.size() - order + 1);
            }
        }

        private static int nearest(int length, List<List<String>> references) {
            int nearest = references.getFirst().size();
            for (List<String> reference : references) {
                int difference = Math.abs(reference.size() - length) - Math.abs(nearest - length);
                if (difference < 0 || difference == 0 && reference.size() < nearest) {
                    nearest = reference.size();
                }
            }
            return nearest;
        }

        BleuScore score() {
            double penalty = 1;
            if (hypothesisLength < referenceLength) {
                penalty = hypothesisLength == 0 ? 0 : Math.exp(1 - (double) referenceLength / hypothesisLength);
            }
            double[] precisions = new double[orders];
            double score = 0;
            if (Arrays.stream(matches).sum() > 0) {
                int used = precisions(precisions);
                score = penalty * mean(precisions, options.effectiveOrder ? used : orders);
            }
            return new BleuScore(
                    score,
                    Arrays.stream(precisions).boxed().toList(),
                    penalty,
                    Arrays.stream(matches).boxed().toList(),
                    Arrays.stream(totals).boxed().toList(),
                    hypothesisLength,
                    referenceLength);
        }

        /** Fills in the precision of each order; returns how many orders have n-grams. */
        private int precisions(double[] precisions) {
            double half = 1;
            for (int i = 0; i < orders; i++) {
                double added = i > 0 && options.smoothing instanceof Smoothing.AddK(double k) ? k : 0;
                double total = totals[i] + added;
                if (total == 0) {
                    return i;
                }
                double matched = matches[i] + added;
                if (matched == 0) {
                    half /= 2;
                    matched = switch (options.smoothing) {
                        case Smoothing.Exponential() -> half;
                        case Smoothing.Floor(double floor) -> floor;
                        case Smoothing.AddK _, Smoothing.None() -> 0;
                    };
                }
                precisions[i] = 100 * matched / total;
            }
            return orders;
        }

        /** The geometric mean with the weights of the orders that count. */
        private double mean(double[] precisions, int count) {
            double sum = 0;
            double weights = 0;
            for (int i = 0; i < count; i++) {
                double weight = options.weights.get(i);
                weights += weight;
                if (weight > 0) {
                    sum += weight * Math.log(precisions[i]);
                }
            }
            return weights == 0 ? 0 : Math.exp(sum / weights);
        }
    }
}
