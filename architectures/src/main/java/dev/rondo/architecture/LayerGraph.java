package dev.rondo.architecture;

import dev.rondo.architecture.training.Training;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.List;
import java.util.Optional;

/**
 * The functions of a {@link LayerStack}. What reads a stack's input is {@code tokens: i32[B,T]} (with characters also
 * {@code characters: i32[B,T,C]} and {@code character_lengths: i32[B,T]}, which are at least 1), {@code x: f32[B,T,I]}, or
 * without time {@code x: f32[B,I]}; where rows have lengths, {@code lengths: i32[B]}.
 *
 * <p>In use they share the states: {@code h0, h1, ...} f32[B,P] of the recurrent layers,
 * counted over layers and, within a layer, over its directions (forward, backward); {@code c0, c1, ...} f32[B,H] of
 * those that are LSTMs; {@code past0, ...} f32[B,n,I], the last inputs of causal convolutions and contexts. All are
 * zero at first. In training each row begins with zero.
 */
public final class LayerGraph {
    public static final String STEP = "step";
    public static final String SEQUENCE = "sequence";
    /** Takes the place of {@link #SEQUENCE} where there is no time. */
    public static final String PREDICT = "predict";

    public static final String TRAINING = "training";
    public static final String EVALUATION = "evaluation";
    public static final String STATISTICS = "statistics";

    private final LayerStack stack;

    public LayerGraph(LayerStack stack) {
        this.stack = stack;
    }

    /** What a file holds: {@link #sequence()}, and {@link #step()} if the stack can run step by step. */
    public List<Function> functions() {
        return stack.isStepwise() ? List.of(sequence(), step()) : List.of(sequence());
    }

    /** Whole rows: a row's results are those of the row alone, without what stands behind its length. */
    public Function sequence() {
        FunctionBuilder f = Function.builder(stack.hasTime() ? SEQUENCE : PREDICT);
        Rows rows = rows(f, stack.hasLengths());
        LayerNodes nodes = LayerNodes.sequence(f, rows.lengths, stack.stateful());
        results(f, nodes, layers(nodes, rows), false);
        return f.build();
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
        LayerNodes nodes = LayerNodes.step(f);
        results(f, nodes, layers(nodes, new Rows(x, Value.ABSENT, Value.ABSENT, Value.ABSENT)), true);
        return f.build();
    }

    /**
     * {@code training(..., targets, weights: f32[B], seed: i64[]) -> loss f32[], count f32[]}: the sum of the losses of all
     * targets (of a random field, of all rows), each times the weight of its row, and the sum of those weights. Targets are i32[B] of classes, i32[B,T] of
     * tags, f32[B,(T,)n] of values; what lies beyond a length does not count but is a valid id. Tags with weights also have the input {@code
     * class_weights: f32[K]}. A language model's are i32[B,T] and
     * have neither lengths nor weights: its rows are streams, whose states go on from call to call.
     *
     * @throws IllegalArgumentException when the objective is not one of such results
     */
    public Function training(Objective objective) {
        FunctionBuilder f = Function.builder(TRAINING);
        if (stack.results() == LayerStack.Results.NEXT) {
            Value each = nextLosses(f, objective, true);
            f.output(total(f, "loss", each));
            f.output(f.add("count", new Structure.Size(Dim.named("B").times(Dim.named("T")), ElementType.F32)));
            return f.build();
        }
        Rows rows = rows(f, stack.hasTime());
        Value targets = targets(f);
        Value weights = f.input("weights", ElementType.F32, "B");
        LayerNodes nodes = LayerNodes.training(f, rows.lengths, f.input("seed", ElementType.I64));
        Value y = layers(nodes, rows).last;
        Value losses = losses(f, nodes, objective, y, targets);
        Value shares = shares(f, nodes, losses, weights);
        if (objective instanceof Objective.CrossEntropy(var _, boolean weighted) && weighted) {
            shares = f.times(shares, classWeights(f, targets));
        }
        f.output(total(f, "loss", f.times(losses, shares)));
        f.output(total(f, "count", shares));
        return f.build();
    }

