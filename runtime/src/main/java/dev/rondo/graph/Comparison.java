package dev.rondo.graph;

import java.util.Locale;
import java.util.Optional;

/** Comparisons of two numbers, applied to each pair of elements. With a NaN only {@link #NOT_EQUAL} holds. */
public enum Comparison {
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_EQUAL,
    GREATER,
    GREATER_EQUAL;

    /** The name in graph text. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The comparison whose {@link #text()} this is, if any. */
    public static Optional<Comparison> parse(String text) {
        for (Comparison c : values()) {
            if (c.text().equals(text)) {
                return Optional.of(c);
            }
        }
        return Optional.empty();
    }

    /** Whether the comparison holds between a and b. */
    public boolean apply(double a, double b) {
        return switch (this) {
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
            case LESS -> a < b;
            case LESS_EQUAL -> a <= b;
            case GREATER -> a > b;
            case GREATER_EQUAL -> a >= b;
        };
    }

    /** Whether the comparison holds between two whole numbers. */
    public boolean apply(long a, long b) {
        return switch (this) {
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
            case LESS -> a < b;
            case LESS_EQUAL -> a <= b;
            case GREATER -> a > b;
            case GREATER_EQUAL -> a >= b;
        };
    }
}
