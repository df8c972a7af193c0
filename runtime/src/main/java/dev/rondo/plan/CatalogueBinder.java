package dev.rondo.plan;

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
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Scan;
import dev.rondo.graph.State;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.Weights;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns a node into prepared steps: the one switch over the catalogue that says which kernel runs an operator. */
final class CatalogueBinder {
    private final Binder binder;
    private final Node node;
    private final Operand out;
    private final Kernels kernels;

    CatalogueBinder(Binder binder, Node node) {
        this.binder = binder;
        this.node = node;
        this.out = binder.operand(node.outputs().getFirst());
        this.kernels = binder.kernels;
    }

    void bind() {
        switch (node.op()) {
            case Elementwise op -> binder.add(ElementwiseSteps.bind(op, inputs(), out, kernels));
            case Structure op -> binder.add(structure(op));
            case Contraction op -> binder.add(contraction(op));
            case Aggregation op -> aggregation(op);
            case Recurrent op -> binder.add(new RecurrentBinder(binder).bind(op, node, null));
            case Scan scan -> binder.add(scan(scan));
            case Extension op -> binder.add(binder.extensions.bind(op, node, binder));
        }
    }

    private List<Operand> inputs() {
        return binder.inputs(node);
    }

    private Operand input(int i) {
        return binder.operand(node.inputs().get(i));
    }

    private Operand output(int i) {
        return binder.operand(node.outputs().get(i));
    }

    private Step structure(Structure op) {
        boolean table =
                op instanceof Structure.Gather && node.inputs().getFirst().isWeight();
        Operand first = table || node.inputs().isEmpty() ? null : input(0);
        return switch (op) {
            case Structure.Concat(int axis) -> new StructureSteps.Concat(axis, inputs(), out);
            case Structure.Slice slice -> new StructureSteps.Slice(slice, first, out, binder.sizes);
            case Structure.Reshape _ -> StructureSteps.copy(first, out);
            case Structure.Transpose(List<Integer> permutation) ->
                new StructureSteps.Transpose(permutation, first, out);
            case Structure.Expand _ -> StructureSteps.expand(first, out, kernels);
            case Structure.Pad pad -> new StructureSteps.Pad(pad, first, out);
            case Structure.Gather() -> gather();
            case Structure.Pick() -> new StructureSteps.Pick(first, input(1), out, binder.arena);
            case Structure.Fill(ElementType element, double value, var _) ->
                new StructureSteps.Fill(element, value, out);
            case Structure.Size(Dim dim, ElementType element) ->
                new StructureSteps.Size(dim, element, out, binder.sizes);
            case Structure.LengthMask _ -> new StructureSteps.LengthMask(first, out);
        };
    }

    private Step gather() {
        Value table = node.inputs().getFirst();
        if (table.isWeight() && table.type().element() == ElementType.F32) {
            return new StructureSteps.GatherWeights(
                    binder.constants.table(table.tensorName()), input(1), out, kernels, binder.arena);
        }
        return new StructureSteps.GatherDense(binder.operand(table), input(1), out, binder.arena);
    }

    private Step contraction(Contraction op) {
        return switch (op) {
            case Contraction.Linear() -> binder.linear(node);
            case Contraction.MatMul(boolean transposeB) ->
                input(1).isStill() && input(1).dims.length == 2
                        ? new ContractionSteps.LinearDense(input(0), input(1), null, !transposeB, out, binder)
                        : new ContractionSteps.MatMul(transposeB, input(0), input(1), out, binder);
            case Contraction.Conv1d conv ->
                new ContractionSteps.Conv1d(
                        conv,
                        input(0),
                        convolutionWeights(conv, node.inputs().get(1)),
                        (int) node.inputs().get(1).type().dim(1).fixed(),
                        input(2),
                        out,
                        kernels,
                        binder.arena);
        };
    }

    private List<Weights> convolutionWeights(Contraction.Conv1d conv, Value weight) {
        if (weight.isWeight() && conv.groups() == 1) {
            return List.of(binder.constants.panels(weight.tensorName()));
        }
        ValueType type = weight.type();
        int outputs = (int) type.dim(0).fixed() / conv.groups();
        int columns = (int) (type.dim(1).fixed() * type.dim(2).fixed());
        MemorySegment dense = binder.operand(weight).segment;
        long bytes = (long) outputs * columns * 4;
        var groups = new ArrayList<Weights>();
        for (int g = 0; g < conv.groups(); g++) {
            MemorySegment rows = dense.asSlice(g * bytes, bytes);
            groups.add(new Weights(rows, Encoding.F32, new Layout.Rows(), outputs, columns));
        }
        return groups;
    }

