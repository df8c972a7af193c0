package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.statedict.LanguageModelConfig.LayerParameters;
import dev.rondo.convert.statedict.LanguageModelConfig.Parameters;
import dev.rondo.graph.Activation;
import java.util.List;
import java.util.Optional;

/** Reads {@link LanguageModelConfig}; every key is known, every mandatory one there, or it says which is not. */
final class ConfigReader {
    private ConfigReader() {}

    static LanguageModelConfig languageModel(ConfigObject config) {
        String architecture = config.text("architecture");
        if (!architecture.equals("language-model")) {
            throw config.error(
                    "architecture",
                    "must be language-model",
                    StrictJson.quote(architecture),
                    "other architectures are not converted from a configuration yet");
        }
        if (config.flag("bidirectional", false)) {
            throw config.error(
                    "bidirectional",
                    "must be false in a language model: going backward, it would see the very token it has to predict",
                    "true",
                    "train it in one direction, or use the model as a tagger or classifier");
        }
        Cell cell = cell(config);
        boolean pytorch = isPytorch(config);
        GateOrder order = (pytorch ? GateOrder.canonical(cell) : gateOrder(config, cell))
                .withUpdateReplaces(cell instanceof Cell.Gru && updateReplaces(config));
        Parameters parameters = pytorch
                ? new Parameters.Pytorch(config.text("recurrent"))
                : new Parameters.Named(config.objects("layers").stream()
                        .map(layer -> layer(layer, cell))
                        .toList());
        ConfigObject output = config.object("output");
        var read = new LanguageModelConfig(
                cell,
                order,
                parameters,
                config.text("embedding"),
                output.text("weight"),
                sum(output, "bias"),
                TextConfig.read(config),
                config.textOrTexts("allow_unused"),
                ReferenceConfig.read(config));
        output.done();
        config.done();
        return read;
    }

    private static Cell cell(ConfigObject config) {
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

    private static boolean isPytorch(ConfigObject config) {
        Optional<String> parameters = config.optionalText("parameters");
        parameters.filter(p -> !p.equals("pytorch")).ifPresent(other -> {
            throw config.error(
                    "parameters",
                    "must be pytorch, or absent when layers names them",
                    StrictJson.quote(other),
                    "check the spelling");
        });
        return parameters.isPresent();
    }

    private static GateOrder gateOrder(ConfigObject config, Cell cell) {
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

    private static LayerParameters layer(ConfigObject layer, Cell cell) {
        String weightInput = layer.text("weight_input");
        String weightHidden = layer.text("weight_hidden");
        List<String> bias = sum(layer, "bias");
        LayerParameters read = switch (cell) {
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
        layer.done();
        return read;
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

    private static List<String> sum(ConfigObject object, String key) {
        List<String> names = object.textOrTexts(key);
        if (names.stream().distinct().count() != names.size()) {
            throw object.error(
                    key, "must name each summand once", names.toString(), "remove the one that is there twice");
        }
        return names;
    }
}
