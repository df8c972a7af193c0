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
        List<Integer> shape = named && type.rank() == 1
                ? List.of(parts.length)
                : type.dims().stream()
                        .filter(Dim::isFixed)
                        .map(d -> Math.toIntExact(d.fixed()))
                        .toList();
        long count = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
        if (named && type.rank() > 1 || count != parts.length || list && type.rank() == 0) {
            throw wrong(input, text, "holds as many numbers as " + type + " says", null);
        }
        try {
            if (type.element() == ElementType.F32) {
                float[] values = new float[parts.length];
                for (int i = 0; i < parts.length; i++) {
                    values[i] = Float.parseFloat(parts[i]);
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
