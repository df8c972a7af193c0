package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.statedict.LayerConfig.Pool.How;
import dev.rondo.convert.statedict.WeightCollector.Gates;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Structure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads layers of a configuration. Every key is known, every mandatory one there, or it says which is not. Prefixes become
 * names of tensors as PyTorch gives them.
 */
final class LayerReader {
    static final int MOST = 1 << 16;
    private static final String TYPES = "embedding, recurrent, linear, multiplicative, conv1d, context, pad,"
            + " magnitude, activation, prelu, batch_norm, layer_norm, scale, pool, pool_window, repeat, softmax,"
            + " log_softmax, dropout, self_attention, transformer, positions, attention_pool, hypernetwork, residual,"
            + " highway, parallel, image, conv2d, pool2d, global_pool2d or flatten";

    private final SourceTensors source;
    private final BlockReader blocks;

    LayerReader(SourceTensors source) {
        this.source = source;
        this.blocks = new BlockReader(this);
    }

    /** The layers of a list. An embedding may stand first, where tokens may be read. */
    List<LayerConfig> layers(ConfigObject config, String key, boolean tokens) {
        var layers = new ArrayList<LayerConfig>();
        for (ConfigObject layer : config.objects(key)) {
            if (layer.text("type").equals("embedding") && !(tokens && layers.isEmpty())) {
                throw layer.error(
                        "type",
                        "embedding stands first in the model, since it reads tokens",
                        "layer " + layers.size() + (tokens ? "" : " of layers inside another"),
                        "use positions for a table of places");
            }
            layers.add(layer(layer));
            layer.done();
        }
        return layers;
    }

    private LayerConfig layer(ConfigObject layer) {
        return switch (layer.text("type")) {
            case "embedding" -> new LayerConfig.Embedding(weight(layer));
            case "recurrent" -> recurrent(layer);
            case "linear" -> linear(layer);
            case "multiplicative" -> new LayerConfig.Multiplicative(linear(layer, "a"), linear(layer, "b"));
            case "conv1d" -> conv(layer);
            case "context" -> new LayerConfig.Context(size(layer, "steps", 0), size(layer, "size", 0));
            case "pad" ->
                new LayerConfig.Pad(integer(layer, "before", 0, 0), integer(layer, "after", 0, 0), padMode(layer));
            case "magnitude" -> new LayerConfig.Magnitude();
            case "activation" -> new LayerConfig.Activate(activation(layer, "function"));
            case "prelu" -> new LayerConfig.PRelu(weight(layer));
            case "batch_norm" -> batchNorm(layer);
            case "layer_norm" -> layerNorm(layer);
            case "scale" -> scale(layer);
            case "pool" -> new LayerConfig.Pool(poolings(layer, "over"));
            case "repeat" -> new LayerConfig.Repeat(size(layer, "steps", 0));
            case "softmax" -> new LayerConfig.Softmax(false);
            case "log_softmax" -> new LayerConfig.Softmax(true);
            case "dropout" -> {
                layer.number("p", 0);
                yield new LayerConfig.Dropout();
            }
            case "self_attention", "transformer", "positions", "attention_pool", "hypernetwork" ->
                blocks.attentive(layer);
            case "residual", "highway", "parallel" -> blocks.composite(layer);
            case "image", "conv2d", "pool2d", "global_pool2d", "flatten", "pool_window" -> blocks.windowed(layer);
            case String other ->
                throw layer.error("type", "must be " + TYPES, StrictJson.quote(other), "check the spelling");
        };
    }

