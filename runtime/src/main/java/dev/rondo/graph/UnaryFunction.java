package dev.rondo.graph;

import java.util.Locale;
import java.util.Optional;

/** Elementary functions of one number, applied to each element. */
public enum UnaryFunction {
    /** -x. */
    NEGATE,
    /** |x|. */
    ABS,
    /** -1, 0 or 1; NaN stays NaN, and a zero keeps its sign. */
    SIGN,
    /** e<sup>x</sup>. */
    EXP,
    /** ln x. */
    LOG,
    /** &radic;x. */
    SQRT,
    /** 1 / x. */
    RECIPROCAL,
    /** The largest whole number that is not above x. */
    FLOOR,
    /** The smallest whole number that is not below x. */
    CEIL,
    /** The nearest whole number; halves go to the even one. */
    ROUND,
    /** sin x, x in radians. */
    SIN,
    /** cos x, x in radians. */
    COS,
    /** erf x = 2/&radic;&pi; &int;<sub>0</sub><sup>x</sup> e<sup>-t&sup2;</sup> dt. */
    ERF;

    private static final double TWO_OVER_ROOT_PI = 1.1283791670955126;

    /** The name in graph text. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The function whose {@link #text()} this is, if any. */
    public static Optional<UnaryFunction> parse(String text) {
        for (UnaryFunction f : values()) {
            if (f.text().equals(text)) {
                return Optional.of(f);
            }
        }
        return Optional.empty();
    }

    /** The function of x in double precision: the definition that kernels are held to. */
    public double apply(double x) {
        return switch (this) {
            case NEGATE -> -x;
            case ABS -> Math.abs(x);
            case SIGN -> Math.signum(x);
            case EXP -> Math.exp(x);
            case LOG -> Math.log(x);
            case SQRT -> Math.sqrt(x);
            case RECIPROCAL -> 1 / x;
            case FLOOR -> Math.floor(x);
            case CEIL -> Math.ceil(x);
            case ROUND -> Math.rint(x);
            case SIN -> Math.sin(x);
            case COS -> Math.cos(x);
            case ERF -> erf(x);
        };
    }

    /** erf x, to a few units of the last place. */
    static double erf(double x) {
        double a = Math.abs(x);
        if (a < 2) {
            return series(x);
        }
        return Math.copySign(1 - tail(a), x);
    }

    /** erfc x = 1 - erf x, with small relative error also where erf x is near 1. */
    public static double erfc(double x) {
        if (x < 2) {
            return x < -2 ? 2 - tail(-x) : 1 - series(x);
        }
        return tail(x);
    }

    /** erf x = 2/&radic;&pi; e<sup>-x&sup2;</sup> &Sigma; 2<sup>n</sup> x<sup>2n+1</sup> / (1 3 5 &hellip; (2n+1)): no cancellation. */
    private static double series(double x) {
        double square = x * x;
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
            term *= 2 * square / (2 * n + 1);
            sum += term;
        }
        return TWO_OVER_ROOT_PI * Math.exp(-square) * sum;
    }

    /** erfc x for x &ge; 2, by the continued fraction e<sup>-x&sup2;</sup>/&radic;&pi; / (x + (1/2)/(x + (2/2)/(x + (3/2)/(x + &hellip;)))). */
    private static double tail(double x) {
        double fraction = x;
        for (int n = 80; n >= 1; n--) {
            fraction = x + 0.5 * n / fraction;
        }
        return Double.isInfinite(x) ? 0 : 0.5 * TWO_OVER_ROOT_PI * Math.exp(-x * x) / fraction;
    }
}
