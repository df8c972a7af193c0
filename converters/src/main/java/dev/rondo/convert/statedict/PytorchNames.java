package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.statedict.LanguageModelConfig.LayerParameters;
import dev.rondo.error.FormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The parameters of PyTorch's nn.RNN, nn.LSTM and nn.GRU: {@code weight_ih_l{k}}, {@code weight_hh_l{k}},
 * {@code bias_ih_l{k}}, {@code bias_hh_l{k}} and, with a projection, {@code weight_hr_l{k}}. The gates stand in the order
 * i, f, g, o and r, z, n. Both biases are added; of a GRU's candidate, which resets after the product, the hidden one stays
 * apart.
 */
final class PytorchNames {
    private PytorchNames() {}

    static List<LayerParameters> expand(String prefix, Cell cell, GateOrder order, SourceTensors source) {
        String dot = prefix.isEmpty() || prefix.endsWith(".") ? prefix : prefix + ".";
        if (cell instanceof Cell.Gru gru && (!gru.resetAfter() || order.updateReplaces())) {
            throw refused(
                    "key 'parameters'",
                    "PyTorch's GRU resets after the product, and z keeps the old state",
                    gru.resetAfter() ? "update_gate replaces" : "reset_after false",
                    "set \"reset_after\": true, or name the layers one by one");
        }
        var layers = new ArrayList<LayerParameters>();
        while (source.has(dot + "weight_ih_l" + layers.size())) {
            layers.add(layer(dot, "_l" + layers.size(), cell, source));
        }
        if (layers.isEmpty()) {
            source.use(dot + "weight_ih_l0", "key 'recurrent'"); // throws, and lists what there is
        }
        return layers;
    }

    private static LayerParameters layer(String dot, String suffix, Cell cell, SourceTensors source) {
        if (source.has(dot + "weight_ih" + suffix + "_reverse")) {
            throw refused(
                    "tensor " + StrictJson.quote(dot + "weight_ih" + suffix + "_reverse"),
                    "a language model must run in one direction: going backward, it would see the very token it has to"
                            + " predict",
                    "a bidirectional model",
                    "train it in one direction, or use the model as a tagger or classifier");
        }
        String input = dot + "bias_ih" + suffix;
        String hidden = dot + "bias_hh" + suffix;
        if (source.has(input) != source.has(hidden)) {
            throw refused(
                    "biases of layer " + suffix.substring(2),
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
