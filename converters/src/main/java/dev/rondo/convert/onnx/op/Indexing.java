package dev.rondo.convert.onnx.op;

import static dev.rondo.convert.onnx.op.NodeScope.one;

import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** Elements chosen by indices that are computed or known; masks and one-hot vectors made of them. */
final class Indexing {
    private static final long MAX_DEPTH = 1 << 20;

    private Indexing() {}

    static void addTo(OperatorTable table) {
        table.add("GatherElements", 11, Indexing::gatherElements);
        table.add("GatherND", 11, Indexing::gatherNd);
        table.add("ReverseSequence", 10, Indexing::reverseSequence);
        table.add("OneHot", 9, Indexing::oneHot);
        table.add("Trilu", 14, Indexing::trilu);
        table.add("CumSum", 11, Indexing::cumSum);
    }

    /** {@code y[i][j] = x[index[i][j]][j]} for axis 0, and so on. */
    private static List<Operand> gatherElements(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        int rank = x.type().rank();
        int axis = node.axis(node.attributes().integer("axis", 0), rank);
        Value index = wrapped(e, node.value(1), x.type().dim(axis));
        if (index.type().rank() != rank) {
            throw node.error("indices have the rank of the data", index.type() + " of " + x.type(), "export it again");
        }
        // Other axes of the indices may be shorter.
        for (int d = 0; d < rank; d++) {
            x = d == axis ? x : e.slice(x, d, 0, index.type().dim(d));
        }
        Value rows = e.move(x, axis, rank - 1);
        Value wanted = e.move(index, axis, rank - 1);
        Dim width = rows.type().dim(rank - 1);
        Dim count = Dim.product(rows.type().dims().subList(0, rank - 1));
        Value flat = e.reshape(rows, List.of(count.times(width)));
        Value start = e.times(e.iota(count), e.size(width, ElementType.I64));
        Value table = e.reshape(wanted, List.of(count, wanted.type().dim(rank - 1)));
        Value place = e.plus(table, e.along(start, 0, 2));
        Value taken = e.reshape(
                e.add(new Structure.Gather(), flat, orNone(e, place, inside(e, table, width))),
                wanted.type().dims());
        return one(e.move(taken, rank - 1, axis));
    }

    /** {@code y[b, ...] = x[b][index[b, ..., 0]][index[b, ..., 1]]...} with the leading {@code batch_dims} axes b. */
    private static List<Operand> gatherNd(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        Value index = node.value(1);
        long batch = node.attributes().integer("batch_dims", 0);
        int rank = x.type().rank();
        int places = index.type().rank() - 1;
        boolean known = places >= 0 && index.type().dim(places).isFixed();
        long depth = known ? index.type().dim(places).fixed() : 0;
        if (depth < 1 || batch < 0 || batch > places || batch + depth > rank) {
            throw node.error(
                    "indices [b, ..., k] have a fixed k of at least 1 and at most the rank behind batch_dims",
                    index.type() + " of " + x.type() + ", batch_dims " + batch,
                    "export the model without it");
        }
        int first = (int) batch;
        List<Dim> dims = x.type().dims();
        Value flat = null;
        Value inside = null;
        for (int i = 0; i < depth; i++) {
            Dim size = dims.get(first + i);
            Value part = e.slice(index, places, i, Dim.ONE);
            Value place = wrapped(e, e.reshape(part, index.type().dims().subList(0, places)), size);
            Value here = inside(e, place, size);
            inside = inside == null ? here : e.add(new Elementwise.Binary(BinaryFunction.AND), inside, here);
            flat = flat == null ? place : e.plus(e.times(flat, e.size(size, ElementType.I64)), place);
        }
        if (first > 0) {
            Dim rows = Dim.product(dims.subList(0, first));
            Dim row = Dim.product(dims.subList(first, first + (int) depth));
            Value start = e.times(e.iota(rows), e.size(row, ElementType.I64));
            var shape = new ArrayList<>(dims.subList(0, first));
            while (shape.size() < places) {
                shape.add(Dim.ONE);
            }
            flat = e.plus(flat, e.reshape(start, shape));
        }
        Value table = e.merge(x, 0, first + (int) depth);
        return one(e.add(new Structure.Gather(), table, orNone(e, flat, inside)));
    }

