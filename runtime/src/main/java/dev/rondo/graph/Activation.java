package dev.rondo.graph;

import java.util.Locale;
import java.util.Optional;

/**
 * A function applied to each element of a value, as recurrent cells and layers use it.
 *
 * <p>{@code alpha} and {@code beta} are the parameters of the kinds that have them and zero otherwise, so that two equal functions are
 * equal records.
 *
 * @param kind which function
 * @param alpha first parameter, where the kind has one
 * @param beta second parameter, where the kind has two
 */
public record Activation(Kind kind, float alpha, float beta) {

    /** The functions, with x the element; names follow ONNX and PyTorch. */
    public enum Kind {
        /** x. */
        IDENTITY(0),
        /** tanh x. */
        TANH(0),
        /** 1 / (1 + e<sup>-x</sup>). */
        SIGMOID(0),
        /** max(0, x). */
        RELU(0),
        /** x where x &ge; 0, else alpha x. */
        LEAKY_RELU(1),
        /** x where x &ge; 0, else alpha (e<sup>x</sup> - 1). */
        ELU(1),
        /** 1.0507009873554805 (x where x &ge; 0, else 1.6732632423543772 (e<sup>x</sup> - 1)); Klambauer et al. 2017. */
        SELU(0),
        /** max(0, min(1, alpha x + beta)). */
        HARD_SIGMOID(2),
        /** x / (1 + |x|). */
        SOFTSIGN(0),
        /** ln(1 + e<sup>x</sup>). */
        SOFTPLUS(0),
        /** alpha x + beta. */
        AFFINE(2),
        /** alpha tanh(beta x). */
        SCALED_TANH(2),
        /** x where x &gt; alpha, else 0. */
        THRESHOLDED_RELU(1),
        /** x / (1 + e<sup>-x</sup>), also called swish. */
        SILU(0),
        /** x (1 + erf(x / &radic;2)) / 2, the exact form; Hendrycks and Gimpel 2016. */
        GELU(0);

        private final int parameters;

        Kind(int parameters) {
            this.parameters = parameters;
        }

        /** How many parameters the kind has: none, alpha, or alpha and beta. */
        public int parameters() {
            return parameters;
        }

        /** The name in graph text: lower case with underscores. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static final Activation IDENTITY = of(Kind.IDENTITY);
    public static final Activation TANH = of(Kind.TANH);
    public static final Activation SIGMOID = of(Kind.SIGMOID);
    public static final Activation RELU = of(Kind.RELU);
    public static final Activation SELU = of(Kind.SELU);
    public static final Activation SOFTSIGN = of(Kind.SOFTSIGN);
    public static final Activation SOFTPLUS = of(Kind.SOFTPLUS);
    public static final Activation SILU = of(Kind.SILU);
    public static final Activation GELU = of(Kind.GELU);

    /** Scale of {@link Kind#SELU}. */
    public static final double SELU_SCALE = 1.0507009873554805;

    /** Alpha of {@link Kind#SELU}. */
    public static final double SELU_ALPHA = 1.6732632423543772;

    /** Drops parameters that the kind does not have. */
    public Activation {
        alpha = kind.parameters >= 1 ? alpha : 0;
        beta = kind.parameters >= 2 ? beta : 0;
    }

    private static Activation of(Kind kind) {
        return new Activation(kind, 0, 0);
    }

    public static Activation leakyRelu(float alpha) {
        return new Activation(Kind.LEAKY_RELU, alpha, 0);
    }

    public static Activation elu(float alpha) {
        return new Activation(Kind.ELU, alpha, 0);
    }

    public static Activation thresholdedRelu(float alpha) {
        return new Activation(Kind.THRESHOLDED_RELU, alpha, 0);
    }

    public static Activation hardSigmoid(float alpha, float beta) {
        return new Activation(Kind.HARD_SIGMOID, alpha, beta);
    }

    public static Activation affine(float alpha, float beta) {
        return new Activation(Kind.AFFINE, alpha, beta);
    }

    public static Activation scaledTanh(float alpha, float beta) {
        return new Activation(Kind.SCALED_TANH, alpha, beta);
    }

    /** The graph text: {@code "tanh"}, {@code "leaky_relu(0.01)"}, {@code "hard_sigmoid(0.2,0.5)"}. */
    public String text() {
        return switch (kind.parameters) {
            case 1 -> kind.text() + "(" + alpha + ")";
            case 2 -> kind.text() + "(" + alpha + "," + beta + ")";
            default -> kind.text();
        };
    }

    /**
     * Reads what {@link #text()} writes.
     *
     * @return the function; empty where the text names none, or has the wrong number of parameters or one that is not finite
     */
    public static Optional<Activation> parse(String text) {
        int open = text.indexOf('(');
        String name = open < 0 ? text : text.substring(0, open);
        if (open >= 0 && !text.endsWith(")")) {
            return Optional.empty();
        }
        String[] parameters = open < 0
                ? new String[0]
                : text.substring(open + 1, text.length() - 1).split(",", -1);
        for (Kind kind : Kind.values()) {
            if (kind.text().equals(name) && kind.parameters == parameters.length) {
                try {
                    float alpha = parameters.length >= 1 ? Float.parseFloat(parameters[0]) : 0;
                    float beta = parameters.length >= 2 ? Float.parseFloat(parameters[1]) : 0;
                    boolean finite = Float.isFinite(alpha) && Float.isFinite(beta);
                    return finite ? Optional.of(new Activation(kind, alpha, beta)) : Optional.empty();
                } catch (NumberFormatException notANumber) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    /** The function of x in double precision: the definition that kernels are held to. NaN gives NaN. */
    public double apply(double x) {
        return switch (kind) {
            case IDENTITY -> x;
            case TANH -> Math.tanh(x);
            case SIGMOID -> sigmoid(x);
            case RELU -> Math.max(0, x);
            case LEAKY_RELU -> x < 0 ? alpha * x : x;
            case ELU -> x < 0 ? alpha * Math.expm1(x) : x;
            case SELU -> SELU_SCALE * (x < 0 ? SELU_ALPHA * Math.expm1(x) : x);
            case HARD_SIGMOID -> Math.max(0, Math.min(1, alpha * x + beta));
            case SOFTSIGN -> Double.isInfinite(x) ? Math.signum(x) : x / (1 + Math.abs(x));
            case SOFTPLUS -> Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
            case AFFINE -> alpha * x + beta;
            case SCALED_TANH -> alpha * Math.tanh(beta * x);
            case THRESHOLDED_RELU -> x <= alpha ? 0 : x;
            case SILU -> x == Double.NEGATIVE_INFINITY ? 0 : x * sigmoid(x);
            case GELU -> x == Double.NEGATIVE_INFINITY ? 0 : 0.5 * x * UnaryFunction.erfc(-x * Math.sqrt(0.5));
        };
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
