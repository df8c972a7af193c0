package dev.rondo.convert.onnx.op;

import dev.rondo.convert.onnx.graph.FunctionGraph;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Op;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What lowerings say again and again, as nodes of the function that is built. A call that would change nothing (a
 * transposition that keeps the order, a sum over no axis) adds no node.
 */
record Expressions(FunctionGraph graph) {
    /** Indices up to this many are a constant; no axis is longer. */
    private static final long MAX_TABLE = 1 << 20;

    Value add(Op op, Value... inputs) {
        return graph.add(op, inputs);
    }

    // Numbers.

    /** A number of the element type of {@code like}, that broadcasts with everything. */
    Value number(double value, Value like) {
        return number(value, like.type().element());
    }

    Value number(double value, ElementType element) {
        double held = element == ElementType.F32 ? (float) value : value;
        return fill(element, held, List.of());
    }

    Value fill(ElementType element, double value, List<Dim> dims) {
        return add(new Structure.Fill(element, value, dims));
    }

    /** A size as a value of shape []: a number where it is fixed. */
    Value size(Dim dim, ElementType element) {
        return dim.isFixed() ? number(dim.fixed(), element) : add(new Structure.Size(dim, element));
    }

    Value plus(Value a, Value b) {
        return binary(BinaryFunction.ADD, a, b);
    }

    Value minus(Value a, Value b) {
        return binary(BinaryFunction.SUBTRACT, a, b);
    }

    Value times(Value a, Value b) {
        return binary(BinaryFunction.MULTIPLY, a, b);
    }

    Value divide(Value a, Value b) {
        return binary(BinaryFunction.DIVIDE, a, b);
    }

    Value power(Value a, double b) {
        return binary(BinaryFunction.POWER, a, number(b, a));
    }

    Value maximum(Value a, Value b) {
        return binary(BinaryFunction.MAXIMUM, a, b);
    }

    Value minimum(Value a, Value b) {
        return binary(BinaryFunction.MINIMUM, a, b);
    }

    Value and(Value a, Value b) {
        return binary(BinaryFunction.AND, a, b);
    }

    Value or(Value a, Value b) {
        return binary(BinaryFunction.OR, a, b);
    }

    Value binary(BinaryFunction function, Value a, Value b) {
        return add(new Elementwise.Binary(function), a, b);
    }

    Value unary(UnaryFunction function, Value x) {
        return add(new Elementwise.Unary(function), x);
    }

    Value negate(Value x) {
        return unary(UnaryFunction.NEGATE, x);
    }

    Value absolute(Value x) {
        return unary(UnaryFunction.ABS, x);
    }

    Value square(Value x) {
        return times(x, x);
    }

    Value root(Value x) {
        return unary(UnaryFunction.SQRT, x);
    }

    /** {@code scale x + shift}, of f32. */
    Value affine(Value x, double scale, double shift) {
        boolean same = (float) scale == 1 && (float) shift == 0;
        return same ? x : activate(Activation.affine((float) scale, (float) shift), x);
    }

    Value activate(Activation activation, Value x) {
        return add(new Elementwise.Activate(activation), x);
    }

    Value compare(Comparison comparison, Value a, Value b) {
        return add(new Elementwise.Compare(comparison), a, b);
    }

    Value where(Value condition, Value a, Value b) {
        return add(new Elementwise.Where(), condition, a, b);
    }

    Value cast(Value x, ElementType to) {
        return x.type().element() == to ? x : add(new Elementwise.Cast(to), x);
    }

    /** x as f32, for operators that take nothing else. */
    Value floats(Value x) {
        return cast(x, ElementType.F32);
    }

    /** |x|<sup>p</sup>. */
    Value powers(Value x, long p) {
        if (p == 1) {
            return absolute(x);
        }
        return p == 2 ? square(x) : power(absolute(x), p);
    }

    /** x<sup>1/p</sup>, of a sum of {@link #powers}. */
    Value rootOfPowers(Value x, long p) {
        if (p == 1) {
            return x;
        }
        return p == 2 ? root(x) : power(x, 1.0 / p);
    }

    // Shapes.

    Value reshape(Value x, List<Dim> dims) {
        return x.type().dims().equals(dims) ? x : add(new Structure.Reshape(dims), x);
    }

    Value expand(Value x, List<Dim> dims) {
        return x.type().dims().equals(dims) ? x : add(new Structure.Expand(dims), x);
    }

    Value transpose(Value x, List<Integer> permutation) {
        boolean same = IntStream.range(0, permutation.size()).allMatch(i -> permutation.get(i) == i);
        return same ? x : add(new Structure.Transpose(permutation), x);
    }

    /** The axis goes to another place; the others keep their order. */
    Value move(Value x, int axis, int place) {
        var order = new ArrayList<>(axes(0, x.type().rank()));
        order.remove(axis);
        order.add(place, axis);
        return transpose(x, order);
    }

    /** From the second place to the last, and back: what turns channels-first into channels-last. */
    Value channelsLast(Value x) {
        return move(x, 1, x.type().rank() - 1);
    }

    Value channelsFirst(Value x) {
        return move(x, x.type().rank() - 1, 1);
    }

    /** Axes {@code from} to {@code to - 1} become one. */
    Value merge(Value x, int from, int to) {
        List<Dim> dims = x.type().dims();
        var merged = new ArrayList<>(dims.subList(0, from));
        merged.add(Dim.product(dims.subList(from, to)));
        merged.addAll(dims.subList(to, dims.size()));
        return reshape(x, merged);
    }

    /** An axis becomes several. */
    Value split(Value x, int axis, List<Dim> into) {
        var dims = new ArrayList<>(x.type().dims());
        dims.remove(axis);
        dims.addAll(axis, into);
        return reshape(x, dims);
    }

