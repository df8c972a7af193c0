package dev.rondo.architecture;

import dev.rondo.architecture.training.Training;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Op;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The nodes of layers, while one function is built. */
final class LayerNodes {
    private static final Activation GATE = Activation.SIGMOID;

    /** What is numbered throughout a function. */
    private static final class Count {
        private int states;
        private int pasts;
        private int sites;
        private int scans;
        /** Sequences without their padding, by themselves and their lengths. */
        private final Map<List<Value>, Value> unpadded = new HashMap<>();
    }

    private final FunctionBuilder f;
    private final boolean step;
    private final boolean stateful;
    /** Of dropout, i64[]; absent outside training. */
    private final Value seed;

    private final boolean training;
    private final Count count;
    private final Map<String, Value> statistics;
    private Value lengths;

    private LayerNodes(
            FunctionBuilder f,
            boolean step,
            boolean stateful,
            boolean training,
            Value seed,
            Value lengths,
            Count count,
            Map<String, Value> statistics) {
        this.f = f;
        this.step = step;
        this.stateful = stateful;
        this.training = training;
        this.seed = seed;
        this.lengths = lengths;
        this.count = count;
        this.statistics = statistics;
    }

    /** Of a step. */
    static LayerNodes step(FunctionBuilder f) {
        return new LayerNodes(f, true, true, false, Value.ABSENT, Value.ABSENT, new Count(), new LinkedHashMap<>());
    }

    /** Of whole rows in use. */
    static LayerNodes sequence(FunctionBuilder f, Value lengths, boolean stateful) {
        return new LayerNodes(f, false, stateful, false, Value.ABSENT, lengths, new Count(), new LinkedHashMap<>());
    }

    /**
     * Of whole rows in training: batch normalisation takes the statistics of the batch.
     *
     * @param seed of dropout, i64[]; absent for none
     */
    static LayerNodes training(FunctionBuilder f, Value lengths, Value seed) {
        return new LayerNodes(f, false, false, true, seed, lengths, new Count(), new LinkedHashMap<>());
    }

    /** Of streams in training, which go on where the call before ended. */
    static LayerNodes streams(FunctionBuilder f, Value seed) {
        return new LayerNodes(f, false, true, true, seed, Value.ABSENT, new Count(), new LinkedHashMap<>());
    }

    /** The same for a part that has lengths of its own. */
    private LayerNodes with(Value other) {
        return new LayerNodes(f, step, stateful, training, seed, other, count, statistics);
    }

    /** The lengths of the rows behind the layers so far. */
    Value lengths() {
        return lengths;
    }

    /** The statistics of the batch by the name of the weight that takes their place in use. */
    Map<String, Value> statistics() {
        return statistics;
    }

    /** Where steps of x belong to their rows: bool[B,T]. */
    Value mask(Value x) {
        return f.add(new Structure.LengthMask(x.type().dim(1)), lengths);
    }

    /** Several layers; what they give has no name. */
    private Value all(List<Layer> layers, Value input) {
        Value x = input;
        for (Layer layer : layers) {
            x = of(layer, "", x);
        }
        return x;
    }

