package dev.rondo.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/**
 * Writes an ONNX model node by node. Field numbers are those of onnx.proto3; the names of inputs with blanks between. A dimension
 * of an input or output that is {@link #ANY} has another size at every run.
 */
final class OnnxGraph {
    static final int ANY = -1;

    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;
    private static final int FLOAT = 1;
    private static final int INT8 = 3;
    private static final int INT32 = 6;
    private static final int INT64 = 7;
    private static final int ATTRIBUTE_INT = 2;
    private static final int ATTRIBUTE_TEXT = 3;
    private static final int ATTRIBUTE_INTS = 7;
    private static final int NODE = 1;
    private static final int NAME = 2;
    private static final int INITIALIZER = 5;
    private static final int INPUT = 11;
    private static final int OUTPUT = 12;

    private final ProtobufWriter graph = new ProtobufWriter().text(NAME, "bench");

    /** A node of the standard operators; an empty name, two blanks in a row, stands for an input that is not there. */
    OnnxGraph node(String operator, String inputs, String outputs, Map<String, ?> attributes) {
        return node(operator, "", inputs, outputs, attributes);
    }

    /** A node of ONNX Runtime's own operators. */
    OnnxGraph microsoft(String operator, String inputs, String outputs, Map<String, ?> attributes) {
        return node(operator, "com.microsoft", inputs, outputs, attributes);
    }

    private OnnxGraph node(String operator, String domain, String inputs, String outputs, Map<String, ?> attributes) {
        var node = new ProtobufWriter();
        for (String input : inputs.split(" ", -1)) {
            node.text(1, input);
        }
        for (String output : outputs.split(" ", -1)) {
            node.text(2, output);
        }
        node.text(4, operator);
        attributes.forEach((name, value) -> node.message(5, attribute(name, value)));
        graph.message(NODE, domain.isEmpty() ? node : node.text(7, domain));
        return this;
    }

    /** @param value an int, a text or an int[] */
    private static ProtobufWriter attribute(String name, Object value) {
        var attribute = new ProtobufWriter().text(1, name);
        switch (value) {
            case Integer number -> attribute.number(3, number).number(20, ATTRIBUTE_INT);
            case String text -> attribute.text(4, text).number(20, ATTRIBUTE_TEXT);
            case int[] numbers -> {
                Arrays.stream(numbers).forEach(number -> attribute.number(8, number));
                attribute.number(20, ATTRIBUTE_INTS);
            }
            default -> throw new IllegalArgumentException("attribute " + name + ": " + value);
        }
        return attribute;
    }

    OnnxGraph floats(String name, float[] values, int... dims) {
        graph.message(INITIALIZER, tensor(name, FLOAT, dims).floats(9, values));
        return this;
    }

    OnnxGraph bytes(String name, byte[] values, int... dims) {
        graph.message(INITIALIZER, tensor(name, INT8, dims).bytes(9, values));
        return this;
    }

    /** A list of i64. */
    OnnxGraph number(String name, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        graph.message(INITIALIZER, tensor(name, INT64, values.length).bytes(9, bytes.array()));
        return this;
    }

    OnnxGraph input(String name, int... dims) {
        graph.message(INPUT, port(name, FLOAT, dims));
        return this;
    }

    OnnxGraph inputInts(String name, int... dims) {
        graph.message(INPUT, port(name, INT64, dims));
        return this;
    }

    OnnxGraph inputLengths(String name, int... dims) {
        graph.message(INPUT, port(name, INT32, dims));
        return this;
    }

    OnnxGraph output(String name, int... dims) {
        graph.message(OUTPUT, port(name, FLOAT, dims));
        return this;
    }

    OnnxGraph outputInts(String name, int... dims) {
        graph.message(OUTPUT, port(name, INT64, dims));
        return this;
    }

    byte[] model() {
        return new ProtobufWriter()
                .number(1, IR_VERSION)
                .message(7, graph)
                .message(8, new ProtobufWriter().text(1, "").number(2, OPSET))
                .message(8, new ProtobufWriter().text(1, "com.microsoft").number(2, 1))
                .toBytes();
    }

    private static ProtobufWriter port(String name, int type, int... dims) {
        var shape = new ProtobufWriter();
        Arrays.stream(dims)
                .forEach(dim ->
                        shape.message(1, dim == ANY ? new ProtobufWriter() : new ProtobufWriter().number(1, dim)));
        var tensor = new ProtobufWriter().number(1, type).message(2, shape);
        return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
    }

    private static ProtobufWriter tensor(String name, int type, int... dims) {
        var tensor = new ProtobufWriter();
        Arrays.stream(dims).forEach(dim -> tensor.number(1, dim));
        return tensor.number(2, type).text(8, name);
    }

    /** Rows rounded to int8, a scale per row as ours have it. */
    record Quantised(byte[] transposed, float[] scales) {
        /** @param values [rows, columns], row-major; quantised they lie [columns, rows], as ONNX Runtime wants them */
        static Quantised of(float[] values, int rows, int columns) {
            var scales = new float[rows];
            var quantised = new byte[rows * columns];
            for (int r = 0; r < rows; r++) {
                float max = 0;
                for (int c = 0; c < columns; c++) {
                    max = Math.max(max, Math.abs(values[r * columns + c]));
                }
                scales[r] = max / Byte.MAX_VALUE;
                for (int c = 0; c < columns; c++) {
                    quantised[c * rows + r] = (byte) Math.rint(values[r * columns + c] / scales[r]);
                }
            }
            return new Quantised(quantised, scales);
        }
    }
}
