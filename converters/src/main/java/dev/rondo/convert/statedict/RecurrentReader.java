package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.graph.Activation;
import java.util.List;
import java.util.Optional;

/** Reads what a configuration says about recurrent layers: their cell, the order of its gates, its tensors. */
final class RecurrentReader {
    private RecurrentReader() {}

    static Cell cell(ConfigObject config) {
        return switch (config.text("cell")) {
            case "elman" -> {
                String name = config.optionalText("activation").orElse("tanh");
                yield new Cell.Elman(Activation.parse(name)
                        .orElseThrow(() -> config.error(
                                "activation",
                                "must be an activation such as tanh, relu, sigmoid, identity or leaky_relu(0.01)",
                                StrictJson.quote(name),
                                "check the spelling")));
            }
            case "lstm" -> new Cell.Lstm();
            case "gru" -> new Cell.Gru(config.flag("reset_after"));
            case String other ->
                throw config.error("cell", "must be elman, lstm or gru", StrictJson.quote(other), "check the spelling");
        };
    }

    private static boolean updateReplaces(ConfigObject config) {
        return switch (config.optionalText("update_gate").orElse("keeps")) {
            case "keeps" -> false;
            case "replaces" -> true;
            case String other ->
                throw config.error(
                        "update_gate",
                        "must be keeps (h' = z*h + (1-z)*n) or replaces (h' = (1-z)*h + z*n)",
                        StrictJson.quote(other),
                        "check the spelling");
        };
    }

    /**
     * The order of the gates; asks for {@code gate_order} unless PyTorch's is given, and for {@code update_gate} of a
     * GRU.
     */
    static GateOrder gateOrder(ConfigObject config, Cell cell, boolean pytorch) {
        return (pytorch ? GateOrder.canonical(cell) : blocks(config, cell))
                .withUpdateReplaces(cell instanceof Cell.Gru && updateReplaces(config));
    }

    private static GateOrder blocks(ConfigObject config, Cell cell) {
        if (cell instanceof Cell.Elman) {
            return GateOrder.canonical(cell); // one block; the key is unknown here
        }
        String letters = config.optionalText("gate_order").orElse(cell.gateLetters());
        return GateOrder.parse(letters, cell)
                .orElseThrow(() -> config.error(
                        "gate_order",
                        "must hold each gate's letter once: "
                                + (cell instanceof Cell.Lstm ? "i, f, g (or c), o" : "r, z, n (or h)"),
                        StrictJson.quote(letters),
                        "write the blocks of the weight's rows from first to last"));
    }

    /** The tensors of a layer in one direction; the object must hold nothing else. */
    static LayerParameters parameters(ConfigObject layer, Cell cell) {
        LayerParameters read = open(layer, cell);
        layer.done();
        return read;
    }

    /** The tensors of a layer in one direction; the object may hold more. */
    static LayerParameters open(ConfigObject layer, Cell cell) {
        String weightInput = layer.text("weight_input");
        String weightHidden = layer.text("weight_hidden");
        List<String> bias = sum(layer, "bias");
        return switch (cell) {
            case Cell.Elman _ ->
                new LayerParameters(weightInput, weightHidden, bias, List.of(), List.of(), Optional.empty());
            case Cell.Lstm() ->
                new LayerParameters(
                        weightInput,
                        weightHidden,
                        bias,
                        List.of(),
                        layer.has("peepholes") ? peepholes(layer.object("peepholes")) : List.of(),
                        layer.optionalText("projection"));
            case Cell.Gru gru ->
                new LayerParameters(
                        weightInput,
                        weightHidden,
                        bias,
                        gru.resetAfter() ? sum(layer, "hidden_bias") : noHiddenBias(layer),
                        List.of(),
                        Optional.empty());
        };
    }

    private static List<String> noHiddenBias(ConfigObject layer) {
        if (layer.has("hidden_bias")) {
            throw layer.error(
                    "hidden_bias",
                    "needs \"reset_after\": true, since otherwise it is one with the bias",
                    "reset_after false",
                    "name both in a list under bias, which is summed");
        }
        return List.of();
    }

    private static List<String> peepholes(ConfigObject peepholes) {
        List<String> names = List.of(peepholes.text("i"), peepholes.text("f"), peepholes.text("o"));
        peepholes.done();
        return names;
    }

    /** The tensors of a key that are summed: one name, or a list; none when the key is absent. */
    static List<String> sum(ConfigObject object, String key) {
        List<String> names = object.textOrTexts(key);
        if (names.stream().distinct().count() != names.size()) {
            throw object.error(
                    key, "must name each summand once", names.toString(), "remove the one that is there twice");
        }
        return names;
    }
}
