package dev.rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.graph.Activation;

/**
 * A value in double precision and how far an f32 kernel may be off: the error bound of an expression is carried along with its value.
 *
 * @param value the value
 * @param error a bound on the error of a kernel
 */
record Approximate(double value, double error) {

    /** Unit round-off of f32. */
    static final double U = 0x1p-24;

    /** Smallest step of f32: what rounding to a subnormal number may lose. */
    static final double STEP = 0x1p-149;

    static Approximate exact(double value) {
        return new Approximate(value, 0);
    }

    private static Approximate rounded(double value, double error) {
        // NaN and infinity are met exactly or not at all; what follows from them is, too.
        return new Approximate(value, Double.isFinite(value) ? error + U * Math.abs(value) * 2 + STEP : 0);
    }

    Approximate plus(Approximate other) {
        return rounded(value + other.value, error + other.error);
    }

    Approximate minus(Approximate other) {
        return rounded(value - other.value, error + other.error);
    }

    Approximate times(Approximate other) {
        double propagated = Math.abs(value) * other.error + Math.abs(other.value) * error + error * other.error;
        return rounded(value * other.value, propagated);
    }

    /** f, whose own error in a cell is at most 2^-21, absolute or relative; no kind used in cells is steeper than its parameters say. */
    Approximate through(Activation f) {
        double steepness = Math.max(1.1, Math.abs(f.alpha()) * Math.max(1, Math.abs(f.beta())));
        double y = f.apply(value);
        return new Approximate(y, Double.isFinite(y) ? steepness * error + 0x1p-21 * Math.max(1, Math.abs(y)) : 0);
    }

    /** Holds a kernel's result to the bound. NaN and infinity must be met exactly. */
    void check(float actual, String what) {
        if (Double.isNaN(value)) {
            assertTrue(Float.isNaN(actual), () -> what + ": expected NaN, got " + actual);
        } else if (Double.isInfinite((float) value)) {
            assertEquals((float) value, actual, what);
        } else {
            double off = Math.abs(actual - value);
            assertTrue(
                    off <= error,
                    () -> what + ": expected " + value + " within " + error + ", got " + actual + ", off " + off);
        }
    }

    /** Holds the result of an elementary function to so many units of the last place, and an absolute error more. */
    static void checkUlps(double expected, float actual, double ulps, double absolute, String what) {
        new Approximate(expected, ulps * Math.ulp((float) expected) + absolute).check(actual, what);
    }
}
