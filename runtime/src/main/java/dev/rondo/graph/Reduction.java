package dev.rondo.graph;

import java.util.Locale;
import java.util.Optional;

/** Functions that turn a list of numbers into one. */
public enum Reduction {
    /** &Sigma; x; 0 of none. */
    SUM,
    /** &Sigma; x / n; NaN of none. */
    MEAN,
    /** The largest; NaN if any is NaN, -&infin; of none. */
    MAX,
    /** The smallest; NaN if any is NaN, +&infin; of none. */
    MIN,
    /** ln &Sigma; e<sup>x</sup>, without overflow; -&infin; of none. */
    LOG_SUM_EXP;

    /** The name in graph text. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The reduction whose {@link #text()} this is, if any. */
    public static Optional<Reduction> parse(String text) {
        for (Reduction r : values()) {
            if (r.text().equals(text)) {
                return Optional.of(r);
            }
        }
        return Optional.empty();
    }

    /** The reduction in double precision: the definition that kernels are held to. */
    public double apply(double... values) {
        double sum = 0;
        double max = Double.NEGATIVE_INFINITY;
        double min = Double.POSITIVE_INFINITY;
        for (double x : values) {
            sum += x;
            max = Math.max(max, x);
            min = Math.min(min, x);
        }
        return switch (this) {
            case SUM -> sum;
            case MEAN -> sum / values.length;
            case MAX -> max;
            case MIN -> min;
            case LOG_SUM_EXP -> logSumExp(values, max);
        };
    }

    private static double logSumExp(double[] values, double max) {
        if (Double.isInfinite(max)) {
            return max;
        }
        double sum = 0;
        for (double x : values) {
            sum += Math.exp(x - max);
        }
        return max + Math.log(sum);
    }
}