    /** Each row of a batch backwards within its length; what lies behind stays. */
    private static List<Operand> reverseSequence(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        int rank = x.type().rank();
        int time = node.axis(node.attributes().integer("time_axis", 0), rank);
        int batch = node.axis(node.attributes().integer("batch_axis", 1), rank);
        if (time == batch || rank < 2) {
            throw node.error("time and batch are two axes", time + " and " + batch, "export it again");
        }
        Value rows = e.move(e.move(x, batch, 0), time > batch ? time : time + 1, 1);
        Dim steps = rows.type().dim(1);
        Dim count = rows.type().dim(0);
        Value length = e.insert(e.cast(node.value(1), ElementType.I64), 1);
        Value step = e.along(e.iota(steps), 1, 2);
        Value back = e.minus(e.minus(length, e.number(1, ElementType.I64)), step);
        Value place = e.where(e.compare(Comparison.LESS, step, length), back, step);
        Value start = e.times(e.iota(count), e.size(steps, ElementType.I64));
        Value table = e.merge(rows, 0, 2);
        Value at = orNone(e, e.plus(place, e.along(start, 0, 2)), inside(e, place, steps));
        Value taken = e.add(new Structure.Gather(), table, at);
        return one(e.move(e.move(taken, 1, time > batch ? time : time + 1), 0, batch));
    }

    private static List<Operand> oneHot(NodeScope node) {
        var e = new Expressions(node.graph());
        long depth = depth(node);
        Value index = wrapped(e, e.cast(node.value(0), ElementType.I64), Dim.of(depth));
        Value values = node.value(2);
        int rank = index.type().rank();
        int axis = node.axis(node.attributes().integer("axis", -1), rank + 1);
        Value hot = e.compare(Comparison.EQUAL, e.insert(index, axis), e.along(e.iota(Dim.of(depth)), axis, rank + 1));
        Value off = e.reshape(e.slice(values, 0, 0, Dim.ONE), List.of());
        Value on = e.reshape(e.slice(values, 0, 1, Dim.ONE), List.of());
        return one(e.where(hot, on, off));
    }

    private static long depth(NodeScope node) {
        boolean real = node.type(1).element() == ElementType.F32;
        long depth = real ? (long) node.real(1, "depth", 0) : node.integer(1, "depth", 0);
        if (depth < 1 || depth > MAX_DEPTH) {
            throw node.error("depth lies between 1 and " + MAX_DEPTH, "" + depth, "give it with --fix");
        }
        return depth;
    }

    /** The upper or lower triangle of the last two axes, shifted by k; zero elsewhere. */
    private static List<Operand> trilu(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        int rank = x.type().rank();
        boolean upper = node.attributes().flag("upper", true);
        if (rank < 2) {
            throw node.error("is of matrices", x.type().toString(), "export it again");
        }
        Value row = e.along(e.iota(x.type().dim(rank - 2)), 0, 2);
        Value column = e.along(e.iota(x.type().dim(rank - 1)), 1, 2);
        Value k = node.has(1) ? e.reshape(node.value(1), List.of()) : e.number(0, ElementType.I64);
        Value shifted = e.minus(column, row);
        Value inside = e.compare(upper ? Comparison.GREATER_EQUAL : Comparison.LESS_EQUAL, shifted, k);
        return one(e.where(inside, x, e.number(0, x)));
    }

    private static List<Operand> cumSum(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        int axis = node.axis(node.integer(1, "axis", 0), x.type().rank());
        boolean exclusive = node.attributes().flag("exclusive", false);
        boolean reverse = node.attributes().flag("reverse", false);
        return one(e.cumulate(x, axis, exclusive, reverse));
    }

    /** Indices from the end, which are negative, from the front. */
    private static Value wrapped(Expressions e, Value index, Dim size) {
        Value wide = e.cast(index, ElementType.I64);
        Value zero = e.number(0, ElementType.I64);
        Value fromEnd = e.plus(wide, e.size(size, ElementType.I64));
        return e.where(e.compare(Comparison.LESS, wide, zero), fromEnd, wide);
    }

    /** Whether places lie on an axis of that size. */
    private static Value inside(Expressions e, Value place, Dim size) {
        Value first = e.compare(Comparison.GREATER_EQUAL, place, e.number(0, ElementType.I64));
        Value last = e.compare(Comparison.LESS, place, e.size(size, ElementType.I64));
        return e.add(new Elementwise.Binary(BinaryFunction.AND), first, last);
    }

    /** Places in a flattened table; one outside of its own axis, which may be another row's, is none: a gather refuses it. */
    private static Value orNone(Expressions e, Value place, Value inside) {
        return e.where(inside, place, e.number(-1, ElementType.I64));
    }
}
