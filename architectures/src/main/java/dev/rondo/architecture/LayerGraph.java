package dev.rondo.architecture;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * The functions of a {@link LayerStack}. They share the states: {@code h0, h1, ...} f32[B,P] of its recurrent layers,
 * counted over layers and, within a layer, over its directions (forward, backward); {@code c0, c1, ...} f32[B,H] of
 * those that are LSTMs; {@code past0, ...} f32[B,n,I], the last inputs of its causal convolutions and contexts. All are
 * zero at first.
 */
public final class LayerGraph {
    public static final String STEP = "step";
    public static final String SEQUENCE = "sequence";

    private final LayerStack stack;

    public LayerGraph(LayerStack stack) {
        this.stack = stack;
    }

    /** {@link #sequence()}, and {@link #step()} if the stack can run step by step. */
    public List<Function> functions() {
        return stack.isStepwise() ? List.of(sequence(), step()) : List.of(sequence());
    }

    /**
     * {@code sequence(x: f32[B,T,I], lengths: i32[B])}, or with {@code tokens: i32[B,T]}: a row's results are those of
     * the row alone, without what stands behind its length.
     */
    public Function sequence() {
        FunctionBuilder f = Function.builder(SEQUENCE);
        Value x = stack.takesTokens()
                ? f.input("tokens", ElementType.I32, "B", "T")
                : f.input("x", ElementType.F32, "B", "T", stack.inputSize());
        Value lengths = stack.hasLengths() ? f.input("lengths", ElementType.I32, "B") : Value.ABSENT;
        return new Build(f, lengths, false).of(x);
    }

    /** {@code step(x: f32[B,I])}, or with {@code token: i32[B]}: the next step of a sequence. */
    public Function step() {
        if (!stack.isStepwise()) {
            throw new IllegalArgumentException("no step of " + stack);
        }
        FunctionBuilder f = Function.builder(STEP);
        Value x = stack.takesTokens()
                ? f.input("token", ElementType.I32, "B")
                : f.input("x", ElementType.F32, "B", stack.inputSize());
        return new Build(f, Value.ABSENT, true).of(x);
    }

    /** One function while it is built. */
    private final class Build {
        private final FunctionBuilder f;
        private final boolean step;
        private Value lengths;
        private int states;
        private int pasts;

        Build(FunctionBuilder f, Value lengths, boolean step) {
            this.f = f;
            this.lengths = lengths;
            this.step = step;
        }

        Function of(Value input) {
            String last = stack.results() == LayerStack.Results.VALUES ? "y" : "logits";
            int count = stack.layers().size();
            Value x = input;
            Value pooled = Value.ABSENT;
            for (int k = 0; k < count; k++) {
                Layer layer = stack.layers().get(k);
                x = layer(layer, k == count - 1 ? last : "layer" + k, x);
                pooled = layer instanceof Layer.Pool ? x : pooled;
            }
            switch (stack.results()) {
                case VALUES -> f.output(x);
                case TAGS -> {
                    f.output(x);
                    f.output(tags(x));
                }
                case CLASSES -> {
                    f.output(x);
                    f.output(f.add("probs", new Aggregation.Softmax(false), x, Value.ABSENT));
                    f.output(f.add("class", new Aggregation.ArgMax(-1), x));
                    if (!pooled.isAbsent()) {
                        f.output(pooled);
                    }
                }
            }
            return f.build();
        }

        private Value tags(Value logits) {
            if (step || lengths.isAbsent()) {
                return f.add("tags", new Aggregation.ArgMax(-1), logits);
            }
            Value best = f.add(new Aggregation.ArgMax(-1), logits);
            Value none = f.add(new Structure.Fill(ElementType.I64, -1, List.of()));
            return f.add("tags", new Elementwise.Where(), mask(logits), best, none);
        }

        /** Where steps of x belong to their rows: bool[B,T]. */
        private Value mask(Value x) {
            return f.add(new Structure.LengthMask(x.type().dim(1)), lengths);
        }

