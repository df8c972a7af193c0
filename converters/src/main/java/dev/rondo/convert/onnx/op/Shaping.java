package dev.rondo.convert.onnx.op;

import dev.rondo.convert.onnx.file.OnnxTensor;
import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Operators that change how elements are arranged, or are about shapes: what they need to know is known at conversion.
 */
final class Shaping {
    private Shaping() {}

    static void addTo(OperatorTable table) {
        table.add("Constant", 1, Shaping::constant);
        table.add("Identity", 1, node -> List.of(node.operand(0)));
        table.add("Dropout", 1, Shaping::dropout);
        table.add("Shape", 1, Shaping::shape);
        table.add("Size", 1, Shaping::size);
        table.add("Reshape", 5, Shaping::reshape);
        table.add("Flatten", 1, Shaping::flatten);
        table.add("Squeeze", 1, Shaping::squeeze);
        table.add("Unsqueeze", 1, Shaping::unsqueeze);
        table.add("Transpose", 1, Shaping::transpose);
        table.add("Expand", 8, Shaping::expand);
        table.add("ConstantOfShape", 9, Shaping::constantOfShape);
        table.add("Concat", 4, Shaping::concat);
        table.add("Split", 2, Shaping::split);
    }

    private static List<Operand> constant(NodeScope node) {
        Attributes attributes = node.attributes();
        String name =
                node.node().outputs().isEmpty() ? "" : node.node().outputs().getFirst();
        var constants = node.graph().constants();
        Optional<Value> value = attributes
                .tensor("value")
                .map(node::constant)
                .or(() -> attributes.reals("value_floats").map(l -> {
                    float[] values = new float[l.size()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = l.get(i);
                    }
                    return constants.floats(name, List.of(values.length), values);
                }))
                .or(() -> attributes.integers("value_ints").map(l -> {
                    long[] values = l.stream().mapToLong(Long::longValue).toArray();
                    return constants.integers(name, ElementType.I64, List.of(values.length), values);
                }));
        if (value.isPresent()) {
            return NodeScope.one(value.get());
        }
        if (attributes.has("value_float")) {
            return NodeScope.one(constants.floats(name, List.of(), attributes.real("value_float", 0)));
        }
        if (attributes.has("value_int")) {
            return NodeScope.one(
                    constants.integers(name, ElementType.I64, List.of(), attributes.integer("value_int", 0)));
        }
        throw node.error("holds numbers", "" + node.node().attributes().keySet(), "keep texts outside the model");
    }

    /** In inference nothing is dropped. */
    private static List<Operand> dropout(NodeScope node) {
        node.attributes().ignore("ratio", "seed");
        if (node.has(1)) {
            node.operand(1);
        }
        if (node.has(2) && node.integers(2, "training_mode")[0] != 0) {
            throw node.error("is in inference mode", "training_mode true", "export the model in inference mode");
        }
        if (!node.wants(1)) {
            return List.of(node.operand(0));
        }
        Value kept = node.graph().fill(ElementType.BOOL, 1, node.type(0).dims());
        return List.of(node.operand(0), new Operand.Tensor(kept));
    }

    private static List<Operand> shape(NodeScope node) {
        List<Dim> dims = dims(node);
        int[] range = SizeArithmetic.range(
                node.attributes().integer("start", 0), node.attributes().integer("end", dims.size()), 1, dims.size());
        List<Dim> part = dims.subList(range[0], range[0] + range[1]);
        return List.of(SizeArithmetic.operand(node.graph(), List.of(part.size()), part));
    }

    private static List<Operand> size(NodeScope node) {
        return List.of(SizeArithmetic.operand(node.graph(), List.of(), List.of(Dim.product(dims(node)))));
    }

    private static List<Dim> dims(NodeScope node) {
        return switch (node.operand(0)) {
            case Operand.Tensor(Value value) -> value.type().dims();
            case Operand.Sizes sizes -> sizes.shape().stream().map(Dim::of).toList();
        };
    }

