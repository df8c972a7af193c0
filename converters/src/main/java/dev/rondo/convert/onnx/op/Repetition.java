package dev.rondo.convert.onnx.op;

import static dev.rondo.convert.onnx.op.NodeScope.one;

import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** Values that repeat or continue a pattern. */
final class Repetition {
    /** Numbers that a range of floats may have. */
    private static final int MAX_RANGE = 1 << 20;

    private Repetition() {}

    static void addTo(OperatorTable table) {
        table.add("Tile", 6, Repetition::tile);
        table.add("Range", 11, Repetition::range);
    }

    private static List<Operand> tile(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        List<Dim> repeats = node.sizes(1, "the list of repeats");
        if (repeats.size() != x.type().rank()) {
            throw node.error("has a repeat for each axis", repeats + " of " + x.type(), "export the model again");
        }
        for (int axis = 0; axis < repeats.size(); axis++) {
            if (!repeats.get(axis).is(1)) {
                Value apart = e.insert(x, axis);
                var dims = new ArrayList<>(apart.type().dims());
                dims.set(axis, repeats.get(axis));
                x = e.merge(e.expand(apart, dims), axis, axis + 2);
            }
        }
        return one(x);
    }

    /** start, start + delta, ... below limit. */
    private static List<Operand> range(NodeScope node) {
        if (node.type(0).element() == ElementType.F32) {
            return one(floats(node));
        }
        var e = new Expressions(node.graph());
        ElementType element = node.type(0).element();
        Dim start = single(node, 0, "the start");
        Dim limit = single(node, 1, "the limit");
        Dim delta = single(node, 2, "the step");
        if (!delta.isFixed() || delta.is(0)) {
            throw node.error("the step is a number other than 0", delta.toString(), "fix it with --fix");
        }
        long step = delta.fixed();
        Dim room = step > 0 ? limit.minus(start) : start.minus(limit);
        Dim count = room.plus(Math.abs(step) - 1).dividedBy(Math.abs(step));
        if (count.isFixed() && count.fixed() < 0) {
            count = Dim.of(0);
        }
        Value scaled = e.iota(count);
        scaled = step == 1 ? scaled : e.times(scaled, e.number(step, ElementType.I64));
        Value values = start.is(0) ? scaled : e.plus(scaled, e.size(start, ElementType.I64));
        return one(e.cast(values, element));
    }

    private static Dim single(NodeScope node, int input, String role) {
        List<Dim> dims = node.sizes(input, role);
        if (dims.size() != 1) {
            throw node.error(role + " is one number", dims.toString(), "export the model again");
        }
        return dims.getFirst();
    }

    private static Value floats(NodeScope node) {
        double start = node.real(0, "the start", 0);
        double limit = node.real(1, "the limit", 0);
        double delta = node.real(2, "the step", 1);
        double count = Math.ceil((limit - start) / delta);
        if (!(count <= MAX_RANGE)) {
            throw node.error(
                    "has at most " + MAX_RANGE + " numbers",
                    start + " to " + limit + " by " + delta,
                    "fix it with --fix");
        }
        float[] values = new float[(int) Math.max(0, count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (start + i * delta);
        }
        return node.graph().constants().floats("range", List.of(values.length), values);
    }
}
