package dev.rondo.convert.onnx.op;

import dev.rondo.convert.onnx.graph.FunctionGraph;
import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Gather, Slice and Pad. */
final class Selection {
    private Selection() {}

    static void addTo(OperatorTable table) {
        table.add("Gather", 1, Selection::gather);
        table.add("Slice", 1, Selection::slice);
        table.add("Pad", 2, Selection::pad);
    }

    private static List<Operand> gather(NodeScope node) {
        FunctionGraph graph = node.graph();
        Value x = node.value(0);
        Value index = node.value(1);
        int axis = node.axis(node.attributes().integer("axis", 0), x.type().rank());
        Dim size = x.type().dim(axis);
        if (index.isWeight() && index.type().rank() == 0) {
            long at = graph.constants().integers(index)[0];
            return NodeScope.one(graph.select(x, axis, at < 0 ? size.plus(at) : Dim.of(at)));
        }
        Value valid = fromFront(node, x, index, size);
        if (axis == 0) {
            return NodeScope.one(graph.add(new Structure.Gather(), x, valid));
        }
        // Rows are what is gathered: the axis comes first, and its indices go back to its place.
        int rank = x.type().rank();
        var first = new ArrayList<>(List.of(axis));
        IntStream.range(0, rank).filter(d -> d != axis).forEach(first::add);
        Value rows = graph.add(new Structure.Gather(), graph.transpose(x, first), valid);
        int indices = index.type().rank();
        var back = new ArrayList<Integer>();
        IntStream.range(0, axis).forEach(d -> back.add(indices + d));
        IntStream.range(0, indices).forEach(back::add);
        IntStream.range(axis, rank - 1).forEach(d -> back.add(indices + d));
        return NodeScope.one(graph.transpose(rows, back));
    }

    /** Indices that count from the front. Those of an embedding's rows do: a negative one is an error when it runs. */
    private static Value fromFront(NodeScope node, Value x, Value index, Dim size) {
        FunctionGraph graph = node.graph();
        if (index.isWeight()) {
            long[] at = graph.constants().integers(index);
            if (Arrays.stream(at).allMatch(i -> i >= 0)) {
                return index;
            }
        } else if (x.isWeight() && x.type().element() == ElementType.F32) {
            node.interpret("Gather: indices are 0 or more; a negative one is refused when it runs");
            return index;
        }
        ElementType element = index.type().element();
        Value zero = graph.constants().integers("zero", element, List.of(), 0);
        Value count = graph.cast(graph.value(SizeArithmetic.operand(graph, List.of(), List.of(size))), element);
        Value negative = graph.add(new Elementwise.Compare(Comparison.LESS), index, zero);
        Value shifted = graph.add(new Elementwise.Binary(BinaryFunction.ADD), index, count);
        return graph.add(new Elementwise.Where(), negative, shifted, index);
    }

    /** Bounds are attributes before version 10, then inputs. */
    private static List<Operand> slice(NodeScope node) {
        Value x = node.value(0);
        int rank = x.type().rank();
        List<Dim> starts = bounds(node, 1, "starts");
        List<Dim> ends = bounds(node, 2, "ends");
        long[] axes = node.has(3)
                ? node.integers(3, "axes")
                : node.attributes()
                        .integers("axes")
                        .map(l -> l.stream().mapToLong(Long::longValue).toArray())
                        .orElseGet(() -> IntStream.range(0, starts.size())
                                .mapToLong(d -> d)
                                .toArray());
        long[] steps = node.has(4) ? node.integers(4, "steps") : null;
        if (ends.size() != starts.size()
                || axes.length != starts.size()
                || steps != null && steps.length != axes.length) {
            throw node.error("as many starts, ends, axes and steps", starts + ", " + ends, "export the model again");
        }
        for (int i = 0; i < axes.length; i++) {
            x = slice(node, x, node.axis(axes[i], rank), starts.get(i), ends.get(i), steps == null ? 1 : steps[i]);
        }
        return NodeScope.one(x);
    }

    private static List<Dim> bounds(NodeScope node, int input, String name) {
        return node.count() > 1
                ? node.sizes(input, name)
                : node.attributes()
                        .integers(name)
                        .map(l -> l.stream().map(Dim::of).toList())
                        .orElseThrow(() -> node.error("has " + name, "none", "export the model again"));
    }

    private static Value slice(NodeScope node, Value x, int axis, Dim start, Dim end, long step) {
        FunctionGraph graph = node.graph();
        Dim size = x.type().dim(axis);
        if (step == 0) {
            throw node.error("its steps are not 0", "0", "export the model again");
        }
        if (size.isFixed() && start.isFixed() && end.isFixed()) {
            int[] range = SizeArithmetic.range(start.fixed(), end.fixed(), step, Math.toIntExact(size.fixed()));
            if (step > 0 && step <= Integer.MAX_VALUE) {
                return graph.add(new Structure.Slice(axis, Dim.of(range[0]), Dim.of(range[1]), (int) step), x);
            }
            long[] places = IntStream.range(0, range[1])
                    .mapToLong(i -> range[0] + i * step)
                    .toArray();
            return places(graph, x, axis, places);
        }
        if (step < 0 || step > Integer.MAX_VALUE) {
            throw node.error(
                    "steps backward over an axis of known size only",
                    size + " by " + step,
                    "fix it with --shape or --fix");
        }
        Dim from = bound(node, start, size);
        Dim to = bound(node, end, size);
        Dim length = to.minus(from).plus(step - 1).dividedBy(step);
        return graph.add(new Structure.Slice(axis, from, length, (int) step), x);
    }

