package dev.rondo.plan;

import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Extension;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Scan;
import dev.rondo.graph.State;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns nodes into prepared steps: the one switch over the catalogue that says which kernel runs an operator. Public for
 * {@link ExtensionSteps}, which take their operands from it.
 */
public final class Binder {
    final Constants constants;
    final Sizes sizes;
    final Kernels kernels;
    final Arena arena;
    private final ExtensionSteps extensions;
    private final Map<String, Operand> operands;
    private final List<Step> steps = new ArrayList<>();

    /** @param operands where every value of the function lives, by name; grows by weights that are used densely */
    Binder(
            Constants constants,
            Sizes sizes,
            Kernels kernels,
            ExtensionSteps extensions,
            Arena arena,
            Map<String, Operand> operands) {
        this.extensions = extensions;
        this.constants = constants;
        this.sizes = sizes;
        this.kernels = kernels;
        this.arena = arena;
        this.operands = operands;
    }

    /** The arithmetic of the plan. */
    public Kernels kernels() {
        return kernels;
    }

    /** Owns the plan's memory. */
    public Arena arena() {
        return arena;
    }

    /** The sizes that the plan's names have. */
    public Sizes sizes() {
        return sizes;
    }

    /** The steps bound since the last call. */
    List<Step> take() {
        List<Step> taken = List.copyOf(steps);
        steps.clear();
        return taken;
    }

    /** Where a value lives; null when it is absent. */
    public Operand operand(Value value) {
        if (value.isAbsent()) {
            return null;
        }
        Operand known = operands.get(value.name());
        if (known == null) {
            known = new Operand(value, constants.dense(value.tensorName()), sizes);
            operands.put(value.name(), known);
        }
        return known;
    }

    /** A buffer that one node needs for itself. */
    public Operand scratch(String name, ValueType type) {
        return Operand.allocate(new Value(name, type), arena, sizes);
    }

    /** The largest size of a dimension of an operand, whose memory is laid out. */
    public int capacity(Dim dim) {
        return Math.clamp(sizes.capacity(dim), 0, Integer.MAX_VALUE);
    }

    void bind(Node node) {
        Operand out = operand(node.outputs().getFirst());
        // What most models consist of comes before the first switch over patterns, which costs a young JVM ten milliseconds.
        if (node.op() instanceof Recurrent op) {
            steps.add(new RecurrentBinder(this).bind(op, node, null));
        } else if (node.op() instanceof Contraction.Linear) {
            steps.add(linear(node, out));
        } else {
            bind(node.op(), node, out);
        }
    }

    private void bind(Op any, Node node, Operand out) {
        switch (any) {
            case Elementwise op -> steps.add(ElementwiseSteps.bind(op, inputs(node), out, kernels));
            case Structure op -> steps.add(structure(op, node, out));
            case Contraction op -> steps.add(contraction(op, node, out));
            case Aggregation op -> aggregation(op, node, out);
            case Recurrent op -> steps.add(new RecurrentBinder(this).bind(op, node, null));
            case Scan scan -> steps.add(scan(scan, node));
            case Extension op -> steps.add(extensions.bind(op, node, this));
        }
    }

    private Step linear(Node node, Operand out) {
        Value weight = node.inputs().get(1);
        return weight.isWeight()
                ? new ContractionSteps.Linear(
                        input(node, 0), constants.weights(weight.tensorName(), 1), input(node, 2), out, this)
                : new ContractionSteps.LinearDense(input(node, 0), operand(weight), input(node, 2), out, this);
    }

    /** Binds a recurrent node whose input is an embedding that is folded into its weights. */
    void bindFolded(Recurrent op, Node node, Node gather) {
        steps.add(new RecurrentBinder(this).bind(op, node, gather));
    }

    /** Binds elementwise nodes that only feed each other as one step. */
    void bindChain(List<Node> chain) {
        steps.add(new ChainStep(chain, this));
    }

    private List<Operand> inputs(Node node) {
        var inputs = new ArrayList<Operand>();
        for (Value input : node.inputs()) {
            inputs.add(operand(input));
        }
        return inputs;
    }

    private Operand input(Node node, int i) {
        return operand(node.inputs().get(i));
    }

