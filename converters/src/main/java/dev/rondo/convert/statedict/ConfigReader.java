package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.statedict.LanguageModelConfig.Parameters;
import java.util.Optional;

/** Reads {@link LanguageModelConfig}; every key is known, every mandatory one there, or it says which is not. */
final class ConfigReader {
    private ConfigReader() {}

    static LanguageModelConfig languageModel(ConfigObject config) {
        config.text("architecture");
        if (config.flag("bidirectional", false)) {
            throw config.error(
                    "bidirectional",
                    "must be false in a language model: going backward, it would see the very token it has to predict",
                    "true",
                    "train it in one direction, or use the model as a tagger or classifier");
        }
        Cell cell = RecurrentReader.cell(config);
        boolean pytorch = isPytorch(config);
        GateOrder order = RecurrentReader.gateOrder(config, cell, pytorch);
        Parameters parameters = pytorch
                ? new Parameters.Pytorch(config.text("recurrent"))
                : new Parameters.Named(config.objects("layers").stream()
                        .map(layer -> RecurrentReader.parameters(layer, cell))
                        .toList());
        ConfigObject output = config.object("output");
        var read = new LanguageModelConfig(
                cell,
                order,
                parameters,
                config.text("embedding"),
                output.text("weight"),
                RecurrentReader.sum(output, "bias"),
                TextConfig.read(config),
                config.textOrTexts("allow_unused"),
                ReferenceConfig.read(config));
        output.done();
        config.done();
        return read;
    }

    static boolean isPytorch(ConfigObject config) {
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
}
