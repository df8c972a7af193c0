package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** Layers that make one value of several. */
final class MergeLayers {
    private static final double TINY = 1e-12;

    private MergeLayers() {}

    /** Add, Subtract, Multiply, Average, Maximum, Minimum. */
    static List<Masked> merge(Graph g, Use use, BinaryFunction function, boolean average) {
        LayerConfig config = use.config();
        List<Masked> inputs = use.inputs();
        boolean two = function == BinaryFunction.SUBTRACT;
        if (inputs.size() < 2 || two && inputs.size() > 2) {
            throw config.refused(two ? "takes two inputs" : "takes several inputs", inputs.size() + " of them");
        }
        Value y = inputs.getFirst().value();
        for (Masked next : inputs.subList(1, inputs.size())) {
            if (next.value().type().rank() != y.type().rank()) {
                throw config.refused(
                        "merges values of equal rank",
                        y.type() + " and " + next.value().type());
            }
            y = g.binary(function, y, next.value());
        }
        if (average) {
            y = g.binary(BinaryFunction.MULTIPLY, y, g.scalar(1.0 / inputs.size()));
        }
        return List.of(new Masked(y, mergedMask(g, inputs)));
    }

    /** Masked where all inputs are; in Keras 2 where any is. Not at all where an input has no mask. */
    private static Value mergedMask(Graph g, List<Masked> inputs) {
        if (!inputs.stream().allMatch(Masked::isMasked)) {
            return Value.ABSENT;
        }
        Value mask = inputs.getFirst().mask();
        for (Masked next : inputs.subList(1, inputs.size())) {
            mask = combine(g, mask, next.mask());
        }
        return mask;
    }

    private static Value combine(Graph g, Value a, Value b) {
        return a.equals(b) ? a : g.binary(g.keras2() ? BinaryFunction.AND : BinaryFunction.OR, a, b);
    }

    static List<Masked> concatenate(Graph g, Use use) {
        LayerConfig config = use.config();
        List<Masked> inputs = use.inputs();
        List<Integer> axes = config.raw("axis").isMissingNode() ? List.of(-1) : config.numbers("axis");
        if (inputs.isEmpty() || axes.size() != 1) {
            throw config.refused("joins inputs along one axis", inputs.size() + " inputs, axes " + axes);
        }
        int rank = inputs.getFirst().value().type().rank();
        int axis = axes.getFirst() < 0 ? axes.getFirst() + rank : axes.getFirst();
        if (axis < 0 || axis >= rank) {
            throw config.error("axis", "is one of " + inputs.getFirst().value().type(), axes.toString());
        }
        Value[] values = inputs.stream().map(Masked::value).toArray(Value[]::new);
        return List.of(new Masked(g.add(new Structure.Concat(axis), values), joinedMask(g, config, inputs, axis)));
    }

    private static Value joinedMask(Graph g, LayerConfig config, List<Masked> inputs, int axis) {
        if (inputs.stream().noneMatch(Masked::isMasked)) {
            return Value.ABSENT;
        }
        if (inputs.getFirst().value().type().rank() < 3) {
            throw config.refused("joins masked sequences [B,T,features]", "values of lower rank with a mask");
        }
        var masks = new ArrayList<Value>();
        for (Masked input : inputs) {
            Value x = input.value();
            masks.add(
                    input.isMasked()
                            ? input.mask()
                            : g.fill(
                                    ElementType.BOOL,
                                    1,
                                    x.type().dim(0),
                                    x.type().dim(1)));
        }
        if (axis < 2) {
            return g.add(new Structure.Concat(axis), masks.toArray(Value[]::new));
        }
        Value mask = masks.getFirst();
        for (Value next : masks.subList(1, masks.size())) {
            mask = combine(g, mask, next);
        }
        return mask;
    }

    /** Sums of products along an axis of each, row by row of the batch. */
    static List<Masked> dot(Graph g, Use use) {
        LayerConfig config = use.config();
        List<Masked> inputs = use.inputs();
        if (inputs.size() != 2) {
            throw config.refused("takes two inputs", inputs.size() + " of them");
        }
        List<Integer> axes = config.numbers("axes");
        boolean normalize = config.flag("normalize", false);
        Value a = contractionLast(g, config, inputs.get(0).value(), axes.getFirst(), normalize);
        Value b = contractionLast(g, config, inputs.get(1).value(), axes.getLast(), normalize);
        Value y = g.add(new Contraction.MatMul(true), a, b);
        var dims = new ArrayList<>(List.of(y.type().dim(0)));
        if (inputs.get(0).value().type().rank() == 3) {
            dims.add(y.type().dim(1));
        }
        if (inputs.get(1).value().type().rank() == 3) {
            dims.add(y.type().dim(2));
        }
        if (dims.size() == 1) {
            dims.add(Dim.ONE);
        }
        return List.of(Masked.of(g.reshape(y, dims)));
    }

    /** As [B,M,K] with the axis to sum over last. */
    private static Value contractionLast(Graph g, LayerConfig config, Value x, int axis, boolean normalize) {
        int rank = x.type().rank();
        int along = axis < 0 ? axis + rank : axis;
        if (rank < 2 || rank > 3 || along < 1 || along >= rank) {
            throw config.error("axes", "is an axis of [B,K] or [B,M,K] but the first", axis + " of " + x.type());
        }
        Value y = along == rank - 1 ? x : g.transpose(x, 0, 2, 1);
        y = rank == 2 ? g.expandDims(y, 1) : y;
        if (!normalize) {
            return y;
        }
        Value squares = g.add(new Aggregation.Reduce(Reduction.SUM, -1, true), g.binary(BinaryFunction.MULTIPLY, y, y));
        Value length = g.unary(UnaryFunction.SQRT, g.binary(BinaryFunction.MAXIMUM, squares, g.scalar(TINY)));
        return g.binary(BinaryFunction.DIVIDE, y, length);
    }

    /** What a call of an operation of {@code keras.ops} names as its operand: a tensor or a number. */
    static Value operand(Graph g, Use use, Argument argument, ElementType element) {
        if (argument instanceof Argument.Tensor tensor) {
            return use.resolve().apply(tensor).value();
        }
        if (argument instanceof Argument.Literal(JsonNode value) && value.isNumber()) {
            double number = value.doubleValue();
            return g.fill(element, element == ElementType.F32 ? (float) number : number);
        }
        throw use.config().refused("computes with tensors and numbers", argument.toString());
    }
}
