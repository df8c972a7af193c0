package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.statedict.LayerConfig.Maps;
import dev.rondo.convert.statedict.LayerConfig.Zeros2d;
import dev.rondo.convert.statedict.WeightCollector.Gates;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads layers that have parts: attention, cells with several maps, bodies; and those over windows and images. */
record BlockReader(LayerReader layers) {
    private static final String PREFIX = "prefix";

    LayerConfig attentive(ConfigObject layer) {
        return switch (layer.text("type")) {
            case "self_attention" -> selfAttention(layer);
            case "transformer" -> transformer(layer);
            case "positions" -> new LayerConfig.Positions(layers.weight(layer));
            case "attention_pool" -> new LayerConfig.AttentionPool(layers.linear(layer), layer.text("vector"));
            default -> hypernetwork(layer);
        };
    }

    private LayerConfig.SelfAttention selfAttention(ConfigObject layer) {
        int heads = heads(layer);
        if (layer.has(PREFIX)) {
            return pytorchAttention(layer.text(PREFIX), heads);
        }
        return new LayerConfig.SelfAttention(
                heads,
                new Maps.Apart(
                        layers.linear(layer, "query"), layers.linear(layer, "key"), layers.linear(layer, "value")),
                layers.linear(layer, "output"));
    }

    /** Of nn.MultiheadAttention. */
    private LayerConfig.SelfAttention pytorchAttention(String prefix, int heads) {
        String dot = PytorchNames.dot(prefix);
        return new LayerConfig.SelfAttention(
                heads,
                new Maps.Joint(dot + "in_proj_weight", layers.known(dot + "in_proj_bias")),
                linear(dot + "out_proj"));
    }

    private static int heads(ConfigObject layer) {
        if (!layer.has("heads")) {
            throw layer.error(
                    "heads", "is mandatory, since no tensor tells how many there are", "none", "write the number");
        }
        return LayerReader.size(layer, "heads", 1);
    }

    /** Of nn.TransformerEncoderLayer. */
    private LayerConfig.Transformer transformer(ConfigObject layer) {
        String dot = PytorchNames.dot(layer.text(PREFIX));
        double epsilon = LayerReader.epsilon(layer);
        return new LayerConfig.Transformer(
                pytorchAttention(dot + "self_attn", heads(layer)),
                linear(dot + "linear1"),
                layer.has("activation") ? LayerReader.activation(layer, "activation") : Activation.RELU,
                linear(dot + "linear2"),
                norm(dot + "norm1", epsilon),
                norm(dot + "norm2", epsilon),
                layer.flag("norm_first", false));
    }

    private LayerConfig.LayerNorm norm(String prefix, double epsilon) {
        return new LayerConfig.LayerNorm(layers.known(prefix + ".weight"), layers.known(prefix + ".bias"), epsilon);
    }

    private LayerConfig.Linear linear(String prefix) {
        return new LayerConfig.Linear(
                prefix + ".weight", layers.known(prefix + ".bias").stream().toList());
    }

    private LayerConfig.Hypernetwork hypernetwork(ConfigObject layer) {
        var cell = new Cell.Elman(Activation.TANH);
        ConfigObject small = layer.object("small");
        LayerParameters parameters = layers.oneLayer(small, new Gates(cell, GateOrder.canonical(cell)));
        small.done();
        return new LayerConfig.Hypernetwork(
                parameters,
                unbiased(layer, "input"),
                unbiased(layer, "state"),
                layers.linear(layer, "input_scale"),
                layers.linear(layer, "state_scale"),
                layers.linear(layer, "bias"));
    }

    private LayerConfig.Linear unbiased(ConfigObject layer, String key) {
        LayerConfig.Linear map = layers.linear(layer, key);
        if (!map.bias().isEmpty()) {
            throw layer.error(
                    key,
                    "has no bias: the other network generates it",
                    map.bias().toString(),
                    "name the weight alone, without a prefix");
        }
        return map;
    }