    LayerConfig.Recurrent recurrent(ConfigObject config) {
        Cell cell = RecurrentReader.cell(config);
        boolean prefixed = config.has("prefix");
        boolean pytorch = prefixed || ConfigReader.isPytorch(config);
        GateOrder order = RecurrentReader.gateOrder(config, cell, pytorch);
        var layers = new ArrayList<List<LayerParameters>>();
        if (pytorch) {
            String key = prefixed ? "prefix" : "recurrent";
            List<String> prefixes = config.isText(key) ? List.of(config.text(key)) : config.texts(key);
            prefixes.forEach(p -> layers.addAll(PytorchNames.directions(p, cell, order, source)));
        } else {
            for (ConfigObject layer : config.objects("layers")) {
                var directions = new ArrayList<LayerParameters>();
                directions.add(RecurrentReader.open(layer, cell));
                if (layer.has("backward")) {
                    directions.add(RecurrentReader.parameters(layer.object("backward"), cell));
                }
                layer.done();
                layers.add(directions);
            }
        }
        if (config.has("bidirectional")) {
            boolean said = config.flag("bidirectional");
            for (List<LayerParameters> layer : layers) {
                if (said != (layer.size() == 2)) {
                    throw config.error(
                            "bidirectional",
                            "must be what the tensors are",
                            said + ", but layer " + layers.indexOf(layer) + " has " + layer.size() + " of 2 directions",
                            "is it the right file?");
                }
            }
        }
        return new LayerConfig.Recurrent(new Gates(cell, order), layers);
    }

    /** A layer in one direction, of a kind that is known: under a prefix, or tensor by tensor. */
    LayerParameters oneLayer(ConfigObject config, Gates gates) {
        if (!config.has("prefix")) {
            return RecurrentReader.open(config, gates.cell());
        }
        List<List<LayerParameters>> found =
                PytorchNames.directions(config.text("prefix"), gates.cell(), gates.order(), source);
        if (found.size() != 1 || found.getFirst().size() != 1) {
            throw config.error(
                    "prefix",
                    "must hold one layer in one direction",
                    found.size() + " layers, " + found.getFirst().size() + " directions",
                    "is it the right name?");
        }
        return found.getFirst().getFirst();
    }

    /** The linear map under a key. */
    LayerConfig.Linear linear(ConfigObject config, String key) {
        ConfigObject map = config.object(key);
        LayerConfig.Linear read = linear(map);
        map.done();
        return read;
    }

    LayerConfig.Linear linear(ConfigObject layer) {
        return new LayerConfig.Linear(weight(layer), bias(layer));
    }

    private LayerConfig.Conv1d conv(ConfigObject layer) {
        int stride = size(layer, "stride", 1);
        LayerConfig.Padding padding;
        if (layer.has("padding") && !layer.isText("padding")) {
            padding = new LayerConfig.Padding.Zeros(integer(layer, "padding", 0, 0));
        } else {
            padding = switch (layer.text("padding")) {
                case "causal" -> new LayerConfig.Padding.Causal();
                case "same" -> new LayerConfig.Padding.Same();
                case "valid" -> new LayerConfig.Padding.Zeros(0);
                case String other ->
                    throw layer.error(
                            "padding",
                            "must be causal, same, valid or the steps of zeros on each side",
                            StrictJson.quote(other),
                            "PyTorch's default is valid, that is 0");
            };
        }
        if (stride > 1 && !(padding instanceof LayerConfig.Padding.Zeros)) {
            throw layer.error(
                    "stride", "above 1 goes with padding valid or a number", "" + stride, "write the number of zeros");
        }
        return new LayerConfig.Conv1d(
                weight(layer),
                bias(layer),
                padding,
                stride,
                size(layer, "dilation", 1),
                layer.has("groups") ? OptionalInt.of(size(layer, "groups", 1)) : OptionalInt.empty());
    }

    private LayerConfig.BatchNorm batchNorm(ConfigObject layer) {
        double epsilon = epsilon(layer);
        if (layer.has("prefix")) {
            String dot = PytorchNames.dot(layer.text("prefix"));
            // The number of batches seen says nothing about inference.
            source.ignore(dot + "num_batches_tracked");
            return new LayerConfig.BatchNorm(
                    dot + "running_mean", dot + "running_var", known(dot + "weight"), known(dot + "bias"), epsilon);
        }
        return new LayerConfig.BatchNorm(
                layer.text("mean"),
                layer.text("variance"),
                layer.optionalText("weight"),
                layer.optionalText("bias"),
                epsilon);
    }

