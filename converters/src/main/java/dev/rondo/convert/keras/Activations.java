package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.Optional;

/** The activations of Keras by name: of the catalogue where it has them, else put together. */
final class Activations {
    private Activations() {}

    /** The name under a key of a layer's configuration; no activation is {@code linear}. */
    static String name(LayerConfig config, String key) {
        JsonNode value = config.raw(key);
        if (value.isMissingNode() || value.isNull()) {
            return "linear";
        }
        // Keras 2.13 wrote functions as objects.
        JsonNode text = value.path("class_name").asText().equals("function") ? value.path("config") : value;
        if (!text.isTextual()) {
            throw config.error(
                    key,
                    "must be the name of an activation; a layer or custom function stands by itself",
                    LayerConfig.quoted(value));
        }
        return text.textValue();
    }

    /** The activation of the catalogue with this name, if there is one. */
    static Optional<Activation> fused(String name, boolean keras2) {
        return Optional.ofNullable(
                switch (name) {
                    case "linear" -> Activation.IDENTITY;
                    case "tanh" -> Activation.TANH;
                    case "sigmoid" -> Activation.SIGMOID;
                    case "relu" -> Activation.RELU;
                    case "leaky_relu" -> Activation.leakyRelu(0.2f);
                    case "elu", "celu" -> Activation.elu(1);
                    case "selu" -> Activation.SELU;
                    case "softplus" -> Activation.SOFTPLUS;
                    case "softsign" -> Activation.SOFTSIGN;
                    case "silu", "swish" -> Activation.SILU;
                    case "gelu" -> Activation.GELU;
                    // Keras 3 took over the slope of PyTorch.
                    case "hard_sigmoid" ->
                        keras2 ? Activation.hardSigmoid(0.2f, 0.5f) : Activation.hardSigmoid(1 / 6f, 0.5f);
                    case "sparse_sigmoid" -> Activation.hardSigmoid(0.5f, 0.5f);
                    default -> null;
                });
    }

    /** Applies the activation that a key of a layer names. */
    static Value apply(Graph g, LayerConfig config, String key, Value x) {
        String name = name(config, key);
        return apply(g, config, key, name, x);
    }

    static Value apply(Graph g, LayerConfig config, String key, String name, Value x) {
        if (name.equals("linear")) {
            return x;
        }
        if (name.equals("hard_sigmoid")) {
            g.note("hard_sigmoid is that of Keras " + (g.keras2() ? "2: 0.2 x + 0.5" : "3: x / 6 + 0.5"));
        }
        Optional<Activation> fused = fused(name, g.keras2());
        if (fused.isPresent()) {
            return g.add(new Elementwise.Activate(fused.get()), x);
        }
        return switch (name) {
            case "softmax" -> softmax(g, x, -1, false);
            case "log_softmax" -> softmax(g, x, -1, true);
            case "exponential" -> g.unary(UnaryFunction.EXP, x);
            case "relu6" -> clip(g, x, 0, 6);
            case "hard_tanh" -> clip(g, x, -1, 1);
            case "hard_silu", "hard_swish" ->
                times(g, x, g.add(new Elementwise.Activate(Activation.hardSigmoid(1 / 6f, 0.5f)), x));
            case "mish" -> times(g, x, activate(g, Activation.TANH, activate(g, Activation.SOFTPLUS, x)));
            case "log_sigmoid" ->
                g.unary(UnaryFunction.NEGATE, activate(g, Activation.SOFTPLUS, g.unary(UnaryFunction.NEGATE, x)));
            case "tanh_shrink" -> g.binary(BinaryFunction.SUBTRACT, x, activate(g, Activation.TANH, x));
            case "soft_shrink" -> g.binary(BinaryFunction.SUBTRACT, x, clip(g, x, -0.5, 0.5));
            case "hard_shrink" ->
                g.where(g.compare(Comparison.GREATER, g.unary(UnaryFunction.ABS, x), g.scalar(0.5)), x, g.scalar(0));
            case "squareplus" -> {
                Value root = g.unary(UnaryFunction.SQRT, g.binary(BinaryFunction.ADD, times(g, x, x), g.scalar(4)));
                yield times(g, g.binary(BinaryFunction.ADD, x, root), g.scalar(0.5));
            }
            case "sparse_plus" -> {
                // 0 up to -1, (x+1)^2/4 up to 1, then x: the square of what is clipped, and what goes beyond.
                Value inside = g.binary(BinaryFunction.ADD, clip(g, x, -1, 1), g.scalar(1));
                Value square = times(g, times(g, inside, inside), g.scalar(0.25));
                yield g.where(g.compare(Comparison.GREATER_EQUAL, x, g.scalar(1)), x, square);
            }
            case "glu" -> {
                Dim size = x.type().dim(-1);
                if (!size.isFixed() || size.fixed() % 2 != 0) {
                    throw config.error(key, "glu halves the last axis", x.type().toString());
                }
                Dim half = Dim.of(size.fixed() / 2);
                yield times(
                        g,
                        g.slice(x, -1, Dim.of(0), half),
                        activate(g, Activation.SIGMOID, g.slice(x, -1, half, half)));
            }
            default -> throw config.error(key, "must be an activation that is converted", "'" + name + "'");
        };
    }

    /** Softmax over any axis. */
    static Value softmax(Graph g, Value x, int axis, boolean log) {
        int rank = x.type().rank();
        int along = axis < 0 ? axis + rank : axis;
        if (along == rank - 1) {
            return g.add(new Aggregation.Softmax(log), x, Value.ABSENT);
        }
        var swap = new ArrayList<Integer>();
        for (int i = 0; i < rank; i++) {
            swap.add(i == along ? rank - 1 : i == rank - 1 ? along : i);
        }
        Integer[] permutation = swap.toArray(Integer[]::new);
        return g.transpose(g.add(new Aggregation.Softmax(log), g.transpose(x, permutation), Value.ABSENT), permutation);
    }

    static Value clip(Graph g, Value x, double low, double high) {
        return g.binary(BinaryFunction.MINIMUM, g.binary(BinaryFunction.MAXIMUM, x, g.scalar(low)), g.scalar(high));
    }

    private static Value activate(Graph g, Activation activation, Value x) {
        return g.add(new Elementwise.Activate(activation), x);
    }

    private static Value times(Graph g, Value a, Value b) {
        return g.binary(BinaryFunction.MULTIPLY, a, b);
    }
}