    /**
     * One layer.
     *
     * @param name of what it gives; empty for a made one
     */
    Value of(Layer layer, String name, Value x) {
        return switch (layer) {
            case Layer.Embedding embedding -> rows(embedding, name, x);
            case Layer.SpelledWords _ ->
                throw new IllegalArgumentException("words and characters are read by spelled()");
            case Layer.Recurrent recurrent -> recurrent(recurrent, name, x);
            case Layer.Hypernetwork hyper ->
                named(name, HypernetworkNodes.sequence(f, hyper, "hyper" + count.scans++, x, lengths));
            case Layer.Linear linear ->
                add(
                        name,
                        new Contraction.Linear(),
                        x,
                        f.weight(linear.weight(), linear.outputSize(), linear.inputSize()),
                        RecurrentNodes.optional(f, linear.bias(), linear.outputSize()));
            case Layer.Multiplicative(var a, var b) -> named(name, f.times(a.of(f, x), b.of(f, x)));
            case Layer.Conv1d conv -> conv(conv, name, x);
            case Layer.Context(int steps, int size) -> past(x, steps, size);
            case Layer.Pad(int before, int after, var mode) -> add(name, new Structure.Pad(1, before, after, mode), x);
            case Layer.Magnitude(int size) -> magnitude(name, x, size);
            case Layer.Activate(var activation) -> add(name, new Elementwise.Activate(activation), x);
            case Layer.PRelu(String slopes, int size) -> {
                Value negative = binary(BinaryFunction.MINIMUM, x, fill(ElementType.F32, 0));
                Value positive = binary(BinaryFunction.MAXIMUM, x, fill(ElementType.F32, 0));
                yield add(
                        name,
                        new Elementwise.Binary(BinaryFunction.ADD),
                        positive,
                        f.times(negative, f.weight(slopes, size)));
            }
            case Layer.Scale(String scale, String shift, int size) ->
                add(
                        name,
                        new Elementwise.Binary(BinaryFunction.ADD),
                        f.times(x, f.weight(scale, size)),
                        f.weight(shift, size));
            case Layer.BatchNorm(var normalisation, var _) -> named(name, batchNorm(normalisation, x));
            case Layer.LayerNorm norm ->
                add(
                        name,
                        new Aggregation.LayerNorm(norm.epsilon()),
                        x,
                        RecurrentNodes.optional(f, norm.gain(), norm.size()),
                        RecurrentNodes.optional(f, norm.bias(), norm.size()));
            case Layer.Softmax(boolean log) -> add(name, new Aggregation.Softmax(log), x, Value.ABSENT);
            case Layer.Dropout(double probability, boolean variational) ->
                named(name, dropped(probability, variational, x));
            case Layer.Positions(String table, int most, int size) ->
                named(
                        name,
                        f.plus(
                                x,
                                f.slice(
                                        f.weight(table, most, size),
                                        0,
                                        0,
                                        x.type().dim(1))));
            case Layer.SelfAttention attention -> named(name, selfAttention(attention, x));
            case Layer.Pool(var poolings) -> pooled(poolings, name, x);
            case Layer.Ends(int forward) -> ends(name, x, forward);
            case Layer.AttentionPool pool -> named(name, attentionPool(pool, x));
            case Layer.PoolWindow(var pooling, int size, int stride) -> {
                shorten(0, size, stride);
                yield add(name, new Aggregation.PoolWindow(pooling, size, stride), x);
            }
            case Layer.Repeat(int steps) -> {
                // All rows are as long; what was before the pooling had other lengths.
                lengths = Value.ABSENT;
                Value one = f.reshape(x, x.type().dim(0), 1, x.type().dim(1));
                yield add(
                        name,
                        new Structure.Expand(
                                List.of(x.type().dim(0), Dim.of(steps), x.type().dim(1))),
                        one);
            }
            case Layer.Spatial spatial -> named(name, new ImageNodes(f).nodes(spatial, x));
            case Layer.Residual(var body, var shortcut) -> {
                Value straight = all(shortcut, x);
                Value changed = all(body, x);
                requireSameSteps("residual", straight, changed);
                yield named(name, f.plus(straight, changed));
            }
            case Layer.Highway(var gate, var body) -> {
                Value open = f.activate(GATE, gate.of(f, x));
                // g y + (1 - g) x = x + g (y - x)
                Value changed = all(body, x);
                requireSameSteps("highway", x, changed);
                Value change = binary(BinaryFunction.SUBTRACT, changed, x);
                yield named(name, f.plus(x, f.times(open, change)));
            }
            case Layer.Parallel(var bodies) -> {
                Value before = lengths;
                var parts = new ArrayList<Value>();
                for (List<Layer> body : bodies) {
                    lengths = before;
                    parts.add(all(body, x));
                    requireSameSteps("parallel", parts.getFirst(), parts.getLast());
                }
                yield add(name, new Structure.Concat(parts.getFirst().type().rank() - 1), parts.toArray(Value[]::new));
            }
        };
    }