    private LayerConfig scale(ConfigObject layer) {
        return layer.has("mean")
                ? new LayerConfig.Standardise(numbers(layer, "mean"), numbers(layer, "std"))
                : new LayerConfig.Scale(numbers(layer, "scale"), numbers(layer, "shift"));
    }

    private static LayerConfig.Numbers numbers(ConfigObject layer, String key) {
        return layer.isText(key)
                ? new LayerConfig.Numbers.Tensor(layer.text(key))
                : new LayerConfig.Numbers.Given(layer.numbers(key));
    }

    private LayerConfig.LayerNorm layerNorm(ConfigObject layer) {
        double epsilon = epsilon(layer);
        if (layer.has("prefix")) {
            String dot = PytorchNames.dot(layer.text("prefix"));
            return new LayerConfig.LayerNorm(known(dot + "weight"), known(dot + "bias"), epsilon);
        }
        return new LayerConfig.LayerNorm(layer.optionalText("weight"), layer.optionalText("bias"), epsilon);
    }

    /** The key {@code weight}, or what stands under the key {@code prefix}. */
    String weight(ConfigObject layer) {
        return layer.has("prefix") ? PytorchNames.dot(layer.text("prefix")) + "weight" : layer.text("weight");
    }

    List<String> bias(ConfigObject layer) {
        return layer.has("prefix")
                ? known(PytorchNames.dot(layer.text("prefix")) + "bias").stream()
                        .toList()
                : RecurrentReader.sum(layer, "bias");
    }

    Optional<String> known(String name) {
        return source.has(name) ? Optional.of(name) : Optional.empty();
    }

    static Activation activation(ConfigObject layer, String key) {
        String name = layer.text(key);
        return Activation.parse(name)
                .orElseThrow(() -> layer.error(
                        key,
                        "must be an activation such as tanh, relu, sigmoid, gelu or leaky_relu(0.01)",
                        StrictJson.quote(name),
                        "check the spelling"));
    }

    private static Structure.PadMode padMode(ConfigObject layer) {
        return switch (layer.text("mode")) {
            case "zero" -> Structure.PadMode.ZERO;
            case "edge" -> Structure.PadMode.EDGE;
            case "reflect" -> Structure.PadMode.REFLECT;
            case String other ->
                throw layer.error(
                        "mode", "must be zero, edge or reflect", StrictJson.quote(other), "check the spelling");
        };
    }

    static List<How> poolings(ConfigObject config, String key) {
        var poolings = new ArrayList<How>();
        for (String name : config.texts(key)) {
            poolings.add(
                    switch (name) {
                        case "mean" -> How.MEAN;
                        case "max" -> How.MAX;
                        case "last" -> How.LAST;
                        case "ends" -> How.ENDS;
                        case String other ->
                            throw config.error(
                                    key,
                                    "must be mean, max, last or ends",
                                    StrictJson.quote(other),
                                    "check the spelling");
                    });
        }
        return poolings;
    }

    static double epsilon(ConfigObject layer) {
        double epsilon = layer.number("epsilon", 1e-5);
        if (!(epsilon >= 0 && epsilon < 1)) {
            throw layer.error("epsilon", "must be at least 0 and below 1", "" + epsilon, "PyTorch's default is 1e-5");
        }
        return epsilon;
    }

    static int size(ConfigObject layer, String key, int otherwise) {
        return integer(layer, key, otherwise, 1);
    }

    static int integer(ConfigObject layer, String key, int otherwise, int least) {
        double value = layer.number(key, otherwise);
        if (value != Math.rint(value) || value < least || value > MOST) {
            throw layer.error(key, "must be a whole number from " + least + " to " + MOST, "" + value, "fix the value");
        }
        return (int) value;
    }
}
