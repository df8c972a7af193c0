package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Operations of {@code keras.ops} that stand between layers: arithmetic on tensors, indexing, and what Keras itself
 * adds to make masks. They drop masks.
 */
final class Operations {
    private Operations() {}

    /** Whether a call of a class that is both a layer and an operation can only be the operation's. */
    static boolean isOperation(LayerSpec spec, LayerSpec.Call call) {
        return spec.operation() || call.arguments().size() > 1 && isArithmetic(spec.className());
    }

    private static boolean isArithmetic(String className) {
        return switch (className) {
            case "Add", "Subtract", "Multiply", "Maximum", "Minimum" -> true;
            default -> false;
        };
    }

    /** Whether a class is of an operation only, so that old files, which do not say, are understood. */
    static boolean isKnown(String className) {
        return switch (className) {
            case "NotEqual", "Equal", "Greater", "GreaterEqual", "Less", "LessEqual" -> true;
            case "LogicalOr", "LogicalAnd", "LogicalNot", "Any", "ExpandDims", "Squeeze", "GetItem" -> true;
            case "ZerosLike", "OnesLike", "Divide", "TrueDivide", "Power", "Negative", "Absolute", "Exp", "Log" -> true;
            case "Sqrt", "Square", "Tanh", "Sigmoid", "Relu", "Mean", "Sum", "Max", "Min", "ConvertToTensor" -> true;
            default -> false;
        };
    }

    static List<Masked> apply(Graph g, Use use) {
        LayerConfig config = use.config();
        use.allow();
        Value y = switch (config.className()) {
            case "Add" -> binary(g, use, BinaryFunction.ADD);
            case "Subtract" -> binary(g, use, BinaryFunction.SUBTRACT);
            case "Multiply" -> binary(g, use, BinaryFunction.MULTIPLY);
            case "Divide", "TrueDivide" -> binary(g, use, BinaryFunction.DIVIDE);
            case "Power" -> binary(g, use, BinaryFunction.POWER);
            case "Maximum" -> binary(g, use, BinaryFunction.MAXIMUM);
            case "Minimum" -> binary(g, use, BinaryFunction.MINIMUM);
            case "LogicalOr" -> binary(g, use, BinaryFunction.OR);
            case "LogicalAnd" -> binary(g, use, BinaryFunction.AND);
            case "LogicalNot" -> g.add(new Elementwise.Not(), use.x());
            case "Equal" -> compare(g, use, Comparison.EQUAL);
            case "NotEqual" -> compare(g, use, Comparison.NOT_EQUAL);
            case "Greater" -> compare(g, use, Comparison.GREATER);
            case "GreaterEqual" -> compare(g, use, Comparison.GREATER_EQUAL);
            case "Less" -> compare(g, use, Comparison.LESS);
            case "LessEqual" -> compare(g, use, Comparison.LESS_EQUAL);
            case "Negative" -> g.unary(UnaryFunction.NEGATE, use.x());
            case "Absolute" -> g.unary(UnaryFunction.ABS, use.x());
            case "Exp" -> g.unary(UnaryFunction.EXP, use.x());
            case "Log" -> g.unary(UnaryFunction.LOG, use.x());
            case "Sqrt" -> g.unary(UnaryFunction.SQRT, use.x());
            case "Square" -> g.binary(BinaryFunction.MULTIPLY, use.x(), use.x());
            case "Tanh" -> g.add(new Elementwise.Activate(Activation.TANH), use.x());
            case "Sigmoid" -> g.add(new Elementwise.Activate(Activation.SIGMOID), use.x());
            case "Relu" -> g.add(new Elementwise.Activate(Activation.RELU), use.x());
            case "ConvertToTensor" -> use.x();
            case "Any" -> g.any(use.x(), axis(config, use.x()), config.flag("keepdims", false));
            case "Mean" -> reduce(g, use, Reduction.MEAN);
            case "Sum" -> reduce(g, use, Reduction.SUM);
            case "Max" -> reduce(g, use, Reduction.MAX);
            case "Min" -> reduce(g, use, Reduction.MIN);
            case "ExpandDims" -> expandDims(g, config, use.x());
            case "Squeeze" -> squeeze(g, use);
            case "ZerosLike" -> like(g, use, 0);
            case "OnesLike" -> like(g, use, 1);
            case "Concatenate" -> concatenate(g, use);
            case "GetItem" -> getItem(g, use);
            default ->
                throw config.refused("must be an operation that is converted", "keras.ops " + config.className());
        };
        return ShapeLayers.one(y);
    }

    private static Value concatenate(Graph g, Use use) {
        Value[] parts = use.inputs().stream().map(Masked::value).toArray(Value[]::new);
        if (parts.length == 0) {
            throw use.config().refused("takes tensors", "none");
        }
        return g.add(new Structure.Concat(axis(use.config(), parts[0])), parts);
    }