    private static List<Operand> reshape(NodeScope node) {
        Value x = node.value(0);
        boolean zeros = node.attributes().flag("allowzero", false);
        List<Dim> wanted = new ArrayList<>(node.sizes(1, "the shape"));
        int open = -1;
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i).is(0) && !zeros) {
                if (i >= x.type().rank()) {
                    throw node.error("0 stands for an axis of the input", wanted + " of " + x.type(), "export again");
                }
                wanted.set(i, x.type().dim(i));
            } else if (wanted.get(i).is(-1)) {
                if (open >= 0) {
                    throw node.error("one size is left open", wanted.toString(), "export the model again");
                }
                open = i;
            }
        }
        if (open >= 0) {
            wanted.remove(open);
            wanted.add(open, quotient(node, x.type().dims(), wanted));
        }
        return NodeScope.one(node.graph().reshape(x, wanted));
    }

    /** The product of {@code dims} over that of {@code others}, without remainder. */
    private static Dim quotient(NodeScope node, List<Dim> dims, List<Dim> others) {
        var left = new ArrayList<>(dims);
        var divisors = new ArrayList<>(others);
        divisors.removeIf(d -> !d.isFixed() && left.remove(d));
        Dim total = Dim.product(left);
        Dim divisor = Dim.product(divisors);
        if (divisor.isFixed() && divisor.fixed() > 0) {
            Dim quotient = total.dividedBy(divisor.fixed());
            if (quotient.times(divisor).equals(total)) {
                return quotient;
            }
        }
        throw node.error(
                "the open size follows from the others",
                dims + " by " + others,
                "give sizes with --shape or --fix so that it divides");
    }

    private static List<Operand> flatten(NodeScope node) {
        Value x = node.value(0);
        int rank = x.type().rank();
        long axis = node.attributes().integer("axis", 1);
        int at = axis == rank ? rank : node.axis(axis, Math.max(rank, 1));
        List<Dim> dims = x.type().dims();
        return NodeScope.one(node.graph()
                .reshape(x, List.of(Dim.product(dims.subList(0, at)), Dim.product(dims.subList(at, rank)))));
    }

    /** Axes are an attribute before version 13, then an input. */
    static Optional<int[]> axes(NodeScope node, int input, int rank) {
        Optional<long[]> given = node.has(input)
                ? Optional.of(node.integers(input, "axes"))
                : node.attributes()
                        .integers("axes")
                        .map(l -> l.stream().mapToLong(Long::longValue).toArray());
        return given.map(axes -> {
            int[] sorted = LongStream.of(axes)
                    .mapToInt(a -> node.axis(a, rank))
                    .sorted()
                    .toArray();
            if (Arrays.stream(sorted).distinct().count() != sorted.length) {
                throw node.error("axes are distinct", Arrays.toString(axes), "export the model again");
            }
            return sorted;
        });
    }

    private static List<Operand> squeeze(NodeScope node) {
        Value x = node.value(0);
        ValueType type = x.type();
        int[] axes = axes(node, 1, type.rank())
                .orElseGet(() -> IntStream.range(0, type.rank())
                        .filter(d -> type.dim(d).is(1))
                        .toArray());
        var dims = new ArrayList<>(type.dims());
        for (int i = axes.length - 1; i >= 0; i--) {
            if (!dims.get(axes[i]).is(1)) {
                throw node.error("squeezes axes of size 1", "axis " + axes[i] + " of " + type, "fix it with --shape");
            }
            dims.remove(axes[i]);
        }
        return NodeScope.one(node.graph().reshape(x, dims));
    }

    private static List<Operand> unsqueeze(NodeScope node) {
        Value x = node.value(0);
        int count = node.has(1)
                ? node.integers(1, "axes").length
                : node.attributes().integers("axes").map(List::size).orElse(0);
        int[] axes = axes(node, 1, x.type().rank() + count)
                .orElseThrow(() -> node.error("names axes", "none", "export the model again"));
        var dims = new ArrayList<>(x.type().dims());
        for (int axis : axes) {
            dims.add(axis, Dim.ONE);
        }
        return NodeScope.one(node.graph().reshape(x, dims));
    }

    private static List<Operand> transpose(NodeScope node) {
        Value x = node.value(0);
        List<Integer> permutation = node.attributes()
                .integers("perm")
                .map(p -> p.stream().map(a -> node.axis(a, x.type().rank())).toList())
                .orElseGet(() -> {
                    var reversed = new ArrayList<>(
                            IntStream.range(0, x.type().rank()).boxed().toList());
                    Collections.reverse(reversed);
                    return reversed;
                });
        return NodeScope.one(node.graph().transpose(x, permutation));
    }

    private static List<Operand> expand(NodeScope node) {
        Value x = node.value(0);
        return NodeScope.one(node.graph().expand(x, broadcast(x.type().dims(), node.sizes(1, "the shape"))));
    }

    /** Where one of two aligned sizes is 1, the other; else the second, which the operator checks. */
    static List<Dim> broadcast(List<Dim> a, List<Dim> b) {
        var dims = new ArrayList<>(b);
        while (dims.size() < a.size()) {
            dims.addFirst(Dim.ONE);
        }
        int before = dims.size() - a.size();
        for (int d = 0; d < a.size(); d++) {
            if (dims.get(before + d).is(1)) {
                dims.set(before + d, a.get(d));
            }
        }
        return dims;
    }

    private static List<Operand> constantOfShape(NodeScope node) {
        List<Dim> dims = node.sizes(0, "the shape");
        Optional<OnnxTensor> tensor = node.attributes().tensor("value");
        Value value = tensor.map(node::constant).orElseGet(() -> node.graph().scalar(ElementType.F32, 0));
        if (!Dim.product(value.type().dims()).is(1)) {
            throw node.error("its value is one number", value.type().toString(), "export the model again");
        }
        double number;
        if (value.type().element() == ElementType.F32) {
            number = node.graph().constants().floats(value)[0];
        } else {
            long whole = node.graph().constants().integers(value)[0];
            number = whole;
            if ((long) number != whole) {
                throw node.error("its value is a number that f64 holds", "" + whole, "use a smaller number");
            }
        }
        return NodeScope.one(node.graph().fill(value.type().element(), number, dims));
    }

    private static List<Operand> concat(NodeScope node) {
        List<Value> parts = node.values();
        if (parts.isEmpty()) {
            throw node.error("joins at least one value", "none", "export the model again");
        }
        int axis = node.axis(
                node.attributes().integer("axis", 1), parts.getFirst().type().rank());
        return NodeScope.one(node.graph().concat(axis, parts));
    }

    private static List<Operand> split(NodeScope node) {
        Value x = node.value(0);
        int axis = node.axis(node.attributes().integer("axis", 0), x.type().rank());
        Dim size = x.type().dim(axis);
        int outputs = node.node().outputs().size();
        List<Dim> lengths = node.has(1)
                ? node.sizes(1, "the split")
                : node.attributes()
                        .integers("split")
                        .map(l -> l.stream().map(Dim::of).toList())
                        .orElseGet(() -> equal(node, size, outputs));
        if (lengths.size() != outputs || !Dim.sum(lengths).equals(size)) {
            throw node.error(
                    "its parts make up the axis",
                    lengths + " of " + size + " for " + outputs + " outputs",
                    "export again");
        }
        var parts = new ArrayList<Value>();
        Dim start = Dim.of(0);
        for (Dim length : lengths) {
            parts.add(node.graph().add(new Structure.Slice(axis, start, length, 1), x));
            start = start.plus(length);
        }
        return NodeScope.all(parts);
    }

    /** As many parts as outputs; all but the last of the size rounded up. */
    private static List<Dim> equal(NodeScope node, Dim size, int outputs) {
        long count = node.attributes().integer("num_outputs", outputs);
        if (count != outputs) {
            throw node.error("has num_outputs outputs", count + " and " + outputs, "export the model again");
        }
        Dim each = size.plus(count - 1).dividedBy(count);
        var lengths = new ArrayList<>(Collections.nCopies(outputs - 1, each));
        lengths.add(size.minus(each.times(count - 1)));
        return lengths;
    }
}