    /** What stands side by side or is added has as many steps, however long the sequence is. */
    private static void requireSameSteps(String layer, Value a, Value b) {
        if (a.type().rank() == 3
                && b.type().rank() == 3
                && !a.type().dim(1).equals(b.type().dim(1))) {
            throw new InputException(
                    "network, " + layer,
                    "its parts give as many steps, for a sequence of T",
                    a.type().dim(1) + " and " + b.type().dim(1),
                    "give all of them the same strides and windows, and let convolutions keep the length (no 'valid')");
        }
    }

    /** Words with their spelling: ids [B,T], characters [B,T,C] and how many there are [B,T]. */
    Value spelled(Layer.SpelledWords layer, Value words, Value characters, Value characterLengths) {
        Dim b = words.type().dim(0);
        Dim t = words.type().dim(1);
        Value flat = f.reshape(characters, b.times(t), characters.type().dim(2));
        LayerNodes each = with(f.reshape(characterLengths, b.times(t)));
        Value spelling = each.all(layer.body(), each.rows(layer.characters(), "", flat));
        Value rows = rows(layer.words(), "", words);
        return f.concat(2, rows, f.reshape(spelling, b, t, spelling.type().dim(1)));
    }

    /** The gather itself has the name: a plan folds one that a recurrent layer reads at once. */
    private Value rows(Layer.Embedding layer, String name, Value ids) {
        Value table = f.weight(layer.table(), layer.rows(), layer.columns());
        if (seed.isAbsent() || layer.dropout() == 0) {
            return add(name, new Structure.Gather(), table, ids);
        }
        Value mask = dropMask(layer.dropout(), List.of(Dim.of(layer.rows()), Dim.ONE));
        return add(name, new Structure.Gather(), f.times(table, mask), ids);
    }

    /** What dropout multiplies by. */
    private Value dropMask(double probability, List<Dim> dims) {
        return drop(probability, f.add(new Structure.Fill(ElementType.F32, 1, dims)));
    }

    private Value drop(double probability, Value x) {
        return f.add(new Training.Dropout((float) probability, count.sites++), x, seed);
    }

    private Value dropped(double probability, boolean variational, Value x) {
        if (seed.isAbsent() || probability == 0) {
            return x;
        }
        if (!variational || x.type().rank() < 3) {
            return drop(probability, x);
        }
        return f.times(
                x,
                dropMask(probability, List.of(x.type().dim(0), Dim.ONE, x.type().dim(-1))));
    }

    private Value batchNorm(BatchNormalisation normalisation, Value x) {
        if (!training) {
            return normalisation.inference(f, x);
        }
        BatchNormalisation.Statistics found = normalisation.statistics(f, x);
        statistics.put(normalisation.mean(), found.mean());
        statistics.put(normalisation.variance(), found.variance());
        return normalisation.normalise(f, x, found);
    }

    private Value selfAttention(Layer.SelfAttention layer, Value x) {
        Dim b = x.type().dim(0);
        Dim t = x.type().dim(1);
        int heads = layer.heads();
        int keySize = layer.key().outputSize() / heads;
        int valueSize = layer.value().outputSize() / heads;
        Value mask = Value.ABSENT;
        if (!lengths.isAbsent()) {
            Value every = f.reshape(mask(x), b, 1, 1, t);
            mask = f.reshape(
                    f.add(new Structure.Expand(List.of(b, Dim.of(heads), Dim.ONE, t)), every), b.times(heads), 1, t);
        }
        Value context = f.addAll(
                        new Aggregation.Attention((float) (1 / Math.sqrt(keySize))),
                        List.of(),
                        List.of(
                                headRows(layer.query().of(f, x), heads, keySize),
                                headRows(layer.key().of(f, x), heads, keySize),
                                headRows(layer.value().of(f, x), heads, valueSize),
                                Value.ABSENT,
                                mask))
                .getFirst();
        Value side = f.reshape(context, b, heads, t, valueSize);
        Value joined = f.add(new Structure.Transpose(List.of(0, 2, 1, 3)), side);
        return layer.output().of(f, f.reshape(joined, b, t, heads * valueSize));
    }

