package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The parameters of PyTorch's nn.RNN, nn.LSTM and nn.GRU: {@code weight_ih_l{k}}, {@code weight_hh_l{k}},
 * {@code bias_ih_l{k}}, {@code bias_hh_l{k}} and, with a projection, {@code weight_hr_l{k}}; the backward ones with
 * {@code _reverse} behind; and of nn.RNNCell, nn.LSTMCell and nn.GRUCell, which have no layers in their names. The gates stand in the order
 * i, f, g, o and r, z, n. Both biases are added; of a GRU's candidate, which resets after the product, the hidden one
 * stays apart.
 */
final class PytorchNames {
    private PytorchNames() {}

    /** The layers of a model that runs forward only. */
    static List<LayerParameters> oneDirection(String prefix, Cell cell, GateOrder order, SourceTensors source) {
        List<List<LayerParameters>> layers = directions(prefix, cell, order, source);
        for (List<LayerParameters> layer : layers) {
            if (layer.size() > 1) {
                throw refused(
                        "tensor " + StrictJson.quote(layer.get(1).weightInput()),
                        "a language model must run in one direction: going backward, it would see the very token it has"
                                + " to predict",
                        "a bidirectional model",
                        "train it in one direction, or use the model as a tagger or classifier");
            }
        }
        return layers.stream().map(List::getFirst).toList();
    }

    /** For each layer its forward parameters, and those backward if the source has them. */
    static List<List<LayerParameters>> directions(String prefix, Cell cell, GateOrder order, SourceTensors source) {
        String dot = dot(prefix);
        if (cell instanceof Cell.Gru gru && (!gru.resetAfter() || order.updateReplaces())) {
            throw refused(
                    "key 'parameters'",
                    "PyTorch's GRU resets after the product, and z keeps the old state",
                    gru.resetAfter() ? "update_gate replaces" : "reset_after false",
                    "set \"reset_after\": true, or name the layers one by one");
        }
        var layers = new ArrayList<List<LayerParameters>>();
        while (source.has(dot + "weight_ih_l" + layers.size())) {
            String suffix = "_l" + layers.size();
            LayerParameters forward = layer(dot, suffix, cell, source);
            layers.add(
                    source.has(dot + "weight_ih" + suffix + "_reverse")
                            ? List.of(forward, layer(dot, suffix + "_reverse", cell, source))
                            : List.of(forward));
        }
        if (layers.isEmpty() && source.has(dot + "weight_ih")) {
            layers.add(List.of(layer(dot, "", cell, source)));
        }
        if (layers.isEmpty()) {
            source.use(dot + "weight_ih_l0", "key 'recurrent'"); // throws, and lists what there is
        }
        return layers;
    }

    /** The prefix with the dot that goes between it and a name. */
    static String dot(String prefix) {
        return prefix.isEmpty() || prefix.endsWith(".") ? prefix : prefix + ".";
    }

    private static LayerParameters layer(String dot, String suffix, Cell cell, SourceTensors source) {
        String input = dot + "bias_ih" + suffix;
        String hidden = dot + "bias_hh" + suffix;
        if (source.has(input) != source.has(hidden)) {
            throw refused(
                    "biases of layer " + StrictJson.quote(dot + "weight_ih" + suffix),
                    "PyTorch has both bias_ih and bias_hh, or none",
                    "only " + StrictJson.quote(source.has(input) ? input : hidden),
                    "is the file complete?");
        }
        boolean biased = source.has(input);
        boolean apart = cell instanceof Cell.Gru;
        String projection = dot + "weight_hr" + suffix;
        return new LayerParameters(
                dot + "weight_ih" + suffix,
                dot + "weight_hh" + suffix,
                !biased ? List.of() : apart ? List.of(input) : List.of(input, hidden),
                biased && apart ? List.of(hidden) : List.of(),
                List.of(),
                cell instanceof Cell.Lstm && source.has(projection) ? Optional.of(projection) : Optional.empty());
    }

    private static FormatException refused(String subject, String rule, String got, String remedy) {
        return new FormatException(subject, rule, got, remedy);
    }
}
