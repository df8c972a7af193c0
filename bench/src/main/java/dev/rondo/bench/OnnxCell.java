package dev.rondo.bench;

import java.util.Arrays;

/**
 * A cell as an ONNX model of one node: LSTM or GRU, or {@code com.microsoft.DynamicQuantizeLSTM}, over a sequence of one
 * step. Inputs x [1,1,I], h and (LSTM) c [1,1,H]; outputs h_next and c_next of the same shapes. Field numbers are those of
 * onnx.proto3.
 */
final class OnnxCell {
    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;
    private static final int FLOAT = 1;
    private static final int INT8 = 3;
    private static final int ATTRIBUTE_INT = 2;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_NAME = 2;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int GRAPH_INPUT = 11;
    private static final int GRAPH_OUTPUT = 12;

    /** ONNX puts an LSTM's gates in the order i, o, f, g, and a GRU's in the order z, r, n. */
    private static final int[] LSTM_ORDER = {0, 3, 1, 2};

    private static final int[] GRU_ORDER = {1, 0, 2};

    private final Cell cell;
    private final CellWeights weights;
    private final int[] order;

    private OnnxCell(CellWeights weights) {
        this.cell = weights.cell();
        this.weights = weights;
        this.order = cell.kind() == Cell.Kind.LSTM ? LSTM_ORDER : GRU_ORDER;
    }

    /** The model with f32 weights. */
    static byte[] f32(CellWeights weights) {
        return new OnnxCell(weights).model(false);
    }

    /**
     * The model with int8 weights, a scale per row like ours; activations are quantised at each step.
     *
     * @param weights of an LSTM: ONNX Runtime has no quantised GRU
     */
    static byte[] int8(CellWeights weights) {
        if (weights.cell().kind() != Cell.Kind.LSTM) {
            throw new IllegalArgumentException("ONNX Runtime quantises LSTMs alone; got " + weights.cell());
        }
        return new OnnxCell(weights).model(true);
    }

    private byte[] model(boolean quantised) {
        var graph = new ProtobufWriter().text(GRAPH_NAME, "step");
        graph.message(GRAPH_NODE, node(quantised));
        if (quantised) {
            quantised(graph, "W", weights.input(), cell.inputSize());
            quantised(graph, "R", weights.hidden(), cell.hiddenSize());
        } else {
            floats(graph, "W", reordered(weights.input(), cell.inputSize()), 1, cell.rows(), cell.inputSize());
            floats(graph, "R", reordered(weights.hidden(), cell.hiddenSize()), 1, cell.rows(), cell.hiddenSize());
        }
        floats(graph, "B", bothBiases(), 1, 2 * cell.rows());
        graph.message(GRAPH_INPUT, port("x", cell.inputSize()));
        graph.message(GRAPH_INPUT, port("h", cell.hiddenSize()));
        graph.message(GRAPH_OUTPUT, port("h_next", cell.hiddenSize()));
        if (cell.kind() == Cell.Kind.LSTM) {
            graph.message(GRAPH_INPUT, port("c", cell.hiddenSize()));
            graph.message(GRAPH_OUTPUT, port("c_next", cell.hiddenSize()));
        }
        return new ProtobufWriter()
                .number(1, IR_VERSION)
                .message(7, graph)
                .message(8, new ProtobufWriter().text(1, "").number(2, OPSET))
                .message(8, new ProtobufWriter().text(1, "com.microsoft").number(2, 1))
                .toBytes();
    }

    private ProtobufWriter node(boolean quantised) {
        boolean lstm = cell.kind() == Cell.Kind.LSTM;
        var node = new ProtobufWriter();
        // An empty name stands for an optional input or output that is not there: sequence_lens, P, Y.
        String inputs = lstm ? "x W R B  h c" : "x W R B  h";
        if (quantised) {
            inputs += "  W_scale W_zero R_scale R_zero";
        }
        for (String input : inputs.split(" ", -1)) {
            node.text(1, input);
        }
        node.text(2, "").text(2, "h_next");
        if (lstm) {
            node.text(2, "c_next");
        }
        node.text(4, quantised ? "DynamicQuantizeLSTM" : cell.kind().name());
        node.message(5, attribute("hidden_size", cell.hiddenSize()));
        if (!lstm) {
            node.message(5, attribute("linear_before_reset", 1));
        }
        return quantised ? node.text(7, "com.microsoft") : node;
    }

    private static ProtobufWriter attribute(String name, int value) {
        return new ProtobufWriter().text(1, name).number(3, value).number(20, ATTRIBUTE_INT);
    }

    /** An f32 [1, 1, size]. */
    private static ProtobufWriter port(String name, int size) {
        var shape = new ProtobufWriter();
        for (int dim : new int[] {1, 1, size}) {
            shape.message(1, new ProtobufWriter().number(1, dim));
        }
        var tensor = new ProtobufWriter().number(1, FLOAT).message(2, shape);
        return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
    }

    private static void floats(ProtobufWriter graph, String name, float[] values, int... dims) {
        graph.message(GRAPH_INITIALIZER, tensor(name, FLOAT, dims).floats(9, values));
    }

    private static void bytes(ProtobufWriter graph, String name, byte[] values, int... dims) {
        graph.message(GRAPH_INITIALIZER, tensor(name, INT8, dims).bytes(9, values));
    }

    private static ProtobufWriter tensor(String name, int type, int... dims) {
        var tensor = new ProtobufWriter();
        Arrays.stream(dims).forEach(dim -> tensor.number(1, dim));
        return tensor.number(2, type).text(8, name);
    }

    /** Transposed [1, columns, rows], with a scale and a zero point per row, the way the quantised operator wants it. */
    private void quantised(ProtobufWriter graph, String name, float[] matrix, int columns) {
        int rows = cell.rows();
        float[] values = reordered(matrix, columns);
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
        bytes(graph, name, quantised, 1, columns, rows);
        floats(graph, name + "_scale", scales, 1, rows);
        bytes(graph, name + "_zero", new byte[rows], 1, rows);
    }

    /** The rows of a matrix with {@code columns} columns, gates in ONNX's order. */
    private float[] reordered(float[] matrix, int columns) {
        int gate = cell.hiddenSize() * columns;
        var result = new float[matrix.length];
        for (int g = 0; g < order.length; g++) {
            System.arraycopy(matrix, order[g] * gate, result, g * gate, gate);
        }
        return result;
    }

    /** The input's biases, then the hidden state's: all of ours in the former, but for a GRU's hidden bias. */
    private float[] bothBiases() {
        float[] both = Arrays.copyOf(reordered(weights.bias(), 1), 2 * cell.rows());
        float[] hidden = weights.hiddenBias();
        System.arraycopy(hidden, 0, both, both.length - hidden.length, hidden.length);
        return both;
    }
}
