package dev.rondo.convert.onnx.op;

import dev.rondo.convert.onnx.graph.FunctionGraph;
import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * What exporters compute with shapes of dynamic axes: the same operators as elsewhere, on expressions over names of
 * dimensions. So these nodes leave nothing in the function. Sizes are at least 0; a comparison that holds for some
 * sizes only is not decided here, and runs.
 */
public final class SizeArithmetic {
    private static final long LARGE = 1 << 20;

    private final NodeScope node;
    private final List<Operand.Sizes> in;

    private SizeArithmetic(NodeScope node, List<Operand.Sizes> in) {
        this.node = node;
        this.in = in;
    }

    /** The node's outputs, if its inputs are sizes and its operator is one of these; else it has to run. */
    public static Optional<List<Operand>> of(NodeScope node) {
        boolean sizes = false;
        var in = new ArrayList<Operand.Sizes>();
        for (int i = 0; i < node.count(); i++) {
            if (node.has(i)) {
                Optional<Operand.Sizes> known = node.knownSizes(i);
                if (known.isEmpty()) {
                    return Optional.empty();
                }
                sizes |= node.operand(i) instanceof Operand.Sizes;
                in.add(known.get());
            } else {
                in.add(new Operand.Sizes(List.of(0), List.of()));
            }
        }
        return sizes && node.node().domain().isEmpty()
                ? new SizeArithmetic(node, in).result().map(List::of)
                : Optional.empty();
    }

    /** Sizes as an operand: a constant when they depend on no name. */
    public static Operand operand(FunctionGraph graph, List<Integer> shape, List<Dim> dims) {
        if (!dims.stream().allMatch(Dim::isFixed)) {
            return new Operand.Sizes(shape, dims);
        }
        long[] values = dims.stream().mapToLong(Dim::fixed).toArray();
        return new Operand.Tensor(graph.constants().integers("size", ElementType.I64, shape, values));
    }

    /** Whether an expression is 0 or more whatever the sizes are. */
    public static boolean isNonNegative(Dim dim) {
        try {
            return dim.times(-1).upperBound(_ -> LARGE) == 0;
        } catch (ArithmeticException large) {
            return false;
        }
    }

    private Optional<Operand> result() {
        return switch (node.node().opType()) {
            case "Identity" -> Optional.of(in.getFirst());
            case "Cast" -> cast();
            case "Gather" -> gather();
            case "Slice" -> slice();
            case "Concat" -> {
                node.attributes().integer("axis", 0);
                var dims = new ArrayList<Dim>();
                in.forEach(s -> dims.addAll(s.dims()));
                yield list(dims);
            }
            case "Squeeze", "Unsqueeze", "Reshape", "Flatten" -> reshaped();
            case "Neg" -> Optional.of(each(d -> d.times(-1)));
            case "Add" -> pairs(Dim::plus);
            case "Sub" -> pairs(Dim::minus);
            case "Mul" -> pairs(Dim::times);
            case "Div" -> divisors() ? pairs((a, b) -> a.dividedBy(b.fixed())) : Optional.empty();
            case "Mod" ->
                divisors() ? pairs((a, b) -> a.minus(a.dividedBy(b.fixed()).times(b))) : Optional.empty();
            case "Max" -> ordered() ? pairs((a, b) -> isNonNegative(a.minus(b)) ? a : b) : Optional.empty();
            case "Min" -> ordered() ? pairs((a, b) -> isNonNegative(a.minus(b)) ? b : a) : Optional.empty();
            case "ReduceProd" -> reduce(Dim.ONE, Dim::times);
            case "ReduceSum" -> reduce(Dim.of(0), Dim::plus);
            case "Equal" -> compared((a, b) -> decided(isPositive(a.minus(b)) || isPositive(b.minus(a)), a.equals(b)));
            case "Less" -> compared((a, b) -> decided(isNonNegative(a.minus(b)), isPositive(b.minus(a))));
            case "Greater" -> compared((a, b) -> decided(isNonNegative(b.minus(a)), isPositive(a.minus(b))));
            case "LessOrEqual" -> compared((a, b) -> decided(isPositive(a.minus(b)), isNonNegative(b.minus(a))));
            case "GreaterOrEqual" -> compared((a, b) -> decided(isPositive(b.minus(a)), isNonNegative(a.minus(b))));
            default -> Optional.empty();
        };
    }

    private static boolean isPositive(Dim dim) {
        return isNonNegative(dim.plus(-1));
    }

    private Operand sizes(List<Integer> shape, List<Dim> dims) {
        return operand(node.graph(), shape, dims);
    }

    private Optional<Operand> list(List<Dim> dims) {
        return Optional.of(sizes(List.of(dims.size()), dims));
    }

    private Operand each(UnaryOperator<Dim> f) {
        return sizes(in.getFirst().shape(), in.getFirst().dims().stream().map(f).toList());
    }

    /** Other types than these two are computed. */
    private Optional<Operand> cast() {
        long to = node.attributes().integer("to", 0);
        return to == 7 || to == 6 ? Optional.of(in.getFirst()) : Optional.empty();
    }

    private Optional<Operand> gather() {
        List<Dim> table = in.getFirst().dims();
        node.axis(node.attributes().integer("axis", 0), 1);
        var dims = new ArrayList<Dim>();
        for (Dim index : in.get(1).dims()) {
            if (!index.isFixed() || in.getFirst().shape().isEmpty()) {
                return Optional.empty();
            }
            dims.add(table.get(node.axis(index.fixed(), table.size())));
        }
        return Optional.of(sizes(in.get(1).shape(), dims));
    }