    /**
     * A bound within an axis whose size has a name. Where that cannot be said, it is taken as within: the run checks.
     */
    private static Dim bound(NodeScope node, Dim bound, Dim size) {
        Dim front = bound.isFixed() && bound.fixed() < 0
                ? bound.fixed() <= Integer.MIN_VALUE ? Dim.of(0) : size.plus(bound)
                : bound;
        if (front.isFixed() && front.fixed() >= Integer.MAX_VALUE || SizeArithmetic.isNonNegative(front.minus(size))) {
            return size;
        }
        if (!front.is(0) && !SizeArithmetic.isNonNegative(size.minus(front))) {
            node.interpret("Slice: " + size + " is at least " + front + "; smaller ones are refused when it runs");
        }
        return front;
    }

    /** The elements at these places of an axis. */
    private static Value places(FunctionGraph graph, Value x, int axis, long... places) {
        Value index = graph.constants().integers("places", ElementType.I64, List.of(places.length), places);
        int rank = x.type().rank();
        List<Integer> swap = IntStream.range(0, rank)
                .map(d -> d == 0 ? axis : d == axis ? 0 : d)
                .boxed()
                .toList();
        return graph.transpose(graph.add(new Structure.Gather(), graph.transpose(x, swap), index), swap);
    }

    /** Pads are an attribute before version 11, then an input; axes an input since 18. */
    private static List<Operand> pad(NodeScope node) {
        Value x = node.value(0);
        int rank = x.type().rank();
        long[] pads = node.count() > 1
                ? node.integers(1, "pads")
                : node
                        .attributes()
                        .integers("pads")
                        .orElseThrow(() -> node.error("has pads", "none", "export the model again"))
                        .stream()
                        .mapToLong(Long::longValue)
                        .toArray();
        int[] axes = node.has(3)
                ? Arrays.stream(node.integers(3, "axes"))
                        .mapToInt(a -> node.axis(a, rank))
                        .toArray()
                : IntStream.range(0, rank).toArray();
        if (pads.length != 2 * axes.length
                || Arrays.stream(pads).anyMatch(p -> p < -Integer.MAX_VALUE || p > Integer.MAX_VALUE)) {
            throw node.error("has two pads for each axis", Arrays.toString(pads) + " of " + x.type(), "export again");
        }
        String mode = node.attributes().text("mode", "constant");
        Value filling = filling(node, x);
        for (int i = 0; i < axes.length; i++) {
            x = pad(node, x, axes[i], (int) pads[i], (int) pads[axes.length + i], mode, filling);
        }
        return NodeScope.one(x);
    }

    private static Value filling(NodeScope node, Value x) {
        ElementType element = x.type().element();
        if (node.has(2)) {
            Value value = node.value(2);
            return value.type().rank() == 0 ? value : node.graph().reshape(value, List.of());
        }
        return node.graph().scalar(element, node.attributes().real("value", 0));
    }

    private static Value pad(NodeScope node, Value x, int axis, int before, int after, String mode, Value filling) {
        FunctionGraph graph = node.graph();
        Dim size = x.type().dim(axis);
        if (before < 0 || after < 0) {
            int cut = -Math.min(0, before);
            Dim length = size.plus(-cut).plus(Math.min(0, after));
            Value part = graph.slice(x, axis, Dim.of(cut), length);
            return pad(node, part, axis, Math.max(0, before), Math.max(0, after), mode, filling);
        }
        if (before == 0 && after == 0) {
            return x;
        }
        return switch (mode) {
            case "reflect" -> graph.add(new Structure.Pad(axis, before, after, Structure.PadMode.REFLECT), x);
            case "edge" -> graph.add(new Structure.Pad(axis, before, after, Structure.PadMode.EDGE), x);
            case "constant" ->
                isZero(graph, filling)
                        ? graph.add(new Structure.Pad(axis, before, after, Structure.PadMode.ZERO), x)
                        : filled(graph, x, axis, before, after, filling);
            case "wrap" -> {
                var parts = new ArrayList<Value>();
                if (before > 0) {
                    parts.add(graph.slice(x, axis, size.plus(-before), Dim.of(before)));
                }
                parts.add(x);
                if (after > 0) {
                    parts.add(graph.slice(x, axis, Dim.of(0), Dim.of(after)));
                }
                yield graph.concat(axis, parts);
            }
            default -> throw node.attributes().error("mode", "is constant, reflect, edge or wrap", "'" + mode + "'");
        };
    }

    private static boolean isZero(FunctionGraph graph, Value filling) {
        return filling.isWeight()
                && (filling.type().element() == ElementType.F32
                        ? graph.constants().floats(filling)[0] == 0
                        : graph.constants().integers(filling)[0] == 0);
    }

    private static Value filled(FunctionGraph graph, Value x, int axis, int before, int after, Value filling) {
        var parts = new ArrayList<Value>();
        var dims = new ArrayList<>(x.type().dims());
        if (before > 0) {
            dims.set(axis, Dim.of(before));
            parts.add(graph.expand(filling, dims));
        }
        parts.add(x);
        if (after > 0) {
            dims.set(axis, Dim.of(after));
            parts.add(graph.expand(filling, dims));
        }
        return graph.concat(axis, parts);
    }
}
