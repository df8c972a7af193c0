package dev.rondo.train.select;

import java.util.Arrays;
import java.util.Optional;

/**
 * A Gaussian process with the kernel Matérn 5/2 (Rasmussen and Williams 2006, eq. 4.17), {@code k = σ² (1 + √5 r + 5r²/3) e^(−√5 r)},
 * {@code r² = Σ ((a_d − b_d)/ℓ_d)²}, and noise of variance {@code ν σ²}. The lengths ℓ_d, one a dimension, and ν are those of a small grid with the
 * highest marginal likelihood (eq. 2.30, σ² the best for it) times a wide prior that keeps few observations from lengths that say nothing.
 */
final class GaussianProcess {
    private static final double[] LENGTHS = {0.1, 0.2, 0.4, 0.8, 1.6, 3.2};
    private static final double[] NOISES = {1e-6, 1e-4, 1e-2, 1e-1};
    private static final int ROUNDS = 2;
    private static final double USUAL_LENGTH = 0.5;
    private static final double ROOT5 = Math.sqrt(5);
    /** Where all observations are alike, there is still something to be found. */
    private static final double LEAST_VARIANCE = 1e-6;

    private final double[][] x;
    private final int[] dimensionOf;
    private final double mean;
    private final double scale;
    private final Fit fit;

    /**
     * What an observation would be.
     *
     * @param deviation of the function, without noise
     */
    record Prediction(double mean, double deviation) {}

    /** One setting of the lengths and the noise. */
    private record Fit(
            double[] lengths, double noise, Cholesky matrix, double[] weights, double variance, double worth) {}

    /**
     * Learns from observations.
     *
     * @param x           [n][columns]
     * @param dimensionOf each column
     * @param y           [n]
     */
    GaussianProcess(double[][] x, int[] dimensionOf, double[] y) {
        this.x = x;
        this.dimensionOf = dimensionOf;
        this.mean = Arrays.stream(y).average().orElse(0);
        double squares = Arrays.stream(y).map(v -> (v - mean) * (v - mean)).sum();
        this.scale = squares > 0 ? Math.sqrt(squares / y.length) : 1;
        this.fit = best(Arrays.stream(y).map(v -> (v - mean) / scale).toArray());
    }

    /** First one length for all dimensions, then one after the other its own. */
    private Fit best(double[] z) {
        int dimensions = 1 + Arrays.stream(dimensionOf).max().orElse(0);
        Fit best = null;
        for (double noise : NOISES) {
            for (double length : LENGTHS) {
                double[] lengths = new double[dimensions];
                Arrays.fill(lengths, length);
                best = better(best, lengths, noise, z);
            }
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (int d = 0; d < dimensions; d++) {
                for (double length : LENGTHS) {
                    double[] lengths = best.lengths.clone();
                    lengths[d] = length;
                    best = better(best, lengths, best.noise, z);
                }
            }
            for (double noise : NOISES) {
                best = better(best, best.lengths, noise, z);
            }
        }
        return best;
    }

    private Fit better(Fit best, double[] lengths, double noise, double[] z) {
        Optional<Cholesky> matrix = Cholesky.of(covariance(lengths, noise));
        if (matrix.isEmpty()) {
            return best;
        }
        double[] weights = matrix.get().solve(z);
        double variance = 0;
        for (int i = 0; i < z.length; i++) {
            variance += z[i] * weights[i] / z.length;
        }
        variance = Math.max(variance, LEAST_VARIANCE);
        double worth =
                -0.5 * (z.length * StrictMath.log(variance) + matrix.get().logDeterminant());
        for (double length : lengths) {
            double far = StrictMath.log(length / USUAL_LENGTH);
            worth -= 0.5 * far * far;
        }
        return best == null || worth > best.worth
                ? new Fit(lengths, noise, matrix.get(), weights, variance, worth)
                : best;
    }

    private double[][] covariance(double[] lengths, double noise) {
        double[][] matrix = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            matrix[i] = new double[i + 1];
            for (int j = 0; j < i; j++) {
                matrix[i][j] = kernel(x[i], x[j], lengths);
            }
            matrix[i][i] = 1 + noise;
        }
        return matrix;
    }

    private double kernel(double[] a, double[] b, double[] lengths) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            double d = (a[i] - b[i]) / lengths[dimensionOf[i]];
            squares += d * d;
        }
        double r = ROOT5 * Math.sqrt(squares);
        return (1 + r + r * r / 3) * StrictMath.exp(-r);
    }

    /** Mean and deviation of the function at a point (eq. 2.25 and 2.26). */
    Prediction at(double[] point) {
        double[] near = new double[x.length];
        double sum = 0;
        for (int i = 0; i < near.length; i++) {
            near[i] = kernel(point, x[i], fit.lengths);
            sum += near[i] * fit.weights[i];
        }
        double explained = 0;
        for (double v : fit.matrix.forward(near)) {
            explained += v * v;
        }
        double variance = fit.variance * Math.max(0, 1 - explained);
        return new Prediction(mean + scale * sum, scale * Math.sqrt(variance));
    }
}