        private Value layer(Layer layer, String name, Value x) {
            return switch (layer) {
                case Layer.Embedding(String table, int rows, int columns) ->
                    f.add(name, new Structure.Gather(), f.weight(table, rows, columns), x);
                case Layer.Recurrent recurrent -> recurrent(recurrent, name, x);
                case Layer.Linear linear ->
                    f.add(
                            name,
                            new Contraction.Linear(),
                            x,
                            f.weight(linear.weight(), linear.outputSize(), linear.inputSize()),
                            RecurrentNodes.optional(f, linear.bias(), linear.outputSize()));
                case Layer.Conv1d conv -> conv(conv, name, x);
                case Layer.Context(int steps, int size) -> past(x, steps, size);
                case Layer.Pad(int before, int after, var mode) -> f.add(new Structure.Pad(1, before, after, mode), x);
                case Layer.Magnitude(int size) -> magnitude(name, x, size);
                case Layer.Activate(var activation) -> f.add(name, new Elementwise.Activate(activation), x);
                case Layer.PRelu(String slopes, int size) -> {
                    Value negative = binary(BinaryFunction.MINIMUM, x, fill(ElementType.F32, 0));
                    Value positive = binary(BinaryFunction.MAXIMUM, x, fill(ElementType.F32, 0));
                    yield f.add(
                            name,
                            new Elementwise.Binary(BinaryFunction.ADD),
                            positive,
                            f.times(negative, f.weight(slopes, size)));
                }
                case Layer.Scale(String scale, String shift, int size) ->
                    f.add(
                            name,
                            new Elementwise.Binary(BinaryFunction.ADD),
                            f.times(x, f.weight(scale, size)),
                            f.weight(shift, size));
                case Layer.LayerNorm norm ->
                    f.add(
                            name,
                            new Aggregation.LayerNorm(norm.epsilon()),
                            x,
                            RecurrentNodes.optional(f, norm.gain(), norm.size()),
                            RecurrentNodes.optional(f, norm.bias(), norm.size()));
                case Layer.Softmax(boolean log) -> f.add(name, new Aggregation.Softmax(log), x, Value.ABSENT);
                case Layer.Pool(var poolings) -> {
                    String result = stack.results() == LayerStack.Results.CLASSES ? "pooled" : name;
                    if (poolings.size() == 1) {
                        yield f.add(result, new Aggregation.PoolTime(poolings.getFirst()), x, lengths);
                    }
                    var parts = new ArrayList<Value>();
                    poolings.forEach(p -> parts.add(f.add(new Aggregation.PoolTime(p), x, lengths)));
                    yield f.add(result, new Structure.Concat(1), parts.toArray(Value[]::new));
                }
            };
        }

        private Value recurrent(Layer.Recurrent layer, String name, Value x) {
            var forward = new RecurrentNodes(f, layer.cell(), layer.forward(), states++);
            if (step) {
                Value h = forward.step(x);
                return name.equals("y") || name.equals("logits") ? named(name, h) : h;
            }
            if (layer.backward().isEmpty()) {
                return forward.sequence(name, x, lengths, false, false, stack.stateful());
            }
            var backward = new RecurrentNodes(f, layer.cell(), layer.backward().get(), states++);
            return f.add(
                    name,
                    new Structure.Concat(2),
                    forward.sequence(name + "_forward", x, lengths, false, false, stack.stateful()),
                    backward.sequence(name + "_backward", x, lengths, false, true, stack.stateful()));
        }

        /** The same value under another name. */
        private Value named(String name, Value x) {
            return f.add(name, new Structure.Reshape(x.type().dims()), x);
        }

        private Value conv(Layer.Conv1d conv, String name, Value x) {
            Value weight = f.weight(conv.weight(), conv.outputSize(), conv.kernel(), conv.inputSize() / conv.groups());
            Value bias = RecurrentNodes.optional(f, conv.bias(), conv.outputSize());
            if (step) {
                Value row = f.add(new Structure.Reshape(List.of(Dim.named("B"), Dim.ONE, Dim.of(conv.inputSize()))), x);
                Value y = f.add(op(conv, 0, 0), window(conv, row), weight, bias);
                return f.add(name, new Structure.Reshape(List.of(Dim.named("B"), Dim.of(conv.outputSize()))), y);
            }
            if (conv.causal() && stack.stateful()) {
                return f.add(name, op(conv, 0, 0), window(conv, x), weight, bias);
            }
            Value valid = lengths.isAbsent() || conv.reach() == 1 ? x : withoutPadding(x);
            Value y = f.add(name, op(conv, conv.before(), conv.after()), valid, weight, bias);
            shorten(conv);
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
            Value past = f.state("past" + pasts++, "B", steps, size);
            Value window = f.concat(1, past, x);
            f.next(past, f.slice(window, 1, x.type().dim(1), steps));
            return window;
        }

        private Value magnitude(String name, Value x, int size) {
            int axis = x.type().rank() - 1;
            Value real = f.slice(x, axis, 0, size);
            Value imaginary = f.slice(x, axis, size, size);
            Value power = f.plus(f.times(real, real), f.times(imaginary, imaginary));
            return f.add(name, new Elementwise.Unary(UnaryFunction.SQRT), power);
        }

        /** x with zeros beyond the length of each row, which a window would else see. */
        private Value withoutPadding(Value x) {
            Value mask = f.reshape(mask(x), "B", x.type().dim(1), 1);
            return f.add(new Elementwise.Where(), mask, x, fill(ElementType.F32, 0));
        }

        /** The lengths after a convolution: {@code (length + before + after - reach) / stride + 1}, at least 0. */
        private void shorten(Layer.Conv1d conv) {
            int change = conv.before() + conv.after() - conv.reach() + conv.stride();
            if (lengths.isAbsent() || change == 1 && conv.stride() == 1) {
                return;
            }
            // With stride S: floor(n / S) + 1 is (n + S) / S, whose dividend is not negative once it is cut at 0.
            Value sum = binary(BinaryFunction.ADD, lengths, fill(ElementType.I32, change));
            Value cut = binary(BinaryFunction.MAXIMUM, sum, fill(ElementType.I32, 0));
            lengths =
                    conv.stride() == 1 ? cut : binary(BinaryFunction.DIVIDE, cut, fill(ElementType.I32, conv.stride()));
        }

        private Value binary(BinaryFunction function, Value a, Value b) {
            return f.add(new Elementwise.Binary(function), a, b);
        }

        private Value fill(ElementType element, double value) {
            return f.add(new Structure.Fill(element, value, List.of()));
        }
    }
}
