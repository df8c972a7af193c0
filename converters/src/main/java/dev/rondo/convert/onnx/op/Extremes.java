package dev.rondo.convert.onnx.op;

import static dev.rondo.convert.onnx.op.NodeScope.one;

import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Value;
import java.util.List;

/** The largest and smallest elements and where they are. */
final class Extremes {
    private Extremes() {}

    static void addTo(OperatorTable table) {
        table.add("ArgMax", 1, node -> place(node, true));
        table.add("ArgMin", 1, node -> place(node, false));
        table.add("TopK", 1, node -> topK(node, node.attributes().integer("k", 0)));
        table.add("TopK", 10, node -> topK(node, node.integer(1, "k", 0)));
        table.add("Hardmax", 1, node -> hardmax(node, true));
        table.add("Hardmax", 13, node -> hardmax(node, false));
    }

    private static List<Operand> place(NodeScope node, boolean largest) {
        var e = new Expressions(node.graph());
        Value given = node.value(0);
        int rank = given.type().rank();
        int axis = node.axis(node.attributes().integer("axis", 0), rank);
        boolean keep = node.attributes().flag("keepdims", true);
        boolean last = node.attributes().flag("select_last_index", false);
        Value x = largest ? numbers(node, e, given) : e.negate(numbers(node, e, given));
        Value place = last ? last(e, x, axis) : e.add(new Aggregation.ArgMax(axis), x);
        return one(keep ? e.insert(place, axis) : place);
    }

    /** The last of the largest: the largest index among them. */
    private static Value last(Expressions e, Value x, int axis) {
        Value largest = e.reduce(Reduction.MAX, x, List.of(axis), true);
        Value index =
                e.floats(e.along(e.iota(x.type().dim(axis)), axis, x.type().rank()));
        Value among = e.where(e.compare(Comparison.EQUAL, x, largest), index, e.number(-1, ElementType.F32));
        return e.cast(e.reduce(Reduction.MAX, among, List.of(axis), false), ElementType.I64);
    }

    private static List<Operand> topK(NodeScope node, long k) {
        var e = new Expressions(node.graph());
        Value given = node.value(0);
        int rank = given.type().rank();
        int axis = node.axis(node.attributes().integer("axis", -1), rank);
        boolean largest = node.attributes().flag("largest", true);
        node.attributes().flag("sorted", true); // sorted is one of the orders that 0 allows
        if (k < 1 || k > Integer.MAX_VALUE) {
            throw node.error("k is positive", "" + k, "give k with --fix");
        }
        Value x = numbers(node, e, given);
        Value moved = e.move(largest ? x : e.negate(x), axis, rank - 1);
        List<Value> found =
                node.graph().addAll(new Aggregation.TopK((int) k, Aggregation.Normalisation.NONE), List.of(moved));
        Value values = e.move(found.getFirst(), rank - 1, axis);
        Value places = e.move(found.getLast(), rank - 1, axis);
        return NodeScope.all(
                List.of(e.cast(largest ? values : e.negate(values), given.type().element()), places));
    }

    /** 1 at the first of the largest elements along an axis, else 0; before version 13 along all axes from it on. */
    private static List<Operand> hardmax(NodeScope node, boolean flattened) {
        var e = new Expressions(node.graph());
        Value given = node.value(0);
        int rank = given.type().rank();
        int axis = node.axis(node.attributes().integer("axis", flattened ? 1 : -1), rank);
        Value x = flattened ? e.merge(given, axis, rank) : given;
        Value place = e.insert(e.add(new Aggregation.ArgMax(axis), x), axis);
        Value index = e.along(e.iota(x.type().dim(axis)), axis, x.type().rank());
        Value hot = e.floats(e.compare(Comparison.EQUAL, place, index));
        return one(e.reshape(hot, given.type().dims()));
    }

    /** Whole numbers are compared as f32. */
    private static Value numbers(NodeScope node, Expressions e, Value x) {
        if (x.type().element() != ElementType.F32) {
            node.interpret(x.type().element().text() + " is compared as f32: exact up to 2^24");
        }
        return e.floats(x);
    }
}