    private Step structure(Structure op, Node node, Operand out) {
        boolean table =
                op instanceof Structure.Gather && node.inputs().getFirst().isWeight();
        Operand first = table || node.inputs().isEmpty() ? null : input(node, 0);
        return switch (op) {
            case Structure.Concat(int axis) -> new StructureSteps.Concat(axis, inputs(node), out);
            case Structure.Slice slice -> new StructureSteps.Slice(slice, first, out, sizes);
            case Structure.Reshape _ -> StructureSteps.copy(first, out);
            case Structure.Transpose(List<Integer> permutation) ->
                new StructureSteps.Transpose(permutation, first, out);
            case Structure.Expand _ -> StructureSteps.expand(first, out, kernels);
            case Structure.Pad pad -> new StructureSteps.Pad(pad, first, out);
            case Structure.Gather() -> gather(node, out);
            case Structure.Pick() -> new StructureSteps.Pick(first, input(node, 1), out, arena);
            case Structure.Fill(ElementType element, double value, var _) ->
                new StructureSteps.Fill(element, value, out);
            case Structure.Size(Dim dim, ElementType element) -> new StructureSteps.Size(dim, element, out, sizes);
            case Structure.LengthMask _ -> new StructureSteps.LengthMask(first, out);
        };
    }

    private Step gather(Node node, Operand out) {
        Value table = node.inputs().getFirst();
        if (table.isWeight() && table.type().element() == ElementType.F32) {
            return new StructureSteps.GatherWeights(
                    constants.table(table.tensorName()), input(node, 1), out, kernels, arena);
        }
        return new StructureSteps.GatherDense(operand(table), input(node, 1), out, arena);
    }

    private Step contraction(Contraction op, Node node, Operand out) {
        return switch (op) {
            case Contraction.Linear() -> linear(node, out);
            case Contraction.MatMul(boolean transposeB) ->
                new ContractionSteps.MatMul(transposeB, input(node, 0), input(node, 1), out, this);
            case Contraction.Conv1d conv ->
                new ContractionSteps.Conv1d(
                        conv,
                        input(node, 0),
                        convolutionWeights(conv, node.inputs().get(1)),
                        (int) node.inputs().get(1).type().dim(1).fixed(),
                        input(node, 2),
                        out,
                        kernels,
                        arena);
        };
    }

    private List<Weights> convolutionWeights(Contraction.Conv1d conv, Value weight) {
        if (weight.isWeight() && conv.groups() == 1) {
            return List.of(constants.weights(weight.tensorName(), 1));
        }
        ValueType type = weight.type();
        int outputs = (int) type.dim(0).fixed() / conv.groups();
        int columns = (int) (type.dim(1).fixed() * type.dim(2).fixed());
        MemorySegment dense = operand(weight).segment;
        long bytes = (long) outputs * columns * 4;
        var groups = new ArrayList<Weights>();
        for (int g = 0; g < conv.groups(); g++) {
            MemorySegment rows = dense.asSlice(g * bytes, bytes);
            groups.add(new Weights(rows, Encoding.F32, new Layout.Rows(), outputs, columns));
        }
        return groups;
    }

    private void aggregation(Aggregation op, Node node, Operand out) {
        Operand x = input(node, 0);
        switch (op) {
            case Aggregation.Reduce(var reduction, int axis, boolean _) ->
                steps.add(new AggregationSteps.Reduce(reduction, axis, x, out, kernels));
            case Aggregation.ArgMax(int axis) ->
                steps.add(new AggregationSteps.Largest(
                        null, lastAxis(x, axis < 0 ? axis + x.dims.length : axis), null, out, kernels));
            case Aggregation.TopK(int _, var normalisation) ->
                steps.add(new AggregationSteps.Largest(
                        normalisation, x, out, operand(node.outputs().get(1)), kernels));
            case Aggregation.Attention(float scale) ->
                attention(scale, inputs(node), out, operand(node.outputs().get(1)));
            case Aggregation.Softmax(boolean log) ->
                steps.add(AggregationSteps.softmax(log, x, input(node, 1), out, kernels));
            case Aggregation.LayerNorm(float epsilon) ->
                steps.add(new AggregationSteps.LayerNorm(epsilon, x, input(node, 1), input(node, 2), out, kernels));
            case Aggregation.PoolTime(var pooling) ->
                steps.add(new AggregationSteps.Pool(pooling, x, input(node, 1), 0, 0, out, kernels));
            case Aggregation.PoolWindow(var pooling, int size, int stride) ->
                steps.add(new AggregationSteps.Pool(pooling, x, null, size, stride, out, kernels));
        }
    }