    private static Value binary(Graph g, Use use, BinaryFunction function) {
        List<Value> two = operands(g, use);
        // Keras goes on with floats where whole numbers are divided or meet a float; here they would stay whole.
        boolean floats =
                function == BinaryFunction.DIVIDE || use.arguments().stream().anyMatch(Operations::isFloat);
        if (floats && two.getFirst().type().element() != ElementType.F32) {
            throw use.config().refused("computes with whole numbers alone, or with floats alone", two.toString());
        }
        return g.binary(function, two.get(0), two.get(1));
    }

    private static Value compare(Graph g, Use use, Comparison comparison) {
        List<Value> two = operands(g, use);
        return g.compare(comparison, two.get(0), two.get(1));
    }

    private static List<Value> operands(Graph g, Use use) {
        if (use.arguments().size() != 2 || use.inputs().isEmpty()) {
            throw use.config().refused("takes two operands", use.arguments().size() + " of them");
        }
        ElementType element = use.inputs().getFirst().value().type().element();
        return use.arguments().stream()
                .map(argument -> MergeLayers.operand(g, use, argument, element))
                .toList();
    }

    private static boolean isFloat(Argument argument) {
        return argument instanceof Argument.Literal(JsonNode value) && value.isFloatingPointNumber();
    }

    private static Value reduce(Graph g, Use use, Reduction reduction) {
        Value x = use.x();
        return g.add(
                new Aggregation.Reduce(
                        reduction, axis(use.config(), x), use.config().flag("keepdims", false)),
                x);
    }

    private static Value squeeze(Graph g, Use use) {
        Value x = use.x();
        int axis = axis(use.config(), x);
        if (!x.type().dim(axis).is(1)) {
            throw use.config().error("axis", "is one of size 1", axis + " of " + x.type());
        }
        var dims = new ArrayList<>(x.type().dims());
        dims.remove(axis);
        return g.reshape(x, dims);
    }

    private static Value like(Graph g, Use use, double value) {
        ElementType element = use.config().text("dtype").orElse("float32").equals("bool")
                ? ElementType.BOOL
                : use.x().type().element();
        return g.fill(element, value, use.x().type().dims().toArray(Dim[]::new));
    }

    private static Value expandDims(Graph g, LayerConfig config, Value x) {
        List<Integer> axes = config.numbers("axis");
        int rank = x.type().rank();
        if (axes.size() != 1 || axes.getFirst() < -rank - 1 || axes.getFirst() > rank) {
            throw config.error("axis", "is one place for a new axis of " + x.type(), axes.toString());
        }
        return g.expandDims(x, axes.getFirst());
    }

    /** The one axis of an operation, from 0 on. */
    private static int axis(LayerConfig config, Value x) {
        List<Integer> axes = config.numbers("axis");
        int rank = x.type().rank();
        int axis = axes.size() == 1 ? axes.getFirst() : rank;
        axis = axis < 0 ? axis + rank : axis;
        if (axis < 0 || axis >= rank) {
            throw config.error("axis", "is one axis of " + x.type(), axes.toString());
        }
        return axis;
    }

    /** Whole numbers and slices without a step, axis by axis. */
    private static Value getItem(Graph g, Use use) {
        LayerConfig config = use.config();
        if (use.arguments().size() != 2 || !(use.arguments().get(1) instanceof Argument.Literal(JsonNode index))) {
            throw config.refused("is indexed by numbers and slices", "something else");
        }
        Value y = use.x();
        int axis = 0;
        for (JsonNode item : index.isArray() ? index : List.of(index)) {
            if (axis >= y.type().rank()) {
                throw config.refused("has an index for each axis at most", index.toString());
            }
            Dim size = y.type().dim(axis);
            if (item.isIntegralNumber() && item.canConvertToInt()) {
                Value one = g.slice(y, axis, from(size, item.intValue()), Dim.ONE);
                var dims = new ArrayList<>(one.type().dims());
                dims.remove(axis);
                y = g.reshape(one, dims);
                continue;
            }
            JsonNode slice = item.path("config");
            boolean plain = item.path("class_name").asText().equals("__slice__")
                    && (slice.path("step").isNull() || slice.path("step").asInt(0) == 1)
                    && isEnd(slice.path("start"))
                    && isEnd(slice.path("stop"));
            if (!plain) {
                throw config.refused("is indexed by numbers and slices without a step", LayerConfig.quoted(item));
            }
            Dim start = slice.path("start").isNull()
                    ? Dim.of(0)
                    : from(size, slice.get("start").intValue());
            Dim stop = slice.path("stop").isNull()
                    ? size
                    : from(size, slice.get("stop").intValue());
            // Python cuts what reaches beyond the end.
            boolean beyond = size.isFixed() && stop.isFixed() && stop.fixed() > size.fixed();
            Dim length = (beyond ? size : stop).minus(start);
            y = start.is(0) && length.equals(size) ? y : g.slice(y, axis, start, length);
            axis++;
        }
        return y;
    }

    private static boolean isEnd(JsonNode end) {
        return end.isNull() || end.isIntegralNumber() && end.canConvertToInt();
    }

    private static Dim from(Dim size, int index) {
        return index < 0 ? size.plus(index) : Dim.of(index);
    }
}
