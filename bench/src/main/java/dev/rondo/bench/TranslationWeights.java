package dev.rondo.bench;

import dev.rondo.Model;
import dev.rondo.format.Tensor;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.Node;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The weights of a translation model, found in its functions by what they are for, so that peers can be given the same. Knows
 * one family: a bidirectional GRU reads the source, {@code tanh} of a linear map of a summary begins a conditional GRU (a
 * cell reads the word, its state asks by additive attention, a second cell reads the context), and a readout gives the scores.
 *
 * @param mean     whether the summary is the mean of the memory; else it is the last states of both directions
 * @param parts    what the readout is made of, in order
 * @param readout  the map of the parts, null when they go straight to the output
 * @param bent     whether the map ends in tanh
 */
record TranslationWeights(
        Matrix sourceTable,
        Gru forward,
        Gru backward,
        boolean mean,
        Linear bridge,
        Linear keys,
        Linear query,
        float[] vector,
        Matrix targetTable,
        Gru first,
        Gru second,
        List<Part> parts,
        Linear readout,
        boolean bent,
        Linear output) {

    /** Row-major. */
    record Matrix(float[] values, int rows, int columns) {
        Matrix transposed() {
            var result = new float[values.length];
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    result[c * rows + r] = values[r * columns + c];
                }
            }
            return new Matrix(result, columns, rows);
        }
    }

    /** {@code y = W x + b}; without a bias b is zero. */
    record Linear(Matrix weight, float[] bias) {}

    /** Gates r, z, n; the reset after the product: {@code n = tanh(W_n x + b_n + r (U_n h + d))}. */
    record Gru(Matrix input, Matrix hidden, float[] bias, float[] hiddenBias) {
        int size() {
            return hidden.columns;
        }
    }

    /** A part of the readout. */
    enum Part {
        STATE,
        CONTEXT,
        EMBEDDING
    }

    int memorySize() {
        return forward.size() + backward.size();
    }

    int vocabularySize() {
        return output.weight.rows;
    }

    /**
     * Finds them.
     *
     * @throws IllegalArgumentException when the model is of another family
     */
    static TranslationWeights of(Model model) {
        return new Finder(model).find();
    }

    /** Walks the functions backwards from what their states and outputs are. */
    private record Finder(Map<String, Tensor> tensors, Function encode, Function step) {
        Finder(Model model) {
            this(model.tensors(), model.function("encode"), model.function("step"));
        }

        TranslationWeights find() {
            List<Node> layers = all(encode, Recurrent.GruLayer.class);
            List<Node> cells = all(step, Recurrent.GruCell.class);
            require(layers.size() == 2 && cells.size() == 2, "one bidirectional GRU and a conditional GRU");
            boolean forwardFirst = !((Recurrent.GruLayer) layers.getFirst().op()).reverse();
            Node forward = layers.get(forwardFirst ? 0 : 1);
            Node backward = layers.get(forwardFirst ? 1 : 0);
            require(((Recurrent.GruLayer) backward.op()).reverse(), "two directions");
            Node gather = producer(encode, forward.input("x"), Structure.Gather.class);
            Node keys = producer(encode, next(encode, "keys"), Contraction.Linear.class);
            Node bend = producer(encode, throughShapes(encode, next(encode, "h0")), Elementwise.Activate.class);
            require(((Elementwise.Activate) bend.op()).activation().equals(Activation.TANH), "a bridge through tanh");
            Node bridge = producer(encode, bend.inputs().getFirst(), Contraction.Linear.class);
            Node summary = made(encode, bridge.input("x"));
            boolean mean =
                    summary.op() instanceof Aggregation.PoolTime(var pooling) && pooling == Aggregation.Pooling.MEAN;
            require(mean || summary.op() instanceof Structure.Concat, "a mean or the last states as the summary");

            List<Node> attentions = all(step, Aggregation.Attention.class);
            require(
                    attentions.size() == 1
                            && !attentions.getFirst().input("vector").isAbsent(),
                    "additive attention with one head");
            Node attention = attentions.getFirst();
            Node query = producer(step, throughShapes(step, attention.input("query")), Contraction.Linear.class);
            Node first = cells.getFirst();
            Node second = cells.getLast();
            require(query.input("x").equals(first.outputs().getFirst()), "attention between the two cells");
            Node embedding = producer(step, first.input("x"), Structure.Gather.class);
            Node output = producer(step, step.output("logits").orElseThrow(), Contraction.Linear.class);
            Node map = made(step, output.input("x"));
            boolean bent =
                    map.op() instanceof Elementwise.Activate(var activation) && activation.equals(Activation.TANH);
            map = bent ? made(step, map.inputs().getFirst()) : map;
            boolean mapped = map.op() instanceof Contraction.Linear;
            require(mapped || !bent, "a readout that is linear or tanh of that");
            var parts = new ArrayList<Part>();
            for (Value part : side(mapped ? map.input("x") : output.input("x"))) {
                Value at = throughShapes(step, part);
                if (at.equals(second.outputs().getFirst())) {
                    parts.add(Part.STATE);
                } else if (at.equals(attention.outputs().getFirst())) {
                    parts.add(Part.CONTEXT);
                } else {
                    require(at.equals(embedding.outputs().getFirst()), "a readout of state, context and embedding");
                    parts.add(Part.EMBEDDING);
                }
            }
            return new TranslationWeights(
                    matrix(gather.inputs().getFirst()),
                    gru(forward),
                    gru(backward),
                    mean,
                    linear(bridge),
                    linear(keys),
                    linear(query),
                    vector(attention.input("vector"), 0),
                    matrix(embedding.inputs().getFirst()),
                    gru(first),
                    gru(second),
                    List.copyOf(parts),
                    mapped ? linear(map) : null,
                    bent,
                    linear(output));
        }

        private static void require(boolean holds, String rule) {
            if (!holds) {
                throw new IllegalArgumentException(
                        "translation model: must have " + rule + " for the peers; got another; see TranslationWeights");
            }
        }

        private static List<Node> all(Function function, Class<?> operator) {
            return function.nodes().stream()
                    .filter(node -> operator.isInstance(node.op()))
                    .toList();
        }

        private static Node made(Function function, Value value) {
            return function.nodes().stream()
                    .filter(node -> node.outputs().contains(value))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(function.name() + ": must make " + value));
        }

        private static Node producer(Function function, Value value, Class<?> operator) {
            Node node = made(function, value);
            require(operator.isInstance(node.op()), operator.getSimpleName() + " before " + value);
            return node;
        }

        private static Value next(Function function, String state) {
            return function.state(state)
                    .orElseThrow(() -> new IllegalArgumentException(function.name() + ": must have state " + state))
                    .next();
        }

        /** What a value is a view or a copy of for every hypothesis. */
        private static Value throughShapes(Function function, Value value) {
            Value at = value;
            while (function.nodes().stream().flatMap(n -> n.outputs().stream()).anyMatch(at::equals)) {
                Node node = made(function, at);
                if (!(node.op() instanceof Structure.Reshape || node.op() instanceof Structure.Expand)) {
                    break;
                }
                at = node.inputs().getFirst();
            }
            return at;
        }

        private List<Value> side(Value value) {
            Node node = made(step, value);
            return node.op() instanceof Structure.Concat ? node.inputs() : List.of(value);
        }

        private Gru gru(Node node) {
            boolean after = node.op() instanceof Recurrent.GruCell(var gate, var candidate, var reset)
                            && standard(gate, candidate, reset)
                    || node.op() instanceof Recurrent.GruLayer(var gates, var candidates, var resets, var _, var _)
                            && standard(gates, candidates, resets);
            require(after, "GRUs of sigmoid and tanh whose reset comes after the product");
            Matrix hidden = matrix(node.input("weight_hidden"));
            return new Gru(
                    matrix(node.input("weight_input")),
                    hidden,
                    vector(node.input("bias"), hidden.rows),
                    vector(node.input("hidden_bias"), hidden.columns));
        }

        private static boolean standard(Activation gate, Activation candidate, boolean resetAfter) {
            return gate.equals(Activation.SIGMOID) && candidate.equals(Activation.TANH) && resetAfter;
        }

        private Linear linear(Node node) {
            Matrix weight = matrix(node.input("weight"));
            return new Linear(weight, vector(node.input("bias"), weight.rows));
        }

        private Matrix matrix(Value weight) {
            Tensor tensor = tensor(weight);
            return new Matrix(tensor.toFloats(), tensor.rows(), tensor.columns());
        }

        /** Zeros of that size when it is absent. */
        private float[] vector(Value weight, int size) {
            return weight.isAbsent() ? new float[size] : tensor(weight).toFloats();
        }

        private Tensor tensor(Value weight) {
            require(weight.isWeight(), "weights of the file where " + weight + " is");
            return tensors.get(weight.tensorName());
        }
    }
}
