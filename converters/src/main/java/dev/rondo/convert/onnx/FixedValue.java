package dev.rondo.convert.onnx;

import dev.rondo.convert.onnx.graph.Constants;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.List;

/** The value that --fix gives an input: a number, or a list as {@code [1,2]}. */
final class FixedValue {
    private FixedValue() {}

    static Value of(String input, String text, ValueType type, Constants constants) {
        String plain = text.strip();
        boolean list = plain.startsWith("[") && plain.endsWith("]");
        String inner = list ? plain.substring(1, plain.length() - 1).strip() : plain;
        String[] parts = inner.isEmpty() ? new String[0] : inner.split("\\s*,\\s*", -1);
        boolean named = type.dims().stream().anyMatch(d -> !d.isFixed());
        List<Dim> dims = named && type.rank() == 1 ? List.of(Dim.of(parts.length)) : type.dims();
        if (!holds(dims, parts.length) || list && type.rank() == 0) {
            throw wrong(input, text, "holds as many numbers as " + type + " says", null);
        }
        List<Integer> shape = dims.stream().map(d -> (int) d.fixed()).toList();
        try {
            if (type.element() == ElementType.F32) {
                float[] values = new float[parts.length];
                for (int i = 0; i < parts.length; i++) {
                    values[i] = number(parts[i]);
                }
                return constants.floats(input, shape, values);
            }
            long[] values = new long[parts.length];
            for (int i = 0; i < parts.length; i++) {
                values[i] = whole(parts[i], type.element());
            }
            return constants.integers(input, type.element(), shape, values);
        } catch (NumberFormatException notANumber) {
            throw wrong(input, text, "holds numbers of type " + type.element().text(), notANumber);
        }
    }

    /** Whether a value of these sizes has so many elements; sizes of a file may be of any magnitude. */
    private static boolean holds(List<Dim> dims, int count) {
        if (dims.stream().anyMatch(d -> !d.isFixed() || d.fixed() > Integer.MAX_VALUE)) {
            return false;
        }
        if (dims.stream().anyMatch(d -> d.is(0))) {
            return count == 0;
        }
        long left = count;
        for (Dim dim : dims) {
            if (left % dim.fixed() != 0) {
                return false;
            }
            left /= dim.fixed();
        }
        return left == 1;
    }

    /** Infinity is written out; a number beyond the range of f32 is none that was meant. */
    private static float number(String text) {
        float value = Float.parseFloat(text);
        if (Float.isInfinite(value) && !text.endsWith("Infinity")) {
            throw new NumberFormatException(text);
        }
        return value;
    }

    private static long whole(String text, ElementType element) {
        return switch (element) {
            case BOOL ->
                switch (text) {
                    case "true", "1" -> 1;
                    case "false", "0" -> 0;
                    default -> throw new NumberFormatException(text);
                };
            case I32 -> Integer.parseInt(text);
            case I64, F32, F64 -> Long.parseLong(text);
        };
    }

    private static InputException wrong(String input, String text, String rule, Throwable cause) {
        return new InputException("--fix " + input, rule, "'" + text + "'", "correct it", cause);
    }
}
