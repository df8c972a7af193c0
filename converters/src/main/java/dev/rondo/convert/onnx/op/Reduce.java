package dev.rondo.convert.onnx.op;

import static dev.rondo.convert.onnx.op.NodeScope.one;

import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** The Reduce operators, along any axes, of any element type. */
final class Reduce {
    /** From this version on axes are an input. */
    private static final long AXES_INPUT = 18;
    /** The longest axis that a product is taken of. */
    private static final long MAX_FACTORS = 1 << 16;

    private Reduce() {}

    /** What becomes of x along axes that stay with size 1. */
    private interface Form {
        Value of(Expressions e, Value x, List<Integer> axes);
    }

    static void addTo(OperatorTable table) {
        add(table, "ReduceSum", 13, Expressions::sum);
        add(table, "ReduceMean", AXES_INPUT, Expressions::mean);
        add(table, "ReduceMax", AXES_INPUT, (e, x, axes) -> e.reduce(Reduction.MAX, x, axes, true));
        add(table, "ReduceMin", AXES_INPUT, (e, x, axes) -> e.reduce(Reduction.MIN, x, axes, true));
        add(table, "ReduceProd", AXES_INPUT, Reduce::product);
        add(table, "ReduceL1", AXES_INPUT, (e, x, axes) -> e.sum(e.absolute(x), axes));
        add(table, "ReduceL2", AXES_INPUT, (e, x, axes) -> e.root(e.sum(e.square(x), axes)));
        add(table, "ReduceSumSquare", AXES_INPUT, (e, x, axes) -> e.sum(e.square(x), axes));
        add(table, "ReduceLogSum", AXES_INPUT, (e, x, axes) -> e.unary(UnaryFunction.LOG, e.sum(x, axes)));
        add(table, "ReduceLogSumExp", AXES_INPUT, (e, x, axes) -> e.reduce(Reduction.LOG_SUM_EXP, x, axes, true));
    }

    private static void add(OperatorTable table, String name, long axesInput, Form form) {
        table.add(name, 1, node -> lower(node, form, false));
        table.add(name, axesInput, node -> lower(node, form, true));
    }

    private static List<Operand> lower(NodeScope node, Form form, boolean axesInput) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        int rank = x.type().rank();
        boolean keep = node.attributes().flag("keepdims", true);
        List<Integer> axes = axes(node, rank, axesInput);
        ElementType element = x.type().element();
        if (element == ElementType.I32 || element == ElementType.I64) {
            node.interpret(element.text() + " is reduced as f32: exact up to 2^24");
        }
        Value reduced = form.of(e, e.floats(x), axes);
        Value typed = element == ElementType.BOOL
                ? e.compare(Comparison.GREATER, reduced, e.number(0, ElementType.F32))
                : e.cast(reduced, element);
        return one(keep ? typed : without(e, typed, axes));
    }

    private static List<Integer> axes(NodeScope node, int rank, boolean input) {
        LongStream given = LongStream.empty();
        boolean noop = input && node.attributes().flag("noop_with_empty_axes", false);
        if (input && node.has(1)) {
            given = LongStream.of(node.integers(1, "the list of axes"));
        } else if (!input) {
            given = node.attributes().integers("axes").orElse(List.of()).stream()
                    .mapToLong(Long::longValue);
        }
        List<Integer> axes =
                given.mapToObj(a -> node.axis(a, rank)).distinct().sorted().toList();
        return axes.isEmpty() && !noop ? Expressions.axes(0, rank) : axes;
    }

    private static Value without(Expressions e, Value x, List<Integer> axes) {
        var dims = new ArrayList<Dim>();
        for (int d = 0; d < x.type().rank(); d++) {
            if (!axes.contains(d)) {
                dims.add(x.type().dim(d));
            }
        }
        return e.reshape(x, dims);
    }

    /** Halves of a fixed axis are multiplied until one element is left. */
    private static Value product(Expressions e, Value x, List<Integer> axes) {
        Value product = x;
        for (int axis : axes) {
            long size = bounded(x.type().dim(axis));
            if (size == 0) {
                return e.fill(ElementType.F32, 1, Expressions.kept(x.type(), axes));
            }
            while (size > 1) {
                long half = size / 2;
                Value rest = size % 2 == 1 ? e.slice(product, axis, size - 1, Dim.ONE) : Value.ABSENT;
                product = e.binary(
                        BinaryFunction.MULTIPLY,
                        e.slice(product, axis, 0, Dim.of(half)),
                        e.slice(product, axis, half, Dim.of(half)));
                product = rest.isAbsent() ? product : e.concat(axis, List.of(product, rest));
                size = half + (rest.isAbsent() ? 0 : 1);
            }
        }
        return product;
    }

    private static long bounded(Dim size) {
        if (!size.isFixed() || size.fixed() > MAX_FACTORS) {
            throw new ShapeException(
                    "product along an axis",
                    "the axis has a fixed size of at most " + MAX_FACTORS,
                    size.toString(),
                    "fix it with --fix or --shape");
        }
        return size.fixed();
    }
}
