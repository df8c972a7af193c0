package dev.rondo.bench;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Layer;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation.Pooling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The ONNX model of a {@link LayeredNetwork}, for one text of any length, written for speed: time comes first, so nothing is
 * transposed before a recurrent layer, and a batch of one makes its outputs a matter of shape. Inputs are {@code tokens: i64[T,1]} and,
 * of words that are spelled, {@code letters: i64[C,T]} and their {@code lengths: i32[T]}; outputs {@code logits} and
 * {@code best: i64}, and of classes {@code probs}.
 */
final class OnnxLayers {
    /** ONNX puts an LSTM's gates in the order i, o, f, g, and a GRU's in the order z, r, n. */
    private static final int[] LSTM_ORDER = {0, 3, 1, 2};

    private static final int[] GRU_ORDER = {1, 0, 2};

    private final OnnxGraph graph = new OnnxGraph();
    private final Map<String, float[]> weights;
    private int made;

    private OnnxLayers(Map<String, float[]> weights) {
        this.weights = weights;
    }

    /** How a value lies: steps [T,B,n], channels [B,n,T], a vector [B,n]. */
    private enum Form {
        STEPS,
        CHANNELS,
        VECTOR
    }

    /** @param lengths the name of the lengths of rows, or empty */
    private record Flow(String name, Form form, int size, String lengths) {
        Flow to(String name, Form form, int size) {
            return new Flow(name, form, size, lengths);
        }
    }

    static byte[] model(LayeredNetwork network) {
        LayerStack stack = network.stack();
        var onnx = new OnnxLayers(network.weights());
        boolean tags = network.results() == LayerStack.Results.TAGS;
        onnx.graph.inputInts("tokens", OnnxGraph.ANY, 1);
        if (network.letters() > 0) {
            onnx.graph.inputInts("letters", OnnxGraph.ANY, OnnxGraph.ANY).inputLengths("lengths", OnnxGraph.ANY);
        }
        List<Layer> layers = stack.layers();
        Flow flow = onnx.all(layers.subList(0, layers.size() - 1), new Flow("tokens", Form.STEPS, 0, ""));
        onnx.output((Layer.Linear) layers.getLast(), flow);
        int rows = tags ? OnnxGraph.ANY : 1;
        onnx.graph.node("ArgMax", "logits", "best", Map.of("axis", -1, "keepdims", 0));
        onnx.graph.output("logits", rows, network.outputs()).outputInts("best", rows);
        if (!tags) {
            onnx.graph.node("Softmax", "logits", "probs", Map.of("axis", -1));
            onnx.graph.output("probs", rows, network.outputs());
        }
        return onnx.graph.model();
    }

    private Flow all(List<Layer> layers, Flow input) {
        Flow flow = input;
        for (int i = 0; i < layers.size(); i++) {
            boolean ends = i + 1 < layers.size() && layers.get(i + 1) instanceof Layer.Ends;
            flow = ends ? recurrent((Layer.Recurrent) layers.get(i++), flow, true) : one(layers.get(i), flow);
        }
        return flow;
    }

    private Flow one(Layer layer, Flow x) {
        return switch (layer) {
            case Layer.Embedding table -> rows(table, x);
            case Layer.SpelledWords(var words, var letters, var body) -> {
                Flow word = rows(words, x);
                Flow spelling = all(body, rows(letters, new Flow("letters", Form.STEPS, 0, "lengths")));
                String steps = reshaped(spelling.name, -1, 1, spelling.size);
                yield word.to(
                        node("Concat", word.name + " " + steps, Map.of("axis", 2)),
                        Form.STEPS,
                        word.size + spelling.size);
            }
            case Layer.Recurrent recurrent -> recurrent(recurrent, x, false);
            case Layer.Conv1d conv -> convolution(conv, x);
            case Layer.Activate(var activation)
            when activation.equals(Activation.RELU) -> x.to(node("Relu", x.name, Map.of()), x.form, x.size);
            case Layer.Pool(var poolings) -> pooled(poolings, x);
            case Layer.Parallel(var bodies) -> {
                var names = new ArrayList<String>();
                int size = 0;
                for (List<Layer> body : bodies) {
                    Flow part = all(body, x);
                    names.add(part.name);
                    size += part.size;
                }
                yield x.to(node("Concat", String.join(" ", names), Map.of("axis", -1)), Form.VECTOR, size);
            }
            case Layer other -> throw new IllegalArgumentException("no ONNX nodes are written for " + other);
        };
    }

    private Flow rows(Layer.Embedding table, Flow ids) {
        graph.floats(table.table(), weights.get(table.table()), table.rows(), table.columns());
        return ids.to(node("Gather", table.table() + " " + ids.name, Map.of()), Form.STEPS, table.columns());
    }