    /** Scores, which a cache holds, become weights in place: so keys and values are read once. */
    private void attention(float scale, List<Operand> in, Operand out, Operand weights) {
        Operand vector = in.get(3);
        Operand mask = in.get(4);
        steps.add(
                vector == null
                        ? new ContractionSteps.MatMul(true, in.get(0), in.get(1), weights, this)
                        : AggregationSteps.additiveScores(in.get(0), in.get(1), vector, mask, weights, kernels));
        if (scale != 1) {
            var scaled = new Elementwise.Activate(new Activation(Activation.Kind.AFFINE, scale, 0));
            steps.add(ElementwiseSteps.bind(scaled, List.of(weights), weights, kernels));
        }
        steps.add(AggregationSteps.softmax(false, weights, mask, weights, kernels));
        steps.add(new ContractionSteps.MatMul(false, weights, in.get(2), out, this));
    }

    /** The operand with an axis moved to the end, by one more step when it is not there already. */
    private Operand lastAxis(Operand x, int axis) {
        if (axis == x.dims.length - 1) {
            return x;
        }
        var permutation = new ArrayList<Integer>();
        var dims = new ArrayList<Dim>();
        for (int i = 0; i < x.dims.length; i++) {
            int from = i == x.dims.length - 1 ? axis : i < axis ? i : i + 1;
            permutation.add(from);
            dims.add(x.type.dim(from));
        }
        Operand moved = scratch(x.name + " transposed", x.type.withDims(dims));
        steps.add(new Step() {
            private final Step transpose = new StructureSteps.Transpose(permutation, x, moved);

            @Override
            public void resize() {
                moved.resize();
                transpose.resize();
            }

            @Override
            public void run() {
                transpose.run();
            }
        });
        return moved;
    }

    private Step scan(Scan scan, Node node) {
        var body = scan.body();
        Sizes inner = new Sizes.Inner(scan.bindings(node.inputs()), sizes);
        Map<String, Operand> given = new HashMap<>();
        var stackedInputs = new ArrayList<ScanStep.Stacked>();
        for (int i = 0; i < body.inputs().size(); i++) {
            Value input = body.inputs().get(i);
            Operand outside = input(node, i);
            if (scan.isSequence(i)) {
                Operand step = Operand.allocate(input, arena, inner);
                stackedInputs.add(new ScanStep.Stacked(outside, step));
                given.put(input.name(), step);
            } else {
                given.put(input.name(), new Operand(input, outside.segment, inner));
            }
        }
        var initials = new ArrayList<ScanStep.Initial>();
        int result = body.outputs().size();
        for (int s = 0; s < body.states().size(); s++) {
            State state = body.states().get(s);
            Operand home = state.isReplaced()
                    ? new Operand(state.value(), operand(node.outputs().get(result++)).segment, inner)
                    : Operand.allocate(state.value(), arena, inner);
            given.put(state.value().name(), home);
            initials.add(new ScanStep.Initial(input(node, body.inputs().size() + s), home));
        }
        Plan plan = Planner.plan(body, constants, inner, kernels, extensions, arena, given);
        var stackedOutputs = new ArrayList<ScanStep.Stacked>();
        for (int i = 0; i < body.outputs().size(); i++) {
            stackedOutputs.add(new ScanStep.Stacked(
                    operand(node.outputs().get(i)),
                    plan.outputs().get(body.outputs().get(i).name())));
        }
        Operand lengths = input(node, node.inputs().size() - 1);
        return new ScanStep(
                scan,
                plan,
                stackedInputs,
                stackedOutputs,
                initials,
                lengths,
                node.outputs().getFirst().name());
    }

    /** An error about a node that this build cannot run. */
    public static ShapeException unsupported(Node node, String rule, String got) {
        return new ShapeException(
                "node " + node.outputs().getFirst().name() + " " + node.op().name(),
                rule,
                got,
                "give the weights fixed sizes");
    }
}