    LayerConfig composite(ConfigObject layer) {
        return switch (layer.text("type")) {
            case "residual" ->
                new LayerConfig.Residual(
                        layers.layers(layer, "layers", false),
                        layer.has("shortcut") ? layers.layers(layer, "shortcut", false) : List.of());
            case "highway" ->
                new LayerConfig.Highway(layers.linear(layer, "gate"), layers.layers(layer, "layers", false));
            default -> {
                var branches = new ArrayList<List<LayerConfig>>();
                for (ConfigObject branch : layer.objects("branches")) {
                    branches.add(branch.has("layers") ? layers.layers(branch, "layers", false) : List.of());
                    branch.done();
                }
                yield new LayerConfig.Parallel(branches);
            }
        };
    }

    LayerConfig windowed(ConfigObject layer) {
        return switch (layer.text("type")) {
            case "image" ->
                new LayerConfig.Image(
                        LayerReader.size(layer, "height", 0),
                        LayerReader.size(layer, "width", 0),
                        LayerReader.size(layer, "channels", 1));
            case "conv2d" -> conv2d(layer);
            case "pool2d" -> {
                int size = LayerReader.size(layer, "size", 0);
                yield new LayerConfig.Pool2d(pooling(layer, false), size, LayerReader.size(layer, "stride", size));
            }
            case "pool_window" -> {
                int size = LayerReader.size(layer, "size", 0);
                yield new LayerConfig.PoolWindow(pooling(layer, true), size, LayerReader.size(layer, "stride", size));
            }
            case "global_pool2d" -> new LayerConfig.GlobalPool2d(pooling(layer, false));
            default -> new LayerConfig.Flatten(channelsFirst(layer));
        };
    }

    private LayerConfig.Conv2d conv2d(ConfigObject layer) {
        int stride = LayerReader.size(layer, "stride", 1);
        Optional<Zeros2d> padding;
        if (layer.isText("padding")) {
            padding = switch (layer.text("padding")) {
                case "same" -> Optional.empty();
                case "valid" -> Optional.of(new Zeros2d(0, 0));
                case String other -> throw padding(layer, StrictJson.quote(other));
            };
        } else if (layer.isNumber("padding")) {
            int zeros = LayerReader.integer(layer, "padding", 0, 0);
            padding = Optional.of(new Zeros2d(zeros, zeros));
        } else {
            List<Double> zeros = layer.numbers("padding");
            if (zeros.size() != 2 || zeros.stream().anyMatch(z -> z != Math.rint(z) || z < 0 || z > LayerReader.MOST)) {
                throw padding(layer, zeros.toString());
            }
            padding = Optional.of(
                    new Zeros2d(zeros.get(0).intValue(), zeros.get(1).intValue()));
        }
        if (stride > 1 && padding.isEmpty()) {
            throw layer.error(
                    "stride", "above 1 goes with padding valid or a number", "" + stride, "write the number of zeros");
        }
        return new LayerConfig.Conv2d(layers.weight(layer), layers.bias(layer), padding, stride);
    }

    private static RuntimeException padding(ConfigObject layer, String got) {
        return layer.error(
                "padding",
                "must be same, valid, the zeros on each side, or a list of those above and below and those left and"
                        + " right",
                got,
                "PyTorch's default is valid, that is 0");
    }

    private static Pooling pooling(ConfigObject layer, boolean last) {
        return switch (layer.text("over")) {
            case "mean" -> Pooling.MEAN;
            case "max" -> Pooling.MAX;
            case String name when last && name.equals("last") -> Pooling.LAST;
            case String other ->
                throw layer.error(
                        "over",
                        "must be mean" + (last ? ", max or last" : " or max"),
                        StrictJson.quote(other),
                        "check the spelling");
        };
    }

    private static boolean channelsFirst(ConfigObject layer) {
        return switch (layer.optionalText("order").orElse("channels_first")) {
            case "channels_first" -> true;
            case "channels_last" -> false;
            case String other ->
                throw layer.error(
                        "order",
                        "must be channels_first (PyTorch) or channels_last",
                        StrictJson.quote(other),
                        "check the spelling");
        };
    }
}
