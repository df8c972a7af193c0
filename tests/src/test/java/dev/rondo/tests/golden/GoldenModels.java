package dev.rondo.tests.golden;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Aggregation.Pooling;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The models of golden cases as functions, batch first, on weights of the source's names. */
public final class GoldenModels {
    private GoldenModels() {}

    /**
     * The {@code nn.RNN}, {@code nn.LSTM} or {@code nn.GRU} of a case: x and perhaps lengths to the
     * outputs of the last layer, the final states as states {@code h_l0}, {@code c_l1_reverse} and so on.
     */
    public static Function recurrent(GoldenCase golden, boolean lengths) {
        String kind = golden.architecture().get("type").textValue();
        boolean relu = golden.architecture().get("nonlinearity").asText().equals("relu");
        FunctionBuilder f = Function.builder("sequence");
        Value x = f.input("x", ElementType.F32, "B", "T", golden.number("input_size"));
        Value l = lengths ? f.input("lengths", ElementType.I32, "B") : Value.ABSENT;
        var layers = new TorchLayers(f, kind, relu ? Activation.RELU : Activation.TANH, golden.weights(), "", true);
        Value y = layers.stack(x, golden.number("num_layers"), golden.flag("bidirectional"), l);
        f.output(y);
        return f.build();
    }

    /**
     * The language model: ids [B,T] to logits, the log-probabilities of each next token, their sum and the perplexity.
     */
    public static Function languageModel(GoldenCase golden) {
        int vocabulary = golden.number("vocab");
        int hidden = golden.number("hidden");
        FunctionBuilder f = Function.builder("score");
        Value ids = f.input("ids", ElementType.I64, "B", "T");
        Value embedding = f.weight("embedding.weight", vocabulary, hidden);
        Value y = torch(f, golden, true).stack(f.gather(embedding, ids), golden.number("layers"), false, Value.ABSENT);
        Value logits = f.add("logits", new Contraction.Linear(), y, embedding, f.weight("decoder.bias", vocabulary));
        Value before = f.slice(f.add(new Aggregation.Softmax(true), logits, Value.ABSENT), 1, 0, "T-1");
        Value scores = f.add("token_log_prob", new Structure.Pick(), before, f.slice(ids, 1, 1, "T-1"));
        f.output(logits);
        f.output(scores);
        f.output(f.add("sequence_log_prob", new Aggregation.Reduce(Reduction.SUM, 1, false), scores));
        Value mean = f.add(new Aggregation.Reduce(Reduction.MEAN, 1, false), scores);
        Value entropy = f.add(new Elementwise.Unary(UnaryFunction.NEGATE), mean);
        f.output(f.add("perplexity", new Elementwise.Unary(UnaryFunction.EXP), entropy));
        return f.build();
    }

    /** The tagger: ids [B,T] and lengths to logits and tags. */
    public static Function tagger(GoldenCase golden) {
        int classes = golden.number("classes");
        FunctionBuilder f = Function.builder("tag");
        Value y = encode(f, golden, lengths(f));
        Value logits = f.add(
                "logits",
                new Contraction.Linear(),
                y,
                f.weight("out.weight", classes, 2 * golden.number("hidden")),
                f.weight("out.bias", classes));
        f.output(logits);
        f.output(f.add("tags", new Aggregation.ArgMax(-1), logits));
        return f.build();
    }

    /** The classifier: ids [B,T] and lengths to pooled, logits, probs and class. */
    public static Function classifier(GoldenCase golden) {
        int classes = golden.number("classes");
        int inner = golden.number("mlp_hidden");
        int hidden = golden.number("hidden");
        FunctionBuilder f = Function.builder("classify");
        Value lengths = lengths(f);
        Value y = encode(f, golden, lengths);
        Value pooled = f.add(
                "pooled",
                new Structure.Concat(-1),
                f.add(new Aggregation.PoolTime(Pooling.MEAN), y, lengths),
                f.add(new Aggregation.PoolTime(Pooling.MAX), y, lengths));
        Value first = f.linear(pooled, f.weight("fc1.weight", inner, 4 * hidden), f.weight("fc1.bias", inner));
        Value logits = f.add(
                "logits",
                new Contraction.Linear(),
                f.activate(Activation.RELU, first),
                f.weight("fc2.weight", classes, inner),
                f.weight("fc2.bias", classes));
        f.output(pooled);
        f.output(logits);
        f.output(f.add("probs", new Aggregation.Softmax(false), logits, Value.ABSENT));
        f.output(f.add("class", new Aggregation.ArgMax(-1), logits));
        return f.build();
    }

    private static Value lengths(FunctionBuilder f) {
        return f.input("lengths", ElementType.I32, "B");
    }

    /** Embedding and recurrent layers over ids, which become an input. */
    private static Value encode(FunctionBuilder f, GoldenCase golden, Value lengths) {
        Value ids = f.input("ids", ElementType.I64, "B", "T");
        Value table = f.weight("embedding.weight", golden.number("vocab"), golden.number("embedding"));
        return torch(f, golden, false)
                .stack(f.gather(table, ids), golden.number("layers"), golden.flag("bidirectional"), lengths);
    }

