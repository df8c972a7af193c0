package dev.rondo.convert.onnx.graph;

import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What need not be computed, or not in this order. ONNX keeps channels and time in another order than the kernels here,
 * so importing puts transposes around many nodes; moved toward the outputs they meet their inverse and both go. Every
 * rule keeps each element's value.
 */
final class Rewrites {
    private final FunctionGraph graph;

    Rewrites(FunctionGraph graph) {
        this.graph = graph;
    }

    /** Another way to the result of a node, if there is a shorter one. */
    Optional<Value> of(Op op, List<Value> in) {
        return switch (op) {
            case Structure.Reshape reshape -> reshape(reshape.dims(), in.getFirst());
            case Structure.Transpose transpose -> transpose(transpose.permutation(), in.getFirst());
            case Structure.Expand expand
            when expand.dims().equals(in.getFirst().type().dims()) -> Optional.of(in.getFirst());
            case Structure.Slice slice -> slice(slice, in.getFirst());
            case Structure.Concat concat -> in.size() == 1 ? Optional.of(in.getFirst()) : concat(concat.axis(), in);
            case Elementwise.Cast cast when cast.to() == in.getFirst().type().element() -> Optional.of(in.getFirst());
            case Elementwise elementwise -> elementwise(elementwise, in);
            case Aggregation.Reduce reduce -> reduce(reduce, in.getFirst());
            case Contraction.Conv1d conv -> convolution(conv, in);
            default -> Optional.empty();
        };
    }

    // Reshapes.

    private Optional<Value> reshape(List<Dim> dims, Value x) {
        if (dims.equals(x.type().dims())) {
            return Optional.of(x);
        }
        return source(x, Structure.Reshape.class)
                .map(source -> graph.reshape(source, dims))
                .or(() -> permutation(x).flatMap(p -> beforeTranspose(dims, x, p)));
    }

    /**
     * A reshape of a transposed value as a transpose of a reshaped one: when it only joins axes that also lie side by
     * side before the transpose, and adds or takes axes of size 1.
     */
    private Optional<Value> beforeTranspose(List<Dim> dims, Value x, List<Integer> permutation) {
        List<Dim> given = x.type().dims();
        var groups = new ArrayList<List<Integer>>();
        int next = 0;
        for (Dim wanted : dims) {
            var group = new ArrayList<Integer>();
            Dim product = Dim.ONE;
            while (!product.equals(wanted) && next < given.size()) {
                if (!given.get(next).is(1)) {
                    group.add(permutation.get(next));
                    product = product.times(given.get(next));
                }
                next++;
            }
            boolean together = IntStream.range(1, group.size()).allMatch(i -> group.get(i) == group.get(i - 1) + 1);
            if (!product.equals(wanted) || !together) {
                return Optional.empty();
            }
            groups.add(group);
        }
        if (!given.subList(next, given.size()).stream().allMatch(d -> d.is(1))) {
            return Optional.empty();
        }
        // Axes of size 1 come last before the transpose: where they stand does not matter.
        List<Integer> order = IntStream.range(0, groups.size())
                .boxed()
                .sorted(Comparator.comparingInt(g -> groups.get(g).isEmpty()
                        ? Integer.MAX_VALUE
                        : groups.get(g).getFirst()))
                .toList();
        Value source = source(x, Structure.Transpose.class).orElseThrow();
        Value reshaped = graph.reshape(source, order.stream().map(dims::get).toList());
        return Optional.of(graph.transpose(
                reshaped,
                IntStream.range(0, dims.size()).map(order::indexOf).boxed().toList()));
    }

    // Transposes.

    private Optional<Value> transpose(List<Integer> permutation, Value x) {
        Optional<List<Integer>> earlier = permutation(x);
        if (earlier.isPresent()) {
            Value source = source(x, Structure.Transpose.class).orElseThrow();
            return Optional.of(graph.transpose(
                    source, permutation.stream().map(earlier.get()::get).toList()));
        }
        if (isFree(permutation, x)) {
            return Optional.of(graph.reshape(x, permuted(x.type().dims(), permutation)));
        }
        Optional<Node> parts = graph.producer(x).filter(n -> n.op() instanceof Structure.Concat);
        if (parts.isPresent() && parts.get().inputs().stream().allMatch(part -> isFree(permutation, part))) {
            int axis = ((Structure.Concat) parts.get().op()).axis();
            int rank = x.type().rank();
            List<Value> moved = parts.get().inputs().stream()
                    .map(part -> graph.transpose(part, permutation))
                    .toList();
            return Optional.of(graph.concat(permutation.indexOf(axis < 0 ? axis + rank : axis), moved));
        }
        return Optional.empty();
    }