    /**
     * {@code evaluation(..., targets) -> losses}, f32[B] of classes and of a random field, else with the dimensions of the targets, 0 beyond a
     * length; and the outputs that the file's function has. Without dropout, with the statistics of the weights.
     */
    public Function evaluation(Objective objective) {
        FunctionBuilder f = Function.builder(EVALUATION);
        if (stack.results() == LayerStack.Results.NEXT) {
            f.output(f.add(
                    "losses",
                    new Structure.Reshape(List.of(Dim.named("B"), Dim.named("T"))),
                    nextLosses(f, objective, false)));
            return f.build();
        }
        Rows rows = rows(f, stack.hasTime());
        Value targets = targets(f);
        LayerNodes nodes = LayerNodes.sequence(f, rows.lengths, false);
        Made made = layers(nodes, rows);
        Value losses = losses(f, nodes, objective, made.last, targets);
        Value ones = f.add(new Structure.Fill(ElementType.F32, 1, List.of(Dim.named("B"))));
        f.output(f.add(
                "losses", new Elementwise.Binary(BinaryFunction.MULTIPLY), losses, shares(f, nodes, losses, ones)));
        results(f, nodes, made, false);
        return f.build();
    }

    /** The loss of each next token i32[B,T] of streams that go on where the call before ended: their states are kept. */
    private Value nextLosses(FunctionBuilder f, Objective objective, boolean training) {
        Rows rows = rows(f, false);
        Value targets = targets(f);
        LayerNodes nodes = training
                ? LayerNodes.streams(f, f.input("seed", ElementType.I64))
                : LayerNodes.sequence(f, Value.ABSENT, true);
        return losses(f, nodes, objective, layers(nodes, rows).last, targets);
    }

    /**
     * {@code statistics(...)}: mean and variance of the batch for each batch normalisation, under the names of the weights
     * that take their place in use; without dropout. Empty where there is none.
     */
    public Optional<Function> statistics() {
        FunctionBuilder f = Function.builder(STATISTICS);
        Rows rows = rows(f, stack.hasTime());
        LayerNodes nodes = LayerNodes.training(f, rows.lengths, Value.ABSENT);
        layers(nodes, rows);
        nodes.statistics()
                .forEach((name, value) ->
                        f.output(f.add(name, new Structure.Reshape(value.type().dims()), value)));
        return nodes.statistics().isEmpty() ? Optional.empty() : Optional.of(f.build());
    }

    /** What a function of whole rows reads. */
    private record Rows(Value x, Value characters, Value characterLengths, Value lengths) {}

    /** What it makes: the values of the last layer, and of the last pooling or absent. */
    private record Made(Value last, Value pooled) {}

    private Rows rows(FunctionBuilder f, boolean withLengths) {
        Value x;
        if (!stack.hasTime()) {
            x = f.input("x", ElementType.F32, "B", stack.inputSize());
        } else if (stack.takesTokens()) {
            x = f.input("tokens", ElementType.I32, "B", "T");
        } else {
            x = f.input("x", ElementType.F32, "B", "T", stack.inputSize());
        }
        Value lengths = withLengths ? f.input("lengths", ElementType.I32, "B") : Value.ABSENT;
        if (!stack.spells()) {
            return new Rows(x, Value.ABSENT, Value.ABSENT, lengths);
        }
        Value characters = f.input("characters", ElementType.I32, "B", "T", "C");
        return new Rows(x, characters, f.input("character_lengths", ElementType.I32, "B", "T"), lengths);
    }

    private Value targets(FunctionBuilder f) {
        return switch (stack.results()) {
            case CLASSES -> f.input("targets", ElementType.I32, "B");
            case TAGS, NEXT -> f.input("targets", ElementType.I32, "B", "T");
            case VALUES -> {
                int size = stack.outputSize();
                yield stack.outputSteps()
                        .map(steps -> f.input("targets", ElementType.F32, "B", steps, size))
                        .orElseGet(() -> f.input("targets", ElementType.F32, "B", size));
            }
        };
    }

    private Made layers(LayerNodes nodes, Rows rows) {
        String last = stack.results() == LayerStack.Results.VALUES ? "y" : "logits";
        int count = stack.layers().size();
        Value x = rows.x;
        Value pooled = Value.ABSENT;
        int pooling = stack.lastPooling();
        for (int k = 0; k < count; k++) {
            Layer layer = stack.layers().get(k);
            boolean pools = k == pooling && k < count - 1;
            String name = k == count - 1 ? last : "layer" + k;
            if (pools && stack.results() == LayerStack.Results.CLASSES) {
                name = "pooled";
            }
            x = layer instanceof Layer.SpelledWords words
                    ? nodes.spelled(words, x, rows.characters, rows.characterLengths)
                    : nodes.of(layer, name, x);
            pooled = pools ? x : pooled;
        }
        if (stack.results() == LayerStack.Results.TAGS
                && x.type().rank() == 3
                && !x.type().dim(1).equals(rows.x.type().dim(1))) {
            throw new InputException(
                    "network",
                    "gives something for each of T tokens, as tags want",
                    x.type().dim(1) + " steps",
                    "leave out downsampling and strides, and let convolutions keep the length (no 'valid')");
        }
        return new Made(x, pooled);
    }

