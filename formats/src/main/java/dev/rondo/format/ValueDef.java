package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.util.List;
import java.util.Objects;

/**
 * A value a function takes: its name, element type and shape.
 *
 * @param name    does not begin with '@'
 * @param element the type of its elements
 * @param dims    one text per dimension, at most 8: a decimal number or an expression over names ({@code B}, {@code 2*H},
 *                {@code (T+1)/2}). Characters and length are checked here, the meaning by the runtime.
 */
public record ValueDef(String name, ElementType element, List<String> dims) {
    /** @throws FormatException when a name, the rank or the text of a dimension breaks a rule */
    public ValueDef {
        Names.valueName("value name", name);
        Objects.requireNonNull(element);
        dims = List.copyOf(dims);
        if (dims.size() > Names.MAX_RANK) {
            throw new FormatException(
                    "value " + Names.quote(name),
                    "rank must be at most " + Names.MAX_RANK,
                    "rank " + dims.size(),
                    "merge dimensions");
        }
        for (String dim : dims) {
            checkDim(name, dim);
        }
    }

    private static void checkDim(String name, String dim) {
        String subject = "value " + Names.quote(name) + ", dimension";
        if (dim.isEmpty() || dim.length() > Names.MAX_BYTES) {
            throw new FormatException(
                    subject,
                    "must have 1 to " + Names.MAX_BYTES + " characters",
                    dim.length() + " characters",
                    "write a number or a short expression");
        }
        for (int i = 0; i < dim.length(); i++) {
            char c = dim.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
            boolean digit = c >= '0' && c <= '9';
            if (!letter && !digit && "+-*/() ".indexOf(c) < 0) {
                throw new FormatException(
                        subject,
                        "may hold letters, digits, _ + - * / ( ) and spaces only",
                        Names.quote(dim),
                        "write a number or an expression over names, like (T+1)/2");
            }
        }
    }
}
