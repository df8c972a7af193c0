package dev.rondo.train.kernel;

import dev.rondo.graph.Activation;
import dev.rondo.graph.UnaryFunction;

/** Derivatives of activations in double precision: what kernels are held to. */
final class Derivatives {

    private static final double INVERSE_SQRT_2_PI = 1 / Math.sqrt(2 * Math.PI);

    private Derivatives() {}

    /** f'(x) where y = f(x); at a jump or kink the derivative of the right side. */
    static double of(Activation f, double x, double y) {
        double alpha = f.alpha();
        double beta = f.beta();
        return switch (f.kind()) {
            case IDENTITY -> 1;
            case TANH -> 1 - y * y;
            case SIGMOID -> y * (1 - y);
            case RELU -> x < 0 ? 0 : 1;
            case LEAKY_RELU -> x < 0 ? alpha : 1;
            case ELU -> x < 0 ? alpha * Math.exp(x) : 1;
            case SELU -> Activation.SELU_SCALE * (x < 0 ? Activation.SELU_ALPHA * Math.exp(x) : 1);
            case HARD_SIGMOID -> isWithin(alpha * x + beta, alpha > 0) ? alpha : 0;
            case SOFTSIGN -> 1 / ((1 + Math.abs(x)) * (1 + Math.abs(x)));
            case SOFTPLUS -> sigmoid(x);
            case AFFINE -> alpha;
            case SCALED_TANH -> {
                double tanh = Math.tanh(beta * x);
                yield alpha * beta * (1 - tanh * tanh);
            }
            case THRESHOLDED_RELU -> x < alpha ? 0 : 1;
            case SILU -> Double.isInfinite(x) ? limit(x) : sigmoid(x) * (1 + x * (1 - sigmoid(x)));
            case GELU ->
                Double.isInfinite(x)
                        ? limit(x)
                        : 0.5 * UnaryFunction.erfc(-x * Math.sqrt(0.5))
                                + x * INVERSE_SQRT_2_PI * Math.exp(-0.5 * x * x);
        };
    }

    /** f'(x) from y = f(x) alone, for the kinds of {@link dev.rondo.architecture.training.Training.ElmanBackward#fits}. */
    static float ofOutput(Activation f, float y) {
        return switch (f.kind()) {
            case IDENTITY -> 1;
            case TANH -> 1 - y * y;
            case SIGMOID -> y * (1 - y);
            case RELU -> y > 0 ? 1 : 0;
            case LEAKY_RELU, ELU, SELU, HARD_SIGMOID, SOFTSIGN, SOFTPLUS, AFFINE -> throw unknown(f);
            case SCALED_TANH, THRESHOLDED_RELU, SILU, GELU -> throw unknown(f);
        };
    }

    private static IllegalArgumentException unknown(Activation f) {
        return new IllegalArgumentException("derivative of " + f.text() + " does not follow from its value");
    }

    /** Whether a little further right the line is between 0 and 1. */
    private static boolean isWithin(double line, boolean rising) {
        return rising ? line >= 0 && line < 1 : line > 0 && line <= 1;
    }

    private static double limit(double x) {
        return x > 0 ? 1 : 0;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
