package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.statedict.WeightCollector.Columns;
import dev.rondo.convert.statedict.WeightCollector.Gates;
import dev.rondo.error.ShapeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The parameters of recurrent layers: their shapes are checked, their gates brought into order, their biases summed.
 */
final class RecurrentWeights {
    private RecurrentWeights() {}

    /**
     * One layer in one direction; marks the tensors it uses.
     *
     * @param name  of the layer in the file
     * @param input size of what it reads
     */
    static RecurrentParameters collect(
            Gates of, LayerParameters layer, String name, int input, SourceTensors source, WeightCollector collector) {
        return collect(of, layer, name, input, List.of(), source, collector);
    }

    /**
     * The same, of a layer that reads several things side by side.
     *
     * @param columns where in the source lies what it reads, in the order in which it does here; empty when the source
     *                has the same order
     */
    static RecurrentParameters collect(
            Gates of,
            LayerParameters layer,
            String name,
            int input,
            List<Columns> columns,
            SourceTensors source,
            WeightCollector collector) {
        int gates = of.count();
        SourceTensor recurrent =
                source.use(layer.weightHidden(), name + ".weight_hidden", gates + " gates of H units", -1, -1);
        if (size(recurrent, 0) % gates != 0) {
            throw new ShapeException(
                    recurrent.subject() + " (" + name + ".weight_hidden)",
                    "must have a multiple of " + gates + " rows, the gates of cell "
                            + of.cell().text(),
                    "shape " + recurrent.shape(),
                    "the cell or the name in the configuration is wrong");
        }
        int hidden = size(recurrent, 0) / gates;
        int output = size(recurrent, 1);
        Optional<SourceTensor> projection = layer.projection()
                .map(p -> source.use(p, name + ".projection", "outputs by units of the layer", output, hidden));
        if (projection.isEmpty()) {
            source.use(
                    layer.weightHidden(),
                    name + ".weight_hidden",
                    gates + " gates of " + hidden + " units, " + hidden + " states",
                    gates * hidden,
                    hidden);
        }
        SourceTensor weightInput = source.use(
                layer.weightInput(),
                name + ".weight_input",
                gates + " gates of " + hidden + " units, " + input + " inputs",
                gates * hidden,
                input);
        List<SourceTensor> biases = vectors(layer.bias(), source, name + ".bias", gates * hidden);
        var hiddenWhole = new ArrayList<SourceTensor>();
        var hiddenLast = new ArrayList<SourceTensor>();
        for (String bias : layer.hiddenBias()) {
            SourceTensor tensor = source.use(bias, name + ".hidden_bias", "of the candidate, or of all gates", -1);
            boolean whole = size(tensor, 0) == gates * hidden;
            (whole ? hiddenWhole : hiddenLast)
                    .add(
                            whole
                                    ? tensor
                                    : vectors(List.of(bias), source, name + ".hidden_bias", hidden)
                                            .getFirst());
        }
        return new RecurrentParameters(
                input,
                hidden,
                output,
                collector.gateMatrix(name + ".weight_input", of, weightInput, columns),
                collector.gateMatrix(name + ".weight_hidden", of, recurrent, List.of()),
                collector.bias(name + ".bias", of, biases, hiddenWhole, hidden),
                collector.lastGateBias(name + ".hidden_bias", of, hiddenWhole, hiddenLast, hidden),
                collector.stack(
                        name + ".peepholes", vectors(layer.peepholes(), source, name + ".peepholes", hidden), hidden),
                projection.map(p -> collector.whole(name + ".projection", p)));
    }

    /** What was read into the layers of one cell, by a key each. */
    static Map<String, String> interpretation(Gates gates, List<LayerParameters> layers) {
        var lines = new LinkedHashMap<String, String>();
        Cell cell = gates.cell();
        lines.put("cell", cell.text());
        if (!(cell instanceof Cell.Elman)) {
            lines.put("gate-order", gates.order().text(cell) + " in the source, " + cell.gateLetters() + " here");
        }
        lines.put("bias", biases(layers));
        if (cell instanceof Cell.Gru(boolean resetAfter)) {
            lines.put(
                    "reset",
                    resetAfter
                            ? "after the product: n = tanh(W x + b + r * (U h + d))"
                            : "before the product: n = tanh(W x + b + U (r * h))");
            lines.put(
                    "update-gate",
                    gates.order().updateReplaces()
                            ? "h' = (1 - z) * h + z * n in the source; weights and bias of z were negated"
                            : "h' = z * h + (1 - z) * n");
        }
        return lines;
    }

    private static String biases(List<LayerParameters> layers) {
        LayerParameters first = layers.getFirst();
        if (layers.stream().allMatch(l -> l.bias().isEmpty() && l.hiddenBias().isEmpty())) {
            return "none";
        }
        String outer = first.bias().isEmpty() ? "none" : String.join(" + ", first.bias());
        return first.hiddenBias().isEmpty()
                ? outer + " (layer 0)"
                : "b = " + outer + ", d of the reset product = " + String.join(" + ", first.hiddenBias())
                        + ", whose r and z parts, where it has them, are added to b (layer 0)";
    }

    static List<SourceTensor> vectors(List<String> names, SourceTensors source, String role, int size) {
        return names.stream()
                .map(n -> source.use(n, role, "one of each row of the weights it belongs to", size))
                .toList();
    }

    static int size(SourceTensor tensor, int axis) {
        long size = tensor.shape().get(axis);
        if (size < 1 || size > Integer.MAX_VALUE) {
            throw new ShapeException(
                    tensor.subject(),
                    "sizes must lie between 1 and 2^31-1",
                    "shape " + tensor.shape(),
                    "the model is empty or the file damaged");
        }
        return (int) size;
    }
}
