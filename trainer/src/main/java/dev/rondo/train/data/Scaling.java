package dev.rondo.train.data;

import dev.rondo.error.InputException;
import java.util.Arrays;

/**
 * Brings numbers to one scale, feature by feature: {@code y = (x − shift) / scale}. Made from training data and then used
 * on all. A feature that never changes has the scale 1. Immutable.
 */
public final class Scaling {
    private final double[] shift;
    private final double[] scale;

    private Scaling(double[] shift, double[] scale) {
        this.shift = shift;
        this.scale = scale;
    }

    /**
     * That of a file: what {@link #factors} and {@link #offsets} gave.
     *
     * @throws InputException when the numbers are not as many of both, or cannot be undone
     */
    public static Scaling of(float[] factors, float[] offsets) {
        check(factors, offsets);
        double[] shift = new double[factors.length];
        double[] scale = new double[factors.length];
        for (int k = 0; k < factors.length; k++) {
            scale[k] = 1.0 / factors[k];
            shift[k] = -offsets[k] / (double) factors[k];
        }
        return new Scaling(shift, scale);
    }

    /**
     * That of a file: what {@link #inverseFactors} and {@link #inverseOffsets} gave.
     *
     * @throws InputException when the numbers are not as many of both, or cannot be undone
     */
    public static Scaling ofInverse(float[] factors, float[] offsets) {
        check(factors, offsets);
        double[] shift = new double[factors.length];
        double[] scale = new double[factors.length];
        for (int k = 0; k < factors.length; k++) {
            scale[k] = factors[k];
            shift[k] = offsets[k];
        }
        return new Scaling(shift, scale);
    }

    private static void check(float[] factors, float[] offsets) {
        boolean fits = factors.length == offsets.length;
        for (int k = 0; fits && k < factors.length; k++) {
            fits = factors[k] != 0 && Float.isFinite(factors[k]) && Float.isFinite(offsets[k]);
        }
        if (!fits) {
            throw new InputException(
                    "scaling of a model",
                    "has as many factors, which are not 0, as offsets",
                    factors.length + " and " + offsets.length,
                    "begin with another model");
        }
    }

    /** The mean of each feature becomes 0. */
    public static Scaling centred(float[][] samples) {
        double[] ones = new double[features(samples)];
        Arrays.fill(ones, 1);
        return new Scaling(means(samples), ones);
    }

    /** The mean of each feature becomes 0, its deviation {@code √(Σ(x−μ)²/n)} becomes 1. */
    public static Scaling standardised(float[][] samples) {
        double[] means = means(samples);
        double[] deviations = new double[means.length];
        for (float[] sample : samples) {
            for (int k = 0; k < means.length; k++) {
                deviations[k] += (sample[k] - means[k]) * (sample[k] - means[k]) / samples.length;
            }
        }
        for (int k = 0; k < means.length; k++) {
            deviations[k] = orOne(Math.sqrt(deviations[k]));
        }
        return new Scaling(means, deviations);
    }

    /** The smallest and largest of each feature become {@code low} and {@code high}: 0 and 1, or −1 and 1. */
    public static Scaling range(float[][] samples, double low, double high) {
        int features = features(samples);
        double[] shift = new double[features];
        double[] scale = new double[features];
        for (int k = 0; k < features; k++) {
            double min = Double.POSITIVE_INFINITY;
            double max = Double.NEGATIVE_INFINITY;
            for (float[] sample : samples) {
                min = Math.min(min, sample[k]);
                max = Math.max(max, sample[k]);
            }
            scale[k] = orOne((max - min) / (high - low));
            shift[k] = min - low * scale[k];
        }
        return new Scaling(shift, scale);
    }

    /** All features by one factor, so that the largest absolute value becomes 1. */
    public static Scaling common(float[][] samples) {
        int features = features(samples);
        double most = 0;
        for (float[] sample : samples) {
            for (float value : sample) {
                most = Math.max(most, Math.abs(value));
            }
        }
        double[] scale = new double[features];
        Arrays.fill(scale, orOne(most));
        return new Scaling(new double[features], scale);
    }

    private static double orOne(double scale) {
        return scale == 0 ? 1 : scale;
    }

    private static int features(float[][] samples) {
        if (samples.length == 0) {
            throw new InputException("samples", "are at least one", "none", "give training data");
        }
        return samples[0].length;
    }

    private static double[] means(float[][] samples) {
        double[] means = new double[features(samples)];
        for (float[] sample : samples) {
            for (int k = 0; k < means.length; k++) {
                means[k] += (double) sample[k] / samples.length;
            }
        }
        return means;
    }

    /** The number of features. */
    public int size() {
        return scale.length;
    }

    /** {@code a} of {@code y = a x + b}, which is {@link #apply} as a layer. */
    public float[] factors() {
        float[] factors = new float[scale.length];
        for (int k = 0; k < scale.length; k++) {
            factors[k] = (float) (1 / scale[k]);
        }
        return factors;
    }

    /** {@code b} of {@code y = a x + b}. */
    public float[] offsets() {
        float[] offsets = new float[scale.length];
        for (int k = 0; k < scale.length; k++) {
            offsets[k] = (float) (-shift[k] / scale[k]);
        }
        return offsets;
    }

    /** {@code a} of {@code x = a y + b}, which is {@link #invert} as a layer. */
    public float[] inverseFactors() {
        return floats(scale);
    }

    /** {@code b} of {@code x = a y + b}. */
    public float[] inverseOffsets() {
        return floats(shift);
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int k = 0; k < floats.length; k++) {
            floats[k] = (float) values[k];
        }
        return floats;
    }

    /** A scaled copy of a sample. */
    public float[] apply(float[] sample) {
        float[] scaled = new float[sample.length];
        for (int k = 0; k < sample.length; k++) {
            scaled[k] = (float) ((sample[k] - shift[k]) / scale[k]);
        }
        return scaled;
    }

    /** What a scaled sample was: {@code x = scale y + shift}. */
    public float[] invert(float[] scaled) {
        float[] sample = new float[scaled.length];
        for (int k = 0; k < scaled.length; k++) {
            sample[k] = (float) (scaled[k] * scale[k] + shift[k]);
        }
        return sample;
    }
}