    /** [B,T,heads*n] to [B*heads,T,n]. */
    private Value headRows(Value x, int heads, int n) {
        Dim b = x.type().dim(0);
        Dim t = x.type().dim(1);
        Value split = f.reshape(x, b, t, heads, n);
        return f.reshape(f.add(new Structure.Transpose(List.of(0, 2, 1, 3)), split), b.times(heads), t, n);
    }

    private Value pooled(List<Aggregation.Pooling> poolings, String name, Value x) {
        if (poolings.size() == 1) {
            return add(name, new Aggregation.PoolTime(poolings.getFirst()), x, lengths);
        }
        var parts = new ArrayList<Value>();
        poolings.forEach(p -> parts.add(f.add(new Aggregation.PoolTime(p), x, lengths)));
        return add(name, new Structure.Concat(1), parts.toArray(Value[]::new));
    }

    private Value ends(String name, Value x, int forward) {
        Dim size = x.type().dim(2);
        Value last = f.add(new Aggregation.PoolTime(Aggregation.Pooling.LAST), f.slice(x, 2, 0, forward), lengths);
        // The backward direction has begun at the end of the row; its first step is where it ends.
        Value first = f.slice(f.slice(x, 1, 0, 1), 2, forward, size.plus(-forward));
        return add(
                name, new Structure.Concat(1), last, f.reshape(first, x.type().dim(0), size.plus(-forward)));
    }

    private Value attentionPool(Layer.AttentionPool layer, Value x) {
        Dim b = x.type().dim(0);
        Dim t = x.type().dim(1);
        int size = layer.projection().outputSize();
        // Additive scores without a query.
        Value query = f.add(new Structure.Fill(ElementType.F32, 0, List.of(b, Dim.ONE, Dim.of(size))));
        Value mask = lengths.isAbsent() ? Value.ABSENT : f.reshape(mask(x), b, 1, t);
        Value context = f.addAll(
                        new Aggregation.Attention(1),
                        List.of(),
                        List.of(query, layer.projection().of(f, x), x, f.weight(layer.vector(), size), mask))
                .getFirst();
        return f.reshape(context, b, x.type().dim(2));
    }

    private Value recurrent(Layer.Recurrent layer, String name, Value x) {
        RecurrentNodes forward = recurrent(layer, layer.forward());
        if (step) {
            return named(name, forward.step(x));
        }
        if (layer.backward().isEmpty()) {
            return forward.sequence(made(name), x, lengths, false, false, stateful);
        }
        RecurrentNodes backward = recurrent(layer, layer.backward().get());
        String part = made(name);
        return add(
                name,
                new Structure.Concat(2),
                forward.sequence(part + "_forward", x, lengths, false, false, stateful),
                backward.sequence(part + "_backward", x, lengths, false, true, stateful));
    }

    private RecurrentNodes recurrent(Layer.Recurrent layer, RecurrentParameters direction) {
        Value hidden = Value.ABSENT;
        if (!seed.isAbsent() && layer.dropout() > 0) {
            int rows = layer.cell().gates() * direction.hiddenSize();
            hidden = drop(layer.dropout(), f.weight(direction.weightHidden(), rows, direction.outputSize()));
        }
        return new RecurrentNodes(f, layer.cell(), direction, count.states++, hidden);
    }

    /** A name for what has none. */
    private String made(String name) {
        return name.isEmpty() ? "rnn" + count.states : name;
    }

