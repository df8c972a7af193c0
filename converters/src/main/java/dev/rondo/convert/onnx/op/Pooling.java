package dev.rondo.convert.onnx.op;

import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.List;

/** Pools windows of x [N, C, D1, ...]: the steps of each axis as strided slices, axis after axis. */
final class Pooling {
    private final Expressions e;
    private final List<Window> windows;

    Pooling(Expressions e, List<Window> windows) {
        this.e = e;
        this.windows = windows;
    }

    Value max(Value x) {
        return windowed(BinaryFunction.MAXIMUM, padded(x, lowest(x), true));
    }

    private static double lowest(Value x) {
        return switch (x.type().element()) {
            case I32 -> Integer.MIN_VALUE;
            case I64 -> Long.MIN_VALUE;
            case F32, F64, BOOL -> Double.NEGATIVE_INFINITY;
        };
    }

    /** The sum of each window, elements outside counting as 0. */
    Value sum(Value x) {
        return windowed(BinaryFunction.ADD, padded(x, 0, true));
    }

    /** The mean of each window: over what lies in x or, on request, in the stated padding too. */
    Value mean(Value x, boolean countPads) {
        Value sum = sum(x);
        boolean whole = windows.stream().allMatch(w -> w.overhang() == 0 && (countPads || w.isBare()));
        if (whole) {
            long places = windows.stream().mapToLong(Window::kernel).reduce(1, Math::multiplyExact);
            return e.divide(sum, e.number(places, ElementType.F32));
        }
        Value counted = e.fill(ElementType.F32, 1, Expressions.kept(x.type(), List.of(0, 1)));
        if (countPads) {
            for (int i = 0; i < windows.size(); i++) {
                counted = e.pad(
                        counted, i + 2, windows.get(i).before(), windows.get(i).after(), 1);
            }
        }
        return e.divide(sum, windowed(BinaryFunction.ADD, padded(counted, 0, !countPads)));
    }

    /** (&Sigma; |x|<sup>p</sup>)<sup>1/p</sup> of each window. */
    Value norm(Value x, long p) {
        return e.rootOfPowers(sum(e.powers(x, p)), p);
    }

    /**
     * Where the largest element of each window lies: its index in x, or with {@code columnMajor} with the last axis
     * slowest among those that are pooled. The first of equals.
     */
    Value argMax(Value x, boolean columnMajor) {
        ValueType type = x.type();
        Value best = null;
        Value place = null;
        Value values = padded(x, lowest(x), true);
        Value places = padded(places(type, columnMajor), 0, true);
        for (List<Long> offset : offsets(windows)) {
            Value candidate = at(values, offset);
            Value index = at(places, offset);
            if (best == null) {
                best = candidate;
                place = index;
            } else {
                Value better = e.compare(Comparison.GREATER, candidate, best);
                place = e.where(better, index, place);
                best = e.where(better, candidate, best);
            }
        }
        return e.plus(place, images(type));
    }

    /** Index within an image, [1, 1, D1, ...]. */
    private Value places(ValueType type, boolean columnMajor) {
        int rank = type.rank();
        Value sum = null;
        for (int axis = 2; axis < rank; axis++) {
            List<Dim> inner =
                    columnMajor ? type.dims().subList(2, axis) : type.dims().subList(axis + 1, rank);
            Value index = e.times(e.iota(type.dim(axis)), e.size(Dim.product(inner), ElementType.I64));
            Value placed = e.along(index, axis, rank);
            sum = sum == null ? placed : e.plus(sum, placed);
        }
        return sum;
    }

    /** Index of an image's first element, [N, C, 1, ...]. */
    private Value images(ValueType type) {
        int rank = type.rank();
        Dim image = Dim.product(type.dims().subList(2, rank));
        Value row = e.along(e.times(e.iota(type.dim(0)), e.size(image.times(type.dim(1)), ElementType.I64)), 0, rank);
        Value channel = e.along(e.times(e.iota(type.dim(1)), e.size(image, ElementType.I64)), 1, rank);
        return e.plus(row, channel);
    }

    /** Every place of the kernel, the last axis fastest. */
    static List<List<Long>> offsets(List<Window> windows) {
        List<List<Long>> all = List.of(List.of());
        for (Window window : windows) {
            var next = new ArrayList<List<Long>>();
            for (List<Long> start : all) {
                for (long i = 0; i < window.kernel(); i++) {
                    var offset = new ArrayList<>(start);
                    offset.add(i);
                    next.add(offset);
                }
            }
            all = next;
        }
        return all;
    }

    private Value at(Value x, List<Long> offset) {
        Value part = x;
        for (int i = 0; i < windows.size(); i++) {
            part = step(part, i, offset.get(i));
        }
        return part;
    }

    private Value step(Value x, int axis, long place) {
        Window w = windows.get(axis);
        return e.slice(x, axis + 2, Dim.of(place * w.dilation()), w.steps(), (int) w.stride());
    }

    private Value padded(Value x, double number, boolean pads) {
        Value result = x;
        for (int i = 0; i < windows.size(); i++) {
            Window w = windows.get(i);
            long before = pads ? w.before() : 0;
            long after = (pads ? w.after() : 0) + w.overhang();
            result = e.pad(result, i + 2, before, after, number);
        }
        return result;
    }

    private Value windowed(BinaryFunction function, Value x) {
        Value result = x;
        for (int axis = 0; axis < windows.size(); axis++) {
            Value from = result;
            result = step(from, axis, 0);
            for (long place = 1; place < windows.get(axis).kernel(); place++) {
                result = e.binary(function, result, step(from, axis, place));
            }
        }
        return result;
    }
}
