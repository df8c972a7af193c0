package dev.rondo.convert.keras;

import dev.rondo.architecture.Cell;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import java.util.List;
import java.util.Optional;

/**
 * A recurrent cell of Keras with its weights as the catalogue has them.
 *
 * @param kind        of {@code SimpleRNN}, {@code LSTM} and {@code GRU}
 * @param activation  the name of that of the candidate and the output
 * @param gates       the name of that of the gates; {@code linear} where there are none
 * @param weightInput [G*H,I]
 * @param bias        [G*H], {@link Value#ABSENT} without
 * @param hiddenBias  [H] of a GRU whose reset comes after the product, else absent
 */
record CellLayer(
        Cell kind,
        LayerConfig config,
        int units,
        String activation,
        String gates,
        Value weightInput,
        Value weightHidden,
        Value bias,
        Value hiddenBias) {

    /** Whether a layer or a cell of this class is one. */
    static boolean is(String className) {
        return switch (className) {
            case "SimpleRNN", "SimpleRNNCell", "LSTM", "LSTMCell", "GRU", "GRUCell", "CuDNNLSTM", "CuDNNGRU" -> true;
            default -> false;
        };
    }

    /** States that the cell keeps. */
    int states() {
        return kind instanceof Cell.Lstm ? 2 : 1;
    }

    /** The activation of the candidate in the catalogue, if it has one. */
    Optional<Activation> fusedActivation(boolean keras2) {
        return Activations.fused(activation, keras2);
    }

    Optional<Activation> fusedGates(boolean keras2) {
        return Activations.fused(gates, keras2);
    }

    /**
     * Reads the options and weights of a cell.
     *
     * @param config of the cell, or of the layer that has these keys itself
     * @param prefix of the names of its weights
     * @param inputs how many numbers it reads each step
     */
    static CellLayer read(Graph g, LayerConfig config, LayerWeights weights, String prefix, Dim inputs) {
        if (!inputs.isFixed()) {
            throw config.refused("reads a fixed number of features", inputs.toString());
        }
        int input = Math.toIntExact(inputs.fixed());
        int units = config.size("units");
        boolean resetAfter = config.flag("reset_after", false);
        Cell kind = switch (config.className()) {
            case "SimpleRNN", "SimpleRNNCell" -> new Cell.Elman(Activation.TANH);
            case "LSTM", "LSTMCell" -> new Cell.Lstm();
            case "GRU", "GRUCell" -> new Cell.Gru(resetAfter);
            default -> throw config.refused("must be a SimpleRNN, LSTM or GRU", config.className());
        };
        boolean hasGates = !(kind instanceof Cell.Elman);
        String activation = activation(config, "activation");
        String gates = hasGates ? activation(config, "recurrent_activation") : "linear";
        boolean useBias = config.flag("use_bias", true);
        int columns = Math.multiplyExact(kind.gates(), units);
        int[] blocks = blocks(kind);
        SourceTensor kernel = weights.next("kernel", input, columns);
        SourceTensor recurrent = weights.next("recurrent_kernel", units, columns);
        Value weightInput = g.weight(
                prefix + "kernel",
                List.of(kernel),
                List.of(columns, input),
                () -> WeightArrays.transposed(kernel, input, columns, blocks));
        Value weightHidden = g.weight(
                prefix + "recurrent_kernel",
                List.of(recurrent),
                List.of(columns, units),
                () -> WeightArrays.transposed(recurrent, units, columns, blocks));
        note(g, kind, useBias);
        Value bias = Value.ABSENT;
        Value hiddenBias = Value.ABSENT;
        if (useBias && resetAfter && kind instanceof Cell.Gru) {
            SourceTensor both = weights.next("bias", 2, columns);
            bias = g.weight(prefix + "bias", List.of(both), List.of(columns), () -> inputBias(both, blocks, units));
            hiddenBias = g.weight(prefix + "hidden_bias", List.of(both), List.of(units), () -> {
                float[] values = new float[units];
                both.values().read(columns + 2L * units, values, 0, units);
                return values;
            });
        } else if (useBias) {
            SourceTensor one = weights.next("bias", columns);
            bias = g.weight(
                    prefix + "bias",
                    List.of(one),
                    List.of(columns),
                    () -> WeightArrays.arranged(WeightArrays.all(one), 0, blocks, units));
        }
        return new CellLayer(kind, config, units, activation, gates, weightInput, weightHidden, bias, hiddenBias);
    }

    /**
     * Keras writes these keys, null for none; their absence would stand for another default than that of other layers.
     */
    private static String activation(LayerConfig config, String key) {
        if (config.raw(key).isMissingNode()) {
            throw config.error(key, "is there, null for none", "nothing");
        }
        return Activations.name(config, key);
    }

    private static int[] blocks(Cell kind) {
        String order = switch (kind) {
            case Cell.Elman _ -> "";
            case Cell.Lstm() -> "ifco";
            case Cell.Gru _ -> "zrh";
        };
        return order.isEmpty()
                ? new int[] {0}
                : GateOrder.parse(order, kind).orElseThrow().blocks().stream()
                        .mapToInt(Integer::intValue)
                        .toArray();
    }

    private static void note(Graph g, Cell kind, boolean bias) {
        switch (kind) {
            case Cell.Elman _ -> {
                // Nothing that Keras leaves open.
            }
            case Cell.Lstm() -> g.note("gates in the source i, f, c, o");
            case Cell.Gru(boolean resetAfter) -> {
                g.note("gates in the source z, r, h; z multiplies the old state");
                g.note("reset " + (resetAfter ? "after" : "before") + " the recurrent product");
                if (resetAfter && bias) {
                    g.note("both rows of the bias added for z and r, apart for h");
                }
            }
        }
    }

    /** The input's row, with the recurrent row added where the two are summed anyway: in r and z. */
    private static float[] inputBias(SourceTensor both, int[] blocks, int units) {
        float[] values = WeightArrays.all(both);
        int columns = values.length / 2;
        float[] bias = WeightArrays.arranged(values, 0, blocks, units);
        float[] recurrent = WeightArrays.arranged(values, columns, blocks, units);
        for (int i = 0; i < 2 * units; i++) {
            bias[i] += recurrent[i];
        }
        return bias;
    }
}