    /** @param ends whether only the last state of each direction is wanted, side by side; else those of all steps */
    private Flow recurrent(Layer.Recurrent layer, Flow input, boolean ends) {
        Flow x = input.form == Form.CHANNELS
                ? input.to(node("Transpose", input.name, Map.of("perm", new int[] {2, 0, 1})), Form.STEPS, input.size)
                : input;
        RecurrentParameters forward = layer.forward();
        RecurrentParameters backward = layer.backward().orElseThrow();
        int gates = layer.cell().gates();
        int units = forward.hiddenSize();
        boolean lstm = layer.cell() instanceof Cell.Lstm;
        int[] order = lstm ? LSTM_ORDER : GRU_ORDER;
        String name = made("R");
        graph.floats(
                name + "_W",
                joined(reordered(forward.weightInput(), units, order), reordered(backward.weightInput(), units, order)),
                2,
                gates * units,
                x.size);
        graph.floats(
                name + "_R",
                joined(
                        reordered(forward.weightHidden(), units, order),
                        reordered(backward.weightHidden(), units, order)),
                2,
                gates * units,
                units);
        graph.floats(
                name + "_B",
                joined(biases(forward, gates * units, order), biases(backward, gates * units, order)),
                2,
                2 * gates * units);
        String inputs =
                x.name + " " + name + "_W " + name + "_R " + name + "_B" + (x.lengths.isEmpty() ? "" : " " + x.lengths);
        Map<String, Object> attributes = lstm
                ? Map.of("hidden_size", units, "direction", "bidirectional")
                : Map.of("hidden_size", units, "direction", "bidirectional", "linear_before_reset", 1);
        String y = made("y");
        // The first output are the states of all steps [T,2,B,H], the second those of the last [2,B,H].
        graph.node(lstm ? "LSTM" : "GRU", inputs, ends ? " " + y : y, attributes);
        if (!ends) {
            return x.to(reshaped(y, -1, 1, 2 * units), Form.STEPS, 2 * units);
        }
        String rows = node("Transpose", y, Map.of("perm", new int[] {1, 0, 2}));
        return x.to(reshaped(rows, -1, 2 * units), Form.VECTOR, 2 * units);
    }

    private float[] biases(RecurrentParameters layer, int rows, int[] order) {
        float[] both = Arrays.copyOf(reordered(layer.bias().orElseThrow(), layer.hiddenSize(), order), 2 * rows);
        layer.hiddenBias().ifPresent(name -> {
            float[] hidden = weights.get(name);
            System.arraycopy(hidden, 0, both, both.length - hidden.length, hidden.length);
        });
        return both;
    }

    /** Gates in ONNX's order. */
    private float[] reordered(String name, int units, int[] order) {
        float[] matrix = weights.get(name);
        int gate = matrix.length / order.length;
        if (gate % units != 0) {
            throw new IllegalArgumentException(name + ": has gates of " + units + " rows");
        }
        var result = new float[matrix.length];
        for (int g = 0; g < order.length; g++) {
            System.arraycopy(matrix, order[g] * gate, result, g * gate, gate);
        }
        return result;
    }

    private static float[] joined(float[] a, float[] b) {
        float[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private Flow convolution(Layer.Conv1d conv, Flow x) {
        String channels =
                x.form == Form.CHANNELS ? x.name : node("Transpose", x.name, Map.of("perm", new int[] {1, 2, 0}));
        float[] ours = weights.get(conv.weight());
        var theirs = new float[ours.length];
        int inputs = conv.inputSize();
        int kernel = conv.kernel();
        for (int o = 0; o < conv.outputSize(); o++) {
            for (int k = 0; k < kernel; k++) {
                for (int i = 0; i < inputs; i++) {
                    theirs[(o * inputs + i) * kernel + k] = ours[(o * kernel + k) * inputs + i];
                }
            }
        }
        String bias = conv.bias().orElseThrow();
        graph.floats(conv.weight(), theirs, conv.outputSize(), inputs, kernel);
        graph.floats(bias, weights.get(bias), conv.outputSize());
        String y = node(
                "Conv",
                channels + " " + conv.weight() + " " + bias,
                Map.of("kernel_shape", new int[] {kernel}, "pads", new int[] {conv.before(), conv.after()}));
        return x.to(y, Form.CHANNELS, conv.outputSize());
    }

    private Flow pooled(List<Pooling> poolings, Flow x) {
        int axis = x.form == Form.CHANNELS ? 2 : 0;
        var parts = new ArrayList<String>();
        for (Pooling pooling : poolings) {
            String operator = switch (pooling) {
                case MAX -> "ReduceMax";
                case MEAN -> "ReduceMean";
                case LAST -> throw new IllegalArgumentException("no ONNX nodes are written for " + pooling);
            };
            parts.add(node(operator, x.name, Map.of("axes", new int[] {axis}, "keepdims", 0)));
        }
        String y = parts.size() == 1 ? parts.getFirst() : node("Concat", String.join(" ", parts), Map.of("axis", -1));
        return x.to(y, Form.VECTOR, x.size * parts.size());
    }

    private void output(Layer.Linear linear, Flow x) {
        String rows = x.form == Form.STEPS ? reshaped(x.name, -1, x.size) : x.name;
        String bias = linear.bias().orElseThrow();
        graph.floats(linear.weight(), weights.get(linear.weight()), linear.outputSize(), linear.inputSize());
        graph.floats(bias, weights.get(bias), linear.outputSize());
        graph.node("Gemm", rows + " " + linear.weight() + " " + bias, "logits", Map.of("transB", 1));
    }

    private String reshaped(String x, long... dims) {
        String shape = made("shape");
        graph.number(shape, dims);
        return node("Reshape", x + " " + shape, Map.of());
    }

    private String node(String operator, String inputs, Map<String, ?> attributes) {
        String name = made("v");
        graph.node(operator, inputs, name, attributes);
        return name;
    }

    private String made(String prefix) {
        return prefix + made++;
    }
}