    private Optional<Operand> slice() {
        if (in.size() < 3 || in.getFirst().shape().isEmpty()) {
            return Optional.empty();
        }
        List<Dim> dims = in.getFirst().dims();
        long step = in.size() > 4 && node.has(4) ? in.get(4).dims().getFirst().fixed() : 1;
        if (step == 0
                || !in.get(1).dims().stream().allMatch(Dim::isFixed)
                || !in.get(2).dims().stream().allMatch(Dim::isFixed)) {
            return Optional.empty();
        }
        int[] range = range(
                in.get(1).dims().getFirst().fixed(), in.get(2).dims().getFirst().fixed(), step, dims.size());
        var part = new ArrayList<Dim>();
        for (int i = 0; i < range[1]; i++) {
            part.add(dims.get((int) (range[0] + i * step)));
        }
        return list(part);
    }

    /** First index and count of a slice, as ONNX clamps its bounds. */
    static int[] range(long start, long end, long step, int size) {
        long from = start < 0 ? start + size : start;
        long to = end < 0 ? Math.max(end, -1L - size) + size : end;
        if (step > 0) {
            from = Math.clamp(from, 0, size);
            to = Math.clamp(to, 0, size);
            return new int[] {(int) from, to > from ? (int) ((to - from - 1) / step) + 1 : 0};
        }
        from = Math.clamp(from, 0, size - 1);
        to = Math.clamp(to, -1, size - 1);
        return new int[] {(int) from, from > to ? (int) ((to - from + 1) / step) + 1 : 0};
    }

    /** Between a number and a list of one; anything else is no shape. */
    private Optional<Operand> reshaped() {
        List<Dim> dims = in.getFirst().dims();
        node.attributes().ignore("axes", "allowzero", "axis");
        return switch (node.node().opType()) {
            case "Unsqueeze" -> in.getFirst().shape().isEmpty() && axes() == 1 ? list(dims) : Optional.empty();
            case "Squeeze" -> dims.size() == 1 ? Optional.of(sizes(List.of(), dims)) : Optional.empty();
            case "Reshape" -> {
                boolean list = in.get(1).dims().size() == 1;
                boolean scalar = in.get(1).dims().isEmpty() && dims.size() == 1;
                yield list ? list(dims) : scalar ? Optional.of(sizes(List.of(), dims)) : Optional.empty();
            }
            default -> Optional.empty();
        };
    }

    private int axes() {
        return node.has(1)
                ? in.get(1).dims().size()
                : node.attributes().integers("axes").map(List::size).orElse(0);
    }

    private boolean divisors() {
        return in.get(1).dims().stream().allMatch(d -> d.isFixed() && d.fixed() > 0)
                && in.getFirst().dims().stream().allMatch(SizeArithmetic::isNonNegative);
    }

    /** Whether of every pair one is known to be the larger. */
    private boolean ordered() {
        return in.size() == 2
                && paired().stream()
                        .allMatch(p -> isNonNegative(p.get(0).minus(p.get(1)))
                                || isNonNegative(p.get(1).minus(p.get(0))));
    }

    private List<List<Dim>> paired() {
        List<Dim> a = in.get(0).dims();
        List<Dim> b = in.get(1).dims();
        int count = Math.max(a.size(), b.size());
        if (a.size() != count && a.size() != 1 || b.size() != count && b.size() != 1) {
            throw node.error("its inputs have equal sizes, or one", a + " and " + b, "export the model again");
        }
        List<Dim> left = a.size() == count ? a : Collections.nCopies(count, a.getFirst());
        List<Dim> right = b.size() == count ? b : Collections.nCopies(count, b.getFirst());
        var pairs = new ArrayList<List<Dim>>();
        for (int i = 0; i < count; i++) {
            pairs.add(List.of(left.get(i), right.get(i)));
        }
        return pairs;
    }

    private List<Integer> common() {
        int count = Math.max(in.get(0).dims().size(), in.get(1).dims().size());
        return in.get(0).shape().isEmpty() && in.get(1).shape().isEmpty() ? List.of() : List.of(count);
    }

    private Optional<Operand> pairs(BinaryOperator<Dim> f) {
        return Optional.of(sizes(
                common(),
                paired().stream().map(p -> f.apply(p.get(0), p.get(1))).toList()));
    }

    private Optional<Operand> reduce(Dim start, BinaryOperator<Dim> f) {
        boolean keep = node.attributes().flag("keepdims", true);
        boolean noop = node.attributes().flag("noop_with_empty_axes", false);
        node.attributes().ignore("axes");
        if (in.size() > 2 || noop) {
            return Optional.empty();
        }
        Dim total = in.getFirst().dims().stream().reduce(start, f);
        boolean one = keep && !in.getFirst().shape().isEmpty();
        return Optional.of(sizes(one ? List.of(1) : List.of(), List.of(total)));
    }

    private interface Comparison {
        Optional<Boolean> of(Dim a, Dim b);
    }

    private static Optional<Boolean> decided(boolean no, boolean yes) {
        return no || yes ? Optional.of(yes) : Optional.empty();
    }

    private Optional<Operand> compared(Comparison comparison) {
        List<Optional<Boolean>> found =
                paired().stream().map(p -> comparison.of(p.get(0), p.get(1))).toList();
        if (!found.stream().allMatch(Optional::isPresent)) {
            return Optional.empty();
        }
        long[] flags = found.stream().mapToLong(f -> f.orElseThrow() ? 1 : 0).toArray();
        return Optional.of(
                new Operand.Tensor(node.graph().constants().integers("flag", ElementType.BOOL, common(), flags)));
    }
}
