package dev.rondo.graph;

import java.util.Locale;
import java.util.Optional;

/** Elementary functions of two numbers, applied to each pair of elements. */
public enum BinaryFunction {
    /** a + b. */
    ADD,
    /** a - b. */
    SUBTRACT,
    /** a b. */
    MULTIPLY,
    /** a / b; whole numbers are truncated towards zero. */
    DIVIDE,
    /** The larger one; NaN if either is NaN. */
    MAXIMUM,
    /** The smaller one; NaN if either is NaN. */
    MINIMUM,
    /** a<sup>b</sup>. */
    POWER,
    /** a and b, of boolean values only. */
    AND,
    /** a or b, of boolean values only. */
    OR;

    /** The name in graph text. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The function whose {@link #text()} this is, if any. */
    public static Optional<BinaryFunction> parse(String text) {
        for (BinaryFunction f : values()) {
            if (f.text().equals(text)) {
                return Optional.of(f);
            }
        }
        return Optional.empty();
    }

    /** The function in double precision: the definition that kernels are held to. Booleans are 0 and 1. */
    public double apply(double a, double b) {
        return switch (this) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / b;
            case MAXIMUM -> Math.max(a, b);
            case MINIMUM -> Math.min(a, b);
            case POWER -> Math.pow(a, b);
            case AND -> a != 0 && b != 0 ? 1 : 0;
            case OR -> a != 0 || b != 0 ? 1 : 0;
        };
    }
}
