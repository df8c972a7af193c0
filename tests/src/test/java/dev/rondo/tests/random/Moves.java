package dev.rondo.tests.random;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Op;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Adds nodes that move elements: what they give is as exact as what they get. */
final class Moves {
    private Moves() {}

    /** A value of any element type and at least that rank. */
    private static Value some(Pool p, int leastRank) {
        Value found = p.existing(v -> v.type().rank() >= leastRank && v.type().rank() <= 5);
        return found != null
                ? found
                : p.any(new ValueType(p.one(ElementType.values()), p.dims(p.between(leastRank, 3))));
    }

    private static Value moved(Pool p, Op op, Value... in) {
        double magnitude = 0;
        double error = 0;
        for (Value value : in) {
            magnitude = Math.max(magnitude, p.magnitude(value));
            error = Math.max(error, p.error(value));
        }
        // Indices stay indices where nothing is added to them.
        int bound =
                in.length == 1 && !(op instanceof Structure.Pad) ? p.info(in[0]).bound() : 0;
        return p.put(p.f.add(op, in), new Pool.Info(magnitude, error, bound));
    }

    private static int signed(Pool p, int axis, int rank) {
        return p.flip() ? axis : axis - rank;
    }

    static void concat(Pool p) {
        Value first = some(p, 1);
        int rank = first.type().rank();
        int axis = p.random.nextInt(rank);
        var parts = new ArrayList<>(List.of(first));
        for (int i = p.between(0, 2); i > 0; i--) {
            var dims = new ArrayList<>(first.type().dims());
            if (p.flip()) {
                dims.set(axis, Dim.of(p.between(1, 4)));
            }
            parts.add(p.any(first.type().withDims(dims)));
        }
        moved(p, new Structure.Concat(signed(p, axis, rank)), parts.toArray(Value[]::new));
    }

    static void slice(Pool p) {
        Value x = some(p, 1);
        int rank = x.type().rank();
        int axis = p.random.nextInt(rank);
        Dim size = x.type().dim(axis);
        int step = p.between(1, 3);
        Dim start = Dim.of(0);
        Dim length = size.plus(step - 1L).dividedBy(step);
        if (size.isFixed() && size.fixed() > 0) {
            int from = p.random.nextInt((int) size.fixed());
            start = Dim.of(from);
            length = Dim.of(p.between(0, ((int) size.fixed() - from + step - 1) / step));
        }
        moved(p, new Structure.Slice(signed(p, axis, rank), start, length, step), x);
    }

    static void reshape(Pool p) {
        Value x = some(p, 0);
        var dims = new ArrayList<>(x.type().dims());
        for (int i = p.between(1, 2); i > 0; i--) {
            int at = dims.isEmpty() ? 0 : p.random.nextInt(dims.size());
            switch (p.between(0, 2)) {
                case 0 -> dims.add(at, Dim.ONE);
                case 1 -> {
                    if (dims.size() >= 2) {
                        int first = Math.min(at, dims.size() - 2);
                        dims.set(first, dims.get(first).times(dims.remove(first + 1)));
                    }
                }
                default -> {
                    if (!dims.isEmpty()
                            && dims.get(at).isFixed()
                            && dims.get(at).fixed() % 2 == 0) {
                        dims.set(at, Dim.of(dims.get(at).fixed() / 2));
                        dims.add(at, Dim.of(2));
                    }
                }
            }
        }
        moved(p, new Structure.Reshape(dims), x);
    }

    static void transpose(Pool p) {
        Value x = some(p, 0);
        var axes = new ArrayList<>(IntStream.range(0, x.type().rank()).boxed().toList());
        Collections.shuffle(axes, p.random);
        moved(p, new Structure.Transpose(axes), x);
    }

    static void expand(Pool p) {
        Value x = some(p, 0);
        var dims = new ArrayList<>(x.type().dims());
        for (int d = 0; d < dims.size(); d++) {
            if (dims.get(d).is(1)) {
                dims.set(d, p.dim());
            }
        }
        if (dims.size() < 4 && p.flip()) {
            dims.add(0, p.dim());
        }
        moved(p, new Structure.Expand(dims), x);
    }

    static void pad(Pool p) {
        Value x = some(p, 1);
        int rank = x.type().rank();
        int axis = p.random.nextInt(rank);
        Dim size = x.type().dim(axis);
        // Only zeros can be added to an axis that may be empty.
        boolean full = size.isFixed() && size.fixed() > 0;
        Structure.PadMode mode = full ? p.one(Structure.PadMode.values()) : Structure.PadMode.ZERO;
        int most = mode == Structure.PadMode.REFLECT ? (int) Math.min(3, size.fixed() - 1) : 3;
        moved(p, new Structure.Pad(signed(p, axis, rank), p.between(0, most), p.between(0, most), mode), x);
    }

    static void gather(Pool p) {
        int rows = p.size();
        List<Dim> dims = p.dims(p.between(1, 3));
        dims.set(0, Dim.of(rows));
        Value table = p.any(new ValueType(p.flip() ? ElementType.F32 : p.one(ElementType.values()), dims));
        Value y = p.f.add(new Structure.Gather(), table, p.index(p.dims(p.between(0, 2)), rows));
        p.put(y, p.info(table));
    }

    static void pick(Pool p) {
        int size = p.size();
        List<Dim> dims = p.dims(p.between(1, 3));
        dims.set(dims.size() - 1, Dim.of(size));
        Value x = p.any(new ValueType(p.one(ElementType.values()), dims));
        Value y = p.f.add(new Structure.Pick(), x, p.index(dims.subList(0, dims.size() - 1), size));
        p.put(y, p.info(x));
    }

    static void lengthMask(Pool p) {
        Dim size = p.isBody() || p.flip() ? Dim.of(p.between(1, 4)) : Pool.STEPS;
        moved(p, new Structure.LengthMask(size), p.lengths(p.dim(), size));
    }

    static void fill(Pool p) {
        ElementType element = p.one(ElementType.values());
        int value = element == ElementType.BOOL ? p.between(0, 1) : p.between(-2, 2);
        p.add(new Structure.Fill(element, value, p.shape()), 2, 0);
    }

    static void size(Pool p) {
        ElementType element = p.one(ElementType.F32, ElementType.I32, ElementType.I64);
        p.add(new Structure.Size(some(p, 1).type().dim(0), element), 64, 0);
    }
}