    /** A new axis of size 1. */
    Value insert(Value x, int axis) {
        var dims = new ArrayList<>(x.type().dims());
        dims.add(axis, Dim.ONE);
        return reshape(x, dims);
    }

    /** A vector along an axis of a value of that rank: the others are 1. */
    Value along(Value vector, int axis, int rank) {
        var dims = new ArrayList<>(Collections.nCopies(rank, Dim.ONE));
        dims.set(axis, vector.type().dim(0));
        return reshape(vector, dims);
    }

    Value slice(Value x, int axis, Dim start, Dim length, int step) {
        boolean whole = step == 1 && start.is(0) && length.equals(x.type().dim(axis));
        return whole ? x : add(new Structure.Slice(axis, start, length, step), x);
    }

    Value slice(Value x, int axis, long start, Dim length) {
        return slice(x, axis, Dim.of(start), length, 1);
    }

    Value concat(int axis, List<Value> parts) {
        return parts.size() == 1 ? parts.getFirst() : add(new Structure.Concat(axis), parts.toArray(Value[]::new));
    }

    /** With {@code before} and {@code after} elements of a number around an axis. */
    Value pad(Value x, int axis, long before, long after, double number) {
        if (before == 0 && after == 0) {
            return x;
        }
        if (number == 0) {
            int first = bounded(before);
            int last = bounded(after);
            return add(new Structure.Pad(axis, first, last, Structure.PadMode.ZERO), x);
        }
        var parts = new ArrayList<Value>();
        if (before > 0) {
            parts.add(block(x, axis, before, number));
        }
        parts.add(x);
        if (after > 0) {
            parts.add(block(x, axis, after, number));
        }
        return concat(axis, parts);
    }

    private Value block(Value x, int axis, long size, double number) {
        var dims = new ArrayList<>(x.type().dims());
        dims.set(axis, Dim.of(bounded(size)));
        return fill(x.type().element(), number, dims);
    }

    static int bounded(long size) {
        if (size < 0 || size > Integer.MAX_VALUE) {
            throw new ShapeException("size", "lies between 0 and 2^31 - 1", "" + size, "check the model");
        }
        return (int) size;
    }

    // Whole axes.

    /**
     * A function of all elements along axes, which are given in rising order. Axes side by side are reduced at once.
     */
    Value reduce(Reduction reduction, Value x, List<Integer> axes, boolean keep) {
        Value result = x;
        int last = axes.size();
        while (last > 0) {
            int first = last - 1;
            while (first > 0 && axes.get(first - 1) == axes.get(first) - 1) {
                first--;
            }
            int axis = axes.get(first);
            result = merge(result, axis, axes.get(last - 1) + 1);
            result = add(new Aggregation.Reduce(reduction, axis, false), result);
            last = first;
        }
        return keep ? reshape(result, kept(x.type(), axes)) : result;
    }

    Value sum(Value x, List<Integer> axes) {
        return reduce(Reduction.SUM, x, axes, true);
    }

    Value mean(Value x, List<Integer> axes) {
        return reduce(Reduction.MEAN, x, axes, true);
    }

    /** Dimensions with the given axes at 1. */
    static List<Dim> kept(ValueType type, List<Integer> axes) {
        var dims = new ArrayList<>(type.dims());
        axes.forEach(a -> dims.set(a, Dim.ONE));
        return dims;
    }

    /** {@code from} to {@code to - 1}. */
    static List<Integer> axes(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    /** 0, 1, 2, ... as i64: a constant where the size is fixed, else counted by a scan. */
    Value iota(Dim size) {
        if (size.isFixed()) {
            if (size.fixed() > MAX_TABLE) {
                throw new ShapeException(
                        "axis", "has at most " + MAX_TABLE + " elements to count", "" + size, "give a name to it");
            }
            long[] values =
                    IntStream.range(0, (int) size.fixed()).asLongStream().toArray();
            return graph.constants().integers("indices", ElementType.I64, List.of(values.length), values);
        }
        FunctionBuilder body = Function.builder("onnx.count");
        Value step = body.input("step", ElementType.I64);
        Value count = body.state("count", ValueType.of(ElementType.I64));
        body.next(count, body.plus(count, step));
        body.output(count);
        Value ones = fill(ElementType.I64, 1, List.of(size));
        return scan(body.build(), false, ones);
    }

    /** Runs a body of one input and one state, which begins at zero, over a sequence. */
    private Value scan(Function body, boolean reverse, Value sequence) {
        String input = body.inputs().getFirst().name();
        return graph.addAll(
                        new Scan(body, List.of(input), reverse, false), List.of(sequence, Value.ABSENT, Value.ABSENT))
                .getFirst();
    }

    /** Running sums along an axis; {@code exclusive} without the element itself. */
    Value cumulate(Value x, int axis, boolean exclusive, boolean reverse) {
        ValueType type = x.type();
        int rank = type.rank();
        Value flat = reshape(
                x,
                List.of(
                        Dim.product(type.dims().subList(0, axis)),
                        type.dim(axis),
                        Dim.product(type.dims().subList(axis + 1, rank))));
        FunctionBuilder body = Function.builder(
                "onnx.cumulate." + (exclusive ? "before." : "") + type.element().text());
        Value step = body.input("x", type.element(), "R", "N");
        Value before = body.state("sum", ValueType.of(type.element(), "R", "N"));
        Value after = body.plus(before, step);
        body.next(before, after);
        body.output(exclusive ? before : after);
        return reshape(scan(body.build(), reverse, flat), type.dims());
    }

    Value matmul(Value a, Value b, boolean transposeB) {
        return add(new Contraction.MatMul(transposeB), a, b);
    }
}