    private void aggregation(Aggregation op) {
        Operand x = input(0);
        switch (op) {
            case Aggregation.Reduce(var reduction, int axis, boolean _) ->
                binder.add(new AggregationSteps.Reduce(reduction, axis, x, out, kernels));
            case Aggregation.ArgMax(int axis) ->
                binder.add(new AggregationSteps.Largest(
                        null, lastAxis(x, axis < 0 ? axis + x.dims.length : axis), null, out, kernels));
            case Aggregation.TopK(int _, var normalisation) ->
                binder.add(new AggregationSteps.Largest(normalisation, x, out, output(1), kernels));
            case Aggregation.Attention(float scale) -> attention(scale, inputs(), out, output(1));
            case Aggregation.Softmax(boolean log) ->
                binder.add(AggregationSteps.softmax(log, x, input(1), out, kernels));
            case Aggregation.LayerNorm(float epsilon) ->
                binder.add(new AggregationSteps.LayerNorm(epsilon, x, input(1), input(2), out, kernels));
            case Aggregation.PoolTime(var pooling) ->
                binder.add(new AggregationSteps.Pool(pooling, x, input(1), 0, 0, out, kernels));
            case Aggregation.PoolWindow(var pooling, int size, int stride) ->
                binder.add(new AggregationSteps.Pool(pooling, x, null, size, stride, out, kernels));
        }
    }

    /** Scores, which a cache holds, become weights in place: so keys and values are read once. */
    private void attention(float scale, List<Operand> in, Operand out, Operand weights) {
        Operand vector = in.get(3);
        Operand mask = in.get(4);
        binder.add(
                vector == null
                        ? new ContractionSteps.MatMul(true, in.get(0), in.get(1), weights, binder)
                        : AggregationSteps.additiveScores(in.get(0), in.get(1), vector, mask, weights, kernels));
        if (scale != 1) {
            var scaled = new Elementwise.Activate(new Activation(Activation.Kind.AFFINE, scale, 0));
            binder.add(ElementwiseSteps.bind(scaled, List.of(weights), weights, kernels));
        }
        binder.add(AggregationSteps.softmax(false, weights, mask, weights, kernels));
        binder.add(new ContractionSteps.MatMul(false, weights, in.get(2), out, binder));
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
        Operand moved = binder.scratch(x.name + " transposed", x.type.withDims(dims));
        binder.add(new Step() {
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

    private Step scan(Scan scan) {
        var body = scan.body();
        Sizes inner = new Sizes.Inner(scan.bindings(node.inputs()), binder.sizes);
        Map<String, Operand> given = new HashMap<>();
        var stackedInputs = new ArrayList<ScanStep.Stacked>();
        for (int i = 0; i < body.inputs().size(); i++) {
            Value input = body.inputs().get(i);
            Operand outside = input(i);
            if (scan.isSequence(i)) {
                Operand step = Operand.allocate(input, binder.arena, inner);
                stackedInputs.add(new ScanStep.Stacked(outside, step));
                given.put(input.name(), step);
            } else {
                given.put(input.name(), new Operand(input, outside.segment, inner, true));
            }
        }
        var initials = new ArrayList<ScanStep.Initial>();
        int result = body.outputs().size();
        for (int s = 0; s < body.states().size(); s++) {
            State state = body.states().get(s);
            boolean still = !state.isReplaced();
            MemorySegment memory =
                    still ? Operand.allocate(state.value(), binder.arena, inner).segment : output(result++).segment;
            Operand home = new Operand(state.value(), memory, inner, still);
            given.put(state.value().name(), home);
            initials.add(new ScanStep.Initial(input(body.inputs().size() + s), home));
        }
        Plan plan = Planner.plan(body, binder.constants, inner, kernels, binder.extensions, binder.arena, given);
        var stackedOutputs = new ArrayList<ScanStep.Stacked>();
        for (int i = 0; i < body.outputs().size(); i++) {
            stackedOutputs.add(new ScanStep.Stacked(
                    output(i), plan.outputs().get(body.outputs().get(i).name())));
        }
        Operand lengths = input(node.inputs().size() - 1);
        return new ScanStep(
                scan,
                plan,
                stackedInputs,
                stackedOutputs,
                initials,
                lengths,
                node.outputs().getFirst().name());
    }
}