    private static TorchLayers torch(FunctionBuilder f, GoldenCase golden, boolean stateful) {
        String kind = golden.architecture().get("rnn").textValue();
        return new TorchLayers(f, kind, Activation.TANH, golden.weights(), "rnn.", stateful);
    }

    /** A Keras GRU with the reset gate before the product, kernels [I,3H] and [H,3H], gates z, r, h: x to y. */
    public static Function kerasGru(GoldenCase golden) {
        int inputs = golden.weights().get("kernel").size(0);
        int units = golden.weights().get("recurrent_kernel").size(0);
        FunctionBuilder f = Function.builder("sequence");
        Value x = f.input("x", ElementType.F32, "B", "T", inputs);
        var transpose = new Structure.Transpose(List.of(1, 0));
        List<Integer> toResetUpdateNew = List.of(1, 0, 2);
        Value weightInput = gates(f, f.add(transpose, f.weight("kernel", inputs, 3 * units)), units, toResetUpdateNew);
        Value weightHidden =
                gates(f, f.add(transpose, f.weight("recurrent_kernel", units, 3 * units)), units, toResetUpdateNew);
        Value bias = gates(f, f.weight("bias", 3 * units), units, toResetUpdateNew);
        var op = new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, false, false, false);
        var in = List.of(x, Value.ABSENT, weightHidden, weightInput, bias, Value.ABSENT, Value.ABSENT);
        f.output(f.addAll(op, List.of("y"), in).getFirst());
        return f.build();
    }

    /**
     * An ONNX RNN, LSTM or GRU of default attributes on inputs X [T,B,I], W [D,G*H,I], R [D,G*H,H] and perhaps B
     * [D,2*G*H], which are weights here: to Y_h, and Y_c of an LSTM, [D,B,H].
     */
    public static Function onnx(GoldenCase golden, String kind) {
        var w = golden.input("W");
        int directions = w.size(0);
        int rows = w.size(1);
        int units = golden.input("R").size(2);
        FunctionBuilder f = Function.builder("node");
        Value x = f.add(new Structure.Transpose(List.of(1, 0, 2)), f.input("X", ElementType.F32, "T", "B", w.size(2)));
        Value allW = f.weight("W", directions, rows, w.size(2));
        Value allR = f.weight("R", directions, rows, units);
        var h = new ArrayList<Value>();
        var c = new ArrayList<Value>();
        for (int d = 0; d < directions; d++) {
            List<Integer> order = switch (kind) {
                case "RNN" -> List.of(0);
                case "LSTM" -> List.of(0, 2, 3, 1); // i, o, f, c to i, f, g, o
                case "GRU" -> List.of(1, 0, 2); // z, r, h to r, z, n
                default -> throw new IllegalArgumentException("ONNX " + kind);
            };
            Value weightInput = gates(f, f.reshape(f.slice(allW, 0, d, 1), rows, w.size(2)), units, order);
            Value weightHidden = gates(f, f.reshape(f.slice(allR, 0, d, 1), rows, units), units, order);
            Value bias = Value.ABSENT;
            if (golden.inputs().containsKey("B")) {
                Value both = f.reshape(f.slice(f.weight("B", directions, 2 * rows), 0, d, 1), 2 * rows);
                bias = f.plus(f.slice(both, 0, 0, rows), f.slice(both, 0, rows, rows));
            }
            Value none = Value.ABSENT;
            boolean reverse = d == 1;
            List<Value> results = switch (kind) {
                case "RNN" ->
                    f.addAll(
                            new Recurrent.ElmanLayer(Activation.TANH, reverse, false),
                            List.of(),
                            List.of(x, none, weightHidden, weightInput, bias, none));
                case "LSTM" ->
                    f.addAll(
                            new Recurrent.LstmLayer(LstmActivations.STANDARD, reverse, false),
                            List.of(),
                            List.of(x, none, none, weightHidden, weightInput, bias, none, none, none));
                default ->
                    f.addAll(
                            new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, false, reverse, false),
                            List.of(),
                            List.of(x, none, weightHidden, weightInput, bias, none, none));
            };
            h.add(f.reshape(results.get(1), 1, "B", units));
            if (kind.equals("LSTM")) {
                c.add(f.reshape(results.get(2), 1, "B", units));
            }
        }
        Op join = new Structure.Concat(0);
        f.output(f.add("Y_h", join, h.toArray(Value[]::new)));
        if (!c.isEmpty()) {
            f.output(f.add("Y_c", join, c.toArray(Value[]::new)));
        }
        return f.build();
    }

    /** Rows in another order of gates: gate number k of the result is gate {@code order[k]} of the source. */
    private static Value gates(FunctionBuilder f, Value source, int units, List<Integer> order) {
        return f.concat(
                0, order.stream().map(g -> f.slice(source, 0, g * units, units)).toArray(Value[]::new));
    }

    /** Names of the layers and directions of a case, in the order in which PyTorch stacks states. */
    static List<String> suffixes(GoldenCase golden) {
        var suffixes = new ArrayList<String>();
        for (int layer = 0; layer < golden.number("num_layers"); layer++) {
            suffixes.add(TorchLayers.suffix(layer, false));
            if (golden.flag("bidirectional")) {
                suffixes.add(TorchLayers.suffix(layer, true));
            }
        }
        return Collections.unmodifiableList(suffixes);
    }
}