    /** Whether a transpose leaves all elements where they are: only axes of size 1 move. */
    private static boolean isFree(List<Integer> permutation, Value x) {
        List<Integer> moved =
                permutation.stream().filter(p -> !x.type().dim(p).is(1)).toList();
        return moved.stream().sorted().toList().equals(moved);
    }

    private Optional<List<Integer>> permutation(Value x) {
        return graph.producer(x)
                .filter(n -> n.op() instanceof Structure.Transpose)
                .map(n -> ((Structure.Transpose) n.op()).permutation());
    }

    /** What a value is made from by a node of that kind. */
    private Optional<Value> source(Value x, Class<? extends Op> kind) {
        return graph.producer(x)
                .filter(n -> kind.isInstance(n.op()))
                .map(n -> n.inputs().getFirst());
    }

    private static <T> List<T> permuted(List<T> list, List<Integer> permutation) {
        return permutation.stream().map(list::get).toList();
    }

    private static List<Integer> inverse(List<Integer> permutation) {
        return IntStream.range(0, permutation.size())
                .map(permutation::indexOf)
                .boxed()
                .toList();
    }

    // Operators that a transpose may follow as well as precede.

    private Optional<Value> slice(Structure.Slice slice, Value x) {
        int axis = slice.axis() < 0 ? slice.axis() + x.type().rank() : slice.axis();
        if (slice.step() == 1 && slice.length().equals(x.type().dim(axis))) {
            return Optional.of(x);
        }
        Optional<Value> earlier = graph.producer(x)
                .flatMap(n -> n.op() instanceof Structure.Slice first
                                && first.step() == 1
                                && (first.axis() < 0 ? first.axis() + x.type().rank() : first.axis()) == axis
                        ? Optional.of(graph.add(
                                new Structure.Slice(
                                        axis, first.start().plus(slice.start()), slice.length(), slice.step()),
                                n.inputs().getFirst()))
                        : Optional.empty());
        if (earlier.isPresent()) {
            return earlier;
        }
        Optional<Value> part = graph.producer(x)
                .filter(n -> n.op() instanceof Structure.Concat(int along)
                        && (along < 0 ? along + x.type().rank() : along) == axis)
                .flatMap(n -> within(slice, axis, n.inputs()));
        return part.isPresent() ? part : beforeTranspose(slice, axis, x);
    }

    /** A slice of joined values that lies within one of them. */
    private Optional<Value> within(Structure.Slice slice, int axis, List<Value> parts) {
        Dim start = Dim.of(0);
        for (Value part : parts) {
            Dim size = part.type().dim(axis);
            boolean exact = slice.start().equals(start) && slice.length().equals(size) && slice.step() == 1;
            Dim from = slice.start().minus(start);
            Dim end = from.plus(slice.length().plus(-1).times(slice.step()));
            boolean inside = from.isFixed()
                    && from.fixed() >= 0
                    && end.isFixed()
                    && size.isFixed()
                    && end.fixed() < size.fixed();
            if (exact || inside) {
                return Optional.of(graph.add(new Structure.Slice(axis, from, slice.length(), slice.step()), part));
            }
            start = start.plus(size);
        }
        return Optional.empty();
    }

    private Optional<Value> beforeTranspose(Structure.Slice slice, int axis, Value x) {
        return permutation(x).map(p -> {
            Value source = source(x, Structure.Transpose.class).orElseThrow();
            Value part =
                    graph.add(new Structure.Slice(p.get(axis), slice.start(), slice.length(), slice.step()), source);
            return graph.transpose(part, p);
        });
    }

    private Optional<Value> concat(int axis, List<Value> parts) {
        Optional<List<Integer>> common = common(parts);
        if (common.isEmpty() || !parts.stream().allMatch(p -> permutation(p).isPresent())) {
            return Optional.empty();
        }
        List<Integer> p = common.get();
        List<Value> sources = parts.stream()
                .map(part -> source(part, Structure.Transpose.class).orElseThrow())
                .toList();
        return Optional.of(graph.transpose(graph.concat(p.get(axis < 0 ? axis + p.size() : axis), sources), p));
    }

    private Optional<Value> elementwise(Elementwise op, List<Value> in) {
        return unchanged(op, in).or(() -> beforeTranspose(op, in)).or(() -> beforeReshape(op, in));
    }

    private Optional<Value> beforeTranspose(Elementwise op, List<Value> in) {
        return common(in).map(p -> {
            Value[] sources = in.stream().map(v -> before(v, p)).toArray(Value[]::new);
            return graph.transpose(graph.add(op, sources), p);
        });
    }

