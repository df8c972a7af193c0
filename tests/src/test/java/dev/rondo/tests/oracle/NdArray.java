package dev.rondo.tests.oracle;

import dev.rondo.format.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * A value of the interpreter: an element type, a shape, and the elements in row-major order as doubles. Whole numbers
 * are exact up to 2^53; bool is 0 and 1. An f32 element is a real number here: it is not rounded to 24 bits, so that the
 * interpreter's own error stays far below that of the kernels it judges.
 */
public record NdArray(ElementType element, List<Integer> shape, double[] values) {
    public NdArray {
        shape = List.copyOf(shape);
        if (count(shape) != values.length) {
            throw new IllegalArgumentException(
                    "shape " + shape + " has " + count(shape) + " elements, got " + values.length + " values");
        }
    }

    /** An f32 array. */
    public static NdArray f32(List<Integer> shape, double... values) {
        return new NdArray(ElementType.F32, shape, values);
    }

    /** An f32 vector. */
    public static NdArray vector(double... values) {
        return f32(List.of(values.length), values);
    }

    /** An f32 matrix, given by its rows. */
    public static NdArray matrix(double[]... rows) {
        int columns = rows.length == 0 ? 0 : rows[0].length;
        return f32(
                List.of(rows.length, columns),
                Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray());
    }

    /** An i32 vector, such as lengths. */
    public static NdArray ints(int... values) {
        return new NdArray(
                ElementType.I32,
                List.of(values.length),
                Arrays.stream(values).asDoubleStream().toArray());
    }

    public static NdArray zeros(ElementType element, List<Integer> shape) {
        return new NdArray(element, shape, new double[count(shape)]);
    }

    /** Standard normal values times scale, rounded to f32, so that a runtime can be given exactly these. */
    public static NdArray random(Random random, double scale, Integer... shape) {
        return tabulate(ElementType.F32, List.of(shape), i -> (float) (random.nextGaussian() * scale));
    }

    /** The array whose element at each index is what the function says. */
    public static NdArray tabulate(ElementType element, List<Integer> shape, ToDoubleFunction<int[]> value) {
        double[] values = new double[count(shape)];
        int[] index = new int[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value.applyAsDouble(index);
            for (int d = index.length - 1; d >= 0 && ++index[d] == shape.get(d); d--) {
                index[d] = 0;
            }
        }
        return new NdArray(element, shape, values);
    }

    public int rank() {
        return shape.size();
    }

    /** Size of an axis; negative axes count from the end. */
    public int size(int axis) {
        return shape.get(axis(axis));
    }

    /** The axis counted from the front. */
    public int axis(int axis) {
        return axis < 0 ? axis + rank() : axis;
    }

    /** The element at an index. */
    public double at(int... index) {
        if (index.length != rank()) {
            throw new IllegalArgumentException("index " + Arrays.toString(index) + " of shape " + shape);
        }
        int offset = 0;
        for (int d = 0; d < index.length; d++) {
            if (index[d] < 0 || index[d] >= shape.get(d)) {
                throw new IllegalArgumentException("index " + Arrays.toString(index) + " of shape " + shape);
            }
            offset = offset * shape.get(d) + index[d];
        }
        return values[offset];
    }

    /** The element that this array, broadcast, has at an index: axes align at the end and an axis of size 1 stretches. */
    public double broadcastAt(int... index) {
        int[] own = new int[rank()];
        for (int d = 0; d < own.length; d++) {
            own[d] = shape.get(d) == 1 ? 0 : index[index.length - own.length + d];
        }
        return at(own);
    }

    /** The shape that arrays broadcast to. */
    public static List<Integer> broadcast(NdArray... arrays) {
        int rank = Arrays.stream(arrays).mapToInt(NdArray::rank).max().orElse(0);
        var shape = new ArrayList<Integer>();
        for (int d = 0; d < rank; d++) {
            int size = 1;
            for (NdArray array : arrays) {
                int axis = d - rank + array.rank();
                int own = axis < 0 ? 1 : array.shape.get(axis);
                size = own == 1 ? size : own;
            }
            shape.add(size);
        }
        return shape;
    }

    /** The elements along an axis through the point at an index, whose entry on that axis is ignored. */
    public double[] along(int axis, int... index) {
        int[] at = index.clone();
        double[] line = new double[size(axis)];
        for (int i = 0; i < line.length; i++) {
            at[axis(axis)] = i;
            line[i] = at(at);
        }
        return line;
    }

    /** Row i of a vector of rows: everything at index i of the first axis, in order. */
    public double[] row(int i) {
        int size = values.length / size(0);
        return Arrays.copyOfRange(values, i * size, (i + 1) * size);
    }

    public NdArray map(DoubleUnaryOperator f) {
        return new NdArray(element, shape, Arrays.stream(values).map(f).toArray());
    }

    /** The same elements under another shape. */
    public NdArray reshape(Integer... other) {
        return new NdArray(element, List.of(other), values);
    }

    public NdArray as(ElementType other) {
        return new NdArray(other, shape, values);
    }

    /** This array with the first two axes exchanged. */
    public NdArray swapFirstAxes() {
        var swapped = new ArrayList<>(shape);
        swapped.set(0, shape.get(1));
        swapped.set(1, shape.get(0));
        return tabulate(element, swapped, i -> {
            int[] from = i.clone();
            from[0] = i[1];
            from[1] = i[0];
            return at(from);
        });
    }

    /** The shape without an axis, or with another size there. */
    static List<Integer> withAxis(List<Integer> shape, int axis, Integer size) {
        var changed = new ArrayList<>(shape);
        if (size == null) {
            changed.remove(axis);
        } else {
            changed.set(axis, size);
        }
        return changed;
    }

    private static int count(List<Integer> shape) {
        return shape.stream().reduce(1, Math::multiplyExact);
    }

    @Override
    public String toString() {
        String some = Arrays.toString(Arrays.copyOf(values, Math.min(values.length, 12)));
        return element.text() + shape + " " + some + (values.length > 12 ? " and so on" : "");
    }
}
