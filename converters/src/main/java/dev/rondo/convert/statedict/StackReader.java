package dev.rondo.convert.statedict;

import dev.rondo.architecture.LayerStack.Results;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.statedict.StackConfig.Border;
import dev.rondo.convert.statedict.StackConfig.ChainConfig;
import dev.rondo.convert.statedict.StackConfig.Input;
import dev.rondo.convert.statedict.StackConfig.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads {@link StackConfig}: a tagger, a classifier or a plain list of layers. Every key is known, every mandatory one
 * there, or it says which is not.
 */
final class StackReader {
    private static final String NETWORK = "network";
    private static final String CHARACTERS = "characters";

    private final LayerReader layers;

    StackReader(SourceTensors source) {
        this.layers = new LayerReader(source);
    }

    StackConfig tagger(ConfigObject config) {
        if (config.has(NETWORK)) {
            return finish("tagger", config, layers.layers(config, NETWORK, true), Results.TAGS);
        }
        var read = new ArrayList<LayerConfig>();
        read.add(new LayerConfig.Embedding(config.text("embedding")));
        read.add(layers.recurrent(config));
        read.add(layers.linear(config, "output"));
        return finish("tagger", config, read, Results.TAGS);
    }

    StackConfig classifier(ConfigObject config) {
        if (config.has(NETWORK)) {
            return finish("classifier", config, layers.layers(config, NETWORK, true), Results.CLASSES);
        }
        var read = new ArrayList<LayerConfig>();
        read.add(new LayerConfig.Embedding(config.text("embedding")));
        read.add(layers.recurrent(config));
        read.add(new LayerConfig.Pool(LayerReader.poolings(config, "pooling")));
        if (config.has("hidden")) {
            for (ConfigObject hidden : config.objects("hidden")) {
                read.add(layers.linear(hidden));
                read.add(new LayerConfig.Activate(LayerReader.activation(hidden, "activation")));
                hidden.done();
            }
        }
        read.add(layers.linear(config, "output"));
        return finish("classifier", config, read, Results.CLASSES);
    }

    StackConfig layers(ConfigObject config) {
        return finish("layers", config, layers.layers(config, "layers", true), Results.VALUES);
    }

    private StackConfig finish(String task, ConfigObject config, List<LayerConfig> network, Results results) {
        var all = new ArrayList<>(network);
        boolean tokens = all.getFirst() instanceof LayerConfig.Embedding;
        boolean text = tokens && (results != Results.VALUES || config.has("vocabulary") || config.has("segmentation"));
        Optional<TextConfig> words = text ? Optional.of(TextConfig.read(config)) : Optional.empty();
        Optional<TextConfig> characters = Optional.empty();
        if (config.has(CHARACTERS)) {
            ConfigObject spelling = config.object(CHARACTERS);
            if (!(all.getFirst() instanceof LayerConfig.Embedding(String weight))) {
                throw config.error(CHARACTERS, "stand beside the embedding of words", "a model without", "remove them");
            }
            String table = spelling.text("embedding");
            all.set(0, new LayerConfig.SpelledWords(weight, table, layers.layers(spelling, "layers", false)));
            characters = characters(spelling, words);
            spelling.done();
        }
        List<String> labels = results != Results.VALUES && config.has("labels") ? config.texts("labels") : List.of();
        var read = new StackConfig(
                task,
                input(config, tokens),
                all,
                results,
                results == Results.TAGS && config.has("chain") ? Optional.of(chain(config)) : Optional.empty(),
                new Texts(words, characters, labels),
                config.textOrTexts("allow_unused"),
                ReferenceConfig.read(config));
        config.done();
        return read;
    }

    private static Input input(ConfigObject config, boolean tokens) {
        if (tokens) {
            return new Input(true, 0);
        }
        boolean steps = switch (config.optionalText("input").orElse("steps")) {
            case "steps" -> true;
            case "vectors" -> false;
            case String other ->
                throw config.error("input", "must be steps or vectors", StrictJson.quote(other), "check the spelling");
        };
        return new Input(steps, config.has("input_size") ? LayerReader.size(config, "input_size", 0) : 0);
    }

    /** A model that reads words as text reads their characters as text, too. */
    private static Optional<TextConfig> characters(ConfigObject spelling, Optional<TextConfig> words) {
        Optional<TextConfig> read = words.map(_ -> TextConfig.characters(spelling));
        if (words.isPresent() && words.get() instanceof TextConfig.None != read.get() instanceof TextConfig.None) {
            throw spelling.error(
                    "vocabulary",
                    "must be there for words and for characters, or \"none\" for both",
                    read.get() instanceof TextConfig.None ? "one of words only" : "one of characters only",
                    "add the other");
        }
        return read;
    }

    private static ChainConfig chain(ConfigObject config) {
        ConfigObject chain = config.object("chain");
        boolean prefixed = chain.has("prefix");
        String dot = prefixed ? PytorchNames.dot(chain.text("prefix")) : "";
        boolean fromRows = switch (chain.text("order")) {
            case "from_to" -> true;
            case "to_from" -> false;
            case String other ->
                throw chain.error(
                        "order",
                        "must be from_to (a row is the tag before; pytorch-crf, AllenNLP) or to_from",
                        StrictJson.quote(other),
                        "look where the model adds transitions");
        };
        var read = new ChainConfig(
                prefixed ? new Border.Tensor(dot + "start_transitions") : border(chain, "start", "start_tag"),
                prefixed ? dot + "transitions" : chain.text("transitions"),
                fromRows,
                prefixed ? new Border.Tensor(dot + "end_transitions") : border(chain, "end", "end_tag"));
        chain.done();
        return read;
    }

    private static Border border(ConfigObject chain, String tensor, String tag) {
        if (chain.has(tensor) && chain.has(tag)) {
            throw chain.error(tensor, "and " + tag + " are two ways to say the same", "both", "remove one");
        }
        if (chain.has(tag)) {
            return new Border.Tag(LayerReader.integer(chain, tag, 0, 0));
        }
        return chain.has(tensor) ? new Border.Tensor(chain.text(tensor)) : new Border.None();
    }
}