    private Value conv(Layer.Conv1d conv, String name, Value x) {
        Value weight = f.weight(conv.weight(), conv.outputSize(), conv.kernel(), conv.inputSize() / conv.groups());
        Value bias = RecurrentNodes.optional(f, conv.bias(), conv.outputSize());
        if (step) {
            Value row = f.add(new Structure.Reshape(List.of(x.type().dim(0), Dim.ONE, Dim.of(conv.inputSize()))), x);
            Value y = f.add(op(conv, 0, 0), window(conv, row), weight, bias);
            return add(name, new Structure.Reshape(List.of(x.type().dim(0), Dim.of(conv.outputSize()))), y);
        }
        if (conv.causal() && stateful) {
            return add(name, op(conv, 0, 0), window(conv, x), weight, bias);
        }
        Value valid = lengths.isAbsent() || conv.reach() == 1 ? x : withoutPadding(x);
        Value y = add(name, op(conv, conv.before(), conv.after()), valid, weight, bias);
        shorten(conv.before() + conv.after(), conv.reach(), conv.stride());
        return y;
    }

    private static Contraction.Conv1d op(Layer.Conv1d conv, int before, int after) {
        return new Contraction.Conv1d(conv.stride(), conv.dilation(), conv.groups(), before, after);
    }

    /** The inputs x [B,T,I] with those before them, whose last become the state. */
    private Value window(Layer.Conv1d conv, Value x) {
        return conv.reach() == 1 ? x : past(x, conv.reach() - 1, conv.inputSize());
    }

    /** The last steps before this call, which are state, and x [B,T,size]. */
    private Value past(Value x, int steps, int size) {
        Value past = f.state("past" + count.pasts++, "B", steps, size);
        Value window = f.concat(1, past, x);
        f.next(past, f.slice(window, 1, x.type().dim(1), steps));
        return window;
    }

    private Value magnitude(String name, Value x, int size) {
        int axis = x.type().rank() - 1;
        Value real = f.slice(x, axis, 0, size);
        Value imaginary = f.slice(x, axis, size, size);
        Value power = f.plus(f.times(real, real), f.times(imaginary, imaginary));
        return add(name, new Elementwise.Unary(UnaryFunction.SQRT), power);
    }

    /** x with zeros beyond the length of each row, which a window would else see; branches that read one x share it. */
    private Value withoutPadding(Value x) {
        Value known = count.unpadded.get(List.of(x, lengths));
        if (known != null) {
            return known;
        }
        Value mask = f.reshape(mask(x), x.type().dim(0), x.type().dim(1), 1);
        Value valid = f.add(new Elementwise.Where(), mask, x, fill(ElementType.F32, 0));
        count.unpadded.put(List.of(x, lengths), valid);
        return valid;
    }

    /** The lengths behind windows of {@code reach} steps: {@code (length + padding - reach) / stride + 1}, at least 0. */
    private void shorten(int padding, int reach, int stride) {
        int change = padding - reach + stride;
        if (lengths.isAbsent() || change == 1 && stride == 1) {
            return;
        }
        // With stride S: floor(n / S) + 1 is (n + S) / S, whose dividend is not negative once it is cut at 0.
        Value sum = binary(BinaryFunction.ADD, lengths, fill(ElementType.I32, change));
        Value cut = binary(BinaryFunction.MAXIMUM, sum, fill(ElementType.I32, 0));
        lengths = stride == 1 ? cut : binary(BinaryFunction.DIVIDE, cut, fill(ElementType.I32, stride));
    }

    /** The same value under another name, where one is wanted. */
    private Value named(String name, Value x) {
        return name.isEmpty() ? x : f.add(name, new Structure.Reshape(x.type().dims()), x);
    }

    private Value add(String name, Op op, Value... values) {
        return name.isEmpty() ? f.add(op, values) : f.add(name, op, values);
    }

    private Value binary(BinaryFunction function, Value a, Value b) {
        return f.add(new Elementwise.Binary(function), a, b);
    }

    private Value fill(ElementType element, double value) {
        return f.add(new Structure.Fill(element, value, List.of()));
    }
}