    /** One input, reshaped: the reshape may come after. */
    private Optional<Value> beforeReshape(Elementwise op, List<Value> in) {
        return in.size() != 1
                ? Optional.empty()
                : source(in.getFirst(), Structure.Reshape.class)
                        .map(source -> graph.reshape(
                                graph.add(op, source), in.getFirst().type().dims()));
    }

    /** x + 0, x - 0, x 1 and x / 1. */
    private Optional<Value> unchanged(Elementwise op, List<Value> in) {
        if (!(op instanceof Elementwise.Binary(BinaryFunction f))) {
            return Optional.empty();
        }
        return switch (f) {
            case ADD -> neutral(in.get(0), in.get(1), 0).or(() -> neutral(in.get(1), in.get(0), 0));
            case SUBTRACT -> neutral(in.get(0), in.get(1), 0);
            case MULTIPLY -> neutral(in.get(0), in.get(1), 1).or(() -> neutral(in.get(1), in.get(0), 1));
            case DIVIDE -> neutral(in.get(0), in.get(1), 1);
            case MAXIMUM, MINIMUM, POWER, AND, OR -> Optional.empty();
        };
    }

    /** The first value, when the second is that one number and adds no axis. */
    private Optional<Value> neutral(Value x, Value number, double neutral) {
        boolean scalar = number.isWeight()
                && number.type().rank() <= x.type().rank()
                && number.type().dims().stream().allMatch(d -> d.is(1));
        return scalar && graph.constants().number(number) == neutral ? Optional.of(x) : Optional.empty();
    }

    /** Over an axis of size 1 every reduction gives what is there. */
    private Optional<Value> reduce(Aggregation.Reduce reduce, Value x) {
        int axis = reduce.axis() < 0 ? reduce.axis() + x.type().rank() : reduce.axis();
        if (!x.type().dim(axis).is(1)) {
            return Optional.empty();
        }
        var dims = new ArrayList<>(x.type().dims());
        if (!reduce.keep()) {
            dims.remove(axis);
        }
        return Optional.of(graph.reshape(x, dims));
    }

    /** A convolution is a linear map when its windows are single steps, or there is one window. */
    private Optional<Value> convolution(Contraction.Conv1d conv, List<Value> in) {
        Value x = in.getFirst();
        Dim steps = x.type().dim(1);
        long taps = in.get(1).type().dim(1).fixed();
        if (conv.groups() != 1 || conv.dilation() != 1) {
            return Optional.empty();
        }
        if (taps == 1 && conv.stride() == 1 && conv.before() == 0 && conv.after() == 0) {
            return Optional.of(window(x, in.get(1), in.get(2)));
        }
        boolean single = steps.isFixed()
                && (steps.fixed() + conv.before() + conv.after() - taps) / conv.stride() == 0
                && conv.before() < taps;
        if (!single || steps.is(0)) {
            return Optional.empty();
        }
        // Taps over the padding meet zeros.
        Dim count = Dim.of(Math.min(steps.fixed(), taps - conv.before()));
        Value inside = graph.slice(x, 1, Dim.of(0), count);
        Value weight = graph.slice(in.get(1), 1, Dim.of(conv.before()), count);
        List<Dim> dims = List.of(x.type().dim(0), Dim.ONE, count.times(x.type().dim(2)));
        return Optional.of(window(graph.reshape(inside, dims), weight, in.get(2)));
    }

    private Value window(Value x, Value weight, Value bias) {
        Value matrix =
                graph.reshape(weight, List.of(weight.type().dim(0), x.type().dim(2)));
        return graph.add(new Contraction.Linear(), x, matrix, bias);
    }

    /**
     * The permutation that all transposed ones of these values have, if the others can be had before it for nothing.
     */
    private Optional<List<Integer>> common(List<Value> values) {
        Optional<List<Integer>> found =
                values.stream().map(this::permutation).flatMap(Optional::stream).findFirst();
        return found.filter(p -> values.stream()
                .allMatch(v -> permutation(v).filter(p::equals).isPresent()
                        || v.type().rank() == 0
                        || v.isWeight() && v.type().rank() <= p.size()));
    }

    /** The value that gives this one when it is transposed so. */
    private Value before(Value x, List<Integer> permutation) {
        if (permutation(x).isPresent()) {
            return source(x, Structure.Transpose.class).orElseThrow();
        }
        if (x.type().rank() == 0) {
            return x;
        }
        var dims = new ArrayList<>(x.type().dims());
        while (dims.size() < permutation.size()) {
            dims.addFirst(Dim.ONE);
        }
        return graph.transpose(graph.reshape(x, dims), inverse(permutation));
    }
}
