package dev.rondo.bench;

import dev.rondo.bench.OrtEngine.Slot;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A cell as an ONNX model of one node: LSTM, GRU or RNN, or {@code com.microsoft.DynamicQuantizeLSTM}. One step: inputs
 * x [1,1,I], h and (LSTM) c [1,1,H]; outputs h_next and c_next of the same shapes. A sequence: x [T,1,I] to y [T,1,1,H].
 */
final class OnnxCell {
    /** ONNX puts an LSTM's gates in the order i, o, f, g, and a GRU's in the order z, r, n. */
    private static final int[] LSTM_ORDER = {0, 3, 1, 2};

    private static final int[] GRU_ORDER = {1, 0, 2};
    private static final int[] ELMAN_ORDER = {0};

    private final Cell cell;
    private final CellWeights weights;
    private final int[] order;
    private final boolean quantised;
    private final OnnxGraph graph;

    private OnnxCell(CellWeights weights, boolean quantised, OnnxGraph graph) {
        this.graph = graph;
        this.cell = weights.cell();
        this.weights = weights;
        this.quantised = quantised;
        this.order = switch (cell.kind()) {
            case LSTM -> LSTM_ORDER;
            case GRU -> GRU_ORDER;
            case ELMAN -> ELMAN_ORDER;
        };
        if (quantised && cell.kind() != Cell.Kind.LSTM) {
            throw new IllegalArgumentException("ONNX Runtime quantises LSTMs alone; got " + cell);
        }
    }

    /** With f32 weights, or with int8 ones and activations quantised at each step (LSTM only). */
    static OrtEngine step(CellWeights weights, boolean quantised) {
        return open(weights.cell(), stepModel(weights, quantised));
    }

    /** An engine for what {@link #stepModel} has written. */
    static OrtEngine open(Cell cell, byte[] model) {
        Slot h = Slot.of("h", 1, 1, cell.hiddenSize());
        Slot c = Slot.of("c", 1, 1, cell.hiddenSize());
        return OrtEngine.open(
                cell.toString(),
                model,
                Slot.of("x", 1, 1, cell.inputSize()),
                cell.kind() == Cell.Kind.LSTM ? List.of(h, c) : List.of(h),
                List.of(),
                Map.of());
    }

    static byte[] stepModel(CellWeights weights, boolean quantised) {
        var onnx = new OnnxCell(weights, quantised, new OnnxGraph());
        int size = weights.cell().hiddenSize();
        boolean lstm = weights.cell().kind() == Cell.Kind.LSTM;
        onnx.node("x", lstm ? "h c" : "h", lstm ? " h_next c_next" : " h_next");
        onnx.graph.input("x", 1, 1, weights.cell().inputSize()).input("h", 1, 1, size);
        onnx.graph.output("h_next", 1, 1, size);
        if (lstm) {
            onnx.graph.input("c", 1, 1, size).output("c_next", 1, 1, size);
        }
        return onnx.graph.model();
    }

    static OrtEngine sequence(CellWeights weights, boolean quantised, int steps) {
        var onnx = new OnnxCell(weights, quantised, new OnnxGraph());
        Cell cell = weights.cell();
        onnx.node("x", quantised ? " " : "", "y");
        onnx.graph.input("x", steps, 1, cell.inputSize()).output("y", steps, 1, 1, cell.hiddenSize());
        return OrtEngine.open(
                cell + " over " + steps,
                onnx.graph.model(),
                Slot.of("x", steps, 1, cell.inputSize()),
                List.of(),
                List.of(Slot.of("y", steps, 1, 1, cell.hiddenSize())),
                Map.of());
    }

    /** Adds the node to another graph, with its weights; inputs and outputs as ONNX names them in order. */
    static void addTo(OnnxGraph graph, CellWeights weights, boolean quantised, String x, String states, String out) {
        new OnnxCell(weights, quantised, graph).node(x, states, out);
    }

    private void node(String x, String states, String outputs) {
        // An empty name stands for what is not there: sequence_lens, P, the first output of a step.
        String inputs = x + " W R B" + (states.isEmpty() ? "" : "  " + states);
        if (quantised) {
            inputs += "  W_scale W_zero R_scale R_zero";
            quantised("W", weights.input(), cell.inputSize());
            quantised("R", weights.hidden(), cell.hiddenSize());
        } else {
            graph.floats("W", reordered(weights.input(), cell.inputSize()), 1, cell.rows(), cell.inputSize());
            graph.floats("R", reordered(weights.hidden(), cell.hiddenSize()), 1, cell.rows(), cell.hiddenSize());
        }
        graph.floats("B", bothBiases(), 1, 2 * cell.rows());
        Map<String, Integer> size = Map.of("hidden_size", cell.hiddenSize());
        switch (cell.kind()) {
            case LSTM -> {
                if (quantised) {
                    graph.microsoft("DynamicQuantizeLSTM", inputs, outputs, size);
                } else {
                    graph.node("LSTM", inputs, outputs, size);
                }
            }
            case GRU ->
                graph.node("GRU", inputs, outputs, Map.of("hidden_size", cell.hiddenSize(), "linear_before_reset", 1));
            case ELMAN -> graph.node("RNN", inputs, outputs, size);
        }
    }

    /** Transposed [1, columns, rows], with a scale and a zero point per row, the way the quantised operator wants it. */
    private void quantised(String name, float[] matrix, int columns) {
        int rows = cell.rows();
        var values = OnnxGraph.Quantised.of(reordered(matrix, columns), rows, columns);
        graph.bytes(name, values.transposed(), 1, columns, rows);
        graph.floats(name + "_scale", values.scales(), 1, rows);
        graph.bytes(name + "_zero", new byte[rows], 1, rows);
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