    private void results(FunctionBuilder f, LayerNodes nodes, Made made, boolean step) {
        Value x = made.last;
        f.output(x);
        switch (stack.results()) {
            case VALUES, NEXT -> {}
            case TAGS -> f.output(tags(f, nodes, x, step));
            case CLASSES -> {
                f.output(f.add("probs", new Aggregation.Softmax(false), x, Value.ABSENT));
                f.output(f.add("class", new Aggregation.ArgMax(-1), x));
                if (!made.pooled.isAbsent()) {
                    f.output(made.pooled);
                }
            }
        }
    }

    private static Value tags(FunctionBuilder f, LayerNodes nodes, Value logits, boolean step) {
        if (step || nodes.lengths().isAbsent()) {
            return f.add("tags", new Aggregation.ArgMax(-1), logits);
        }
        Value best = f.add(new Aggregation.ArgMax(-1), logits);
        Value none = f.add(new Structure.Fill(ElementType.I64, -1, List.of()));
        return f.add("tags", new Elementwise.Where(), nodes.mask(logits), best, none);
    }

    /** The loss of each target, of those beyond a length too. */
    private Value losses(FunctionBuilder f, LayerNodes nodes, Objective objective, Value y, Value targets) {
        boolean numbers = stack.results() == LayerStack.Results.VALUES;
        return switch (objective) {
            case Objective.CrossEntropy(double smoothing, var _)
            when !numbers -> f.add(new Training.CrossEntropy((float) smoothing), y, targets);
            case Objective.SquaredError()
            when numbers -> {
                Value error = f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), y, targets);
                yield f.times(error, error);
            }
            case Objective.AbsoluteError()
            when numbers ->
                f.add(
                        new Elementwise.Unary(UnaryFunction.ABS),
                        f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), y, targets));
            case Objective.RandomField(var losses)
            when stack.results() == LayerStack.Results.TAGS -> losses.of(f, y, targets, nodes.lengths());
            case Objective.CrossEntropy _,
                    Objective.RandomField _,
                    Objective.SquaredError _,
                    Objective.AbsoluteError _ ->
                throw new IllegalArgumentException(objective + " of " + stack.results());
        };
    }

    /** How much each loss counts: the weight of its row, 0 beyond its length. */
    private static Value shares(FunctionBuilder f, LayerNodes nodes, Value losses, Value weights) {
        List<Dim> dims = losses.type().dims();
        if (dims.size() == 1) {
            return weights;
        }
        boolean steps = !nodes.lengths().isAbsent() && dims.get(1).mentions("T");
        Value shares = f.reshape(weights, dims.size() == 2 ? new Object[] {"B", 1} : new Object[] {"B", 1, 1});
        if (steps) {
            Value zero = f.add(new Structure.Fill(ElementType.F32, 0, List.of()));
            Value mask = nodes.mask(losses);
            Value placed = dims.size() == 2 ? mask : f.reshape(mask, "B", dims.get(1), 1);
            shares = f.add(new Elementwise.Where(), placed, shares, zero);
        }
        return f.add(new Structure.Expand(dims), shares);
    }

    /** The weight of each tag, f32[B,T]. */
    private Value classWeights(FunctionBuilder f, Value tags) {
        if (stack.results() != LayerStack.Results.TAGS) {
            throw new IllegalArgumentException("weights of tags for " + stack.results());
        }
        Value weights = f.input("class_weights", ElementType.F32, stack.outputSize());
        return f.reshape(f.gather(f.reshape(weights, stack.outputSize(), 1), tags), "B", "T");
    }

    private static Value total(FunctionBuilder f, String name, Value x) {
        Value sum = x;
        var reduce = new Aggregation.Reduce(Reduction.SUM, -1, false);
        while (sum.type().rank() > 1) {
            sum = f.add(reduce, sum);
        }
        return f.add(name, reduce, sum);
    }
}
