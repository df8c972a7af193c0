package dev.rondo.train.gradient;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Adds nodes to a function, with shorthand for arithmetic. Names it makes up meet none of the names it was given. */
final class Emitter {
    /** No operator but a scan has more outputs. */
    private static final int MOST_OUTPUTS = 5;

    private final String name;
    private final FunctionBuilder function;
    private final Set<String> taken;
    private final Map<String, Integer> counters = new HashMap<>();

    /**
     * @param name of the function
     * @param original whose names stay free, since its nodes are added under them
     */
    Emitter(String name, FunctionBuilder function, Function original) {
        this.name = name;
        this.function = function;
        this.taken = new HashSet<>();
        original.inputs().forEach(v -> taken.add(v.name()));
        original.states().forEach(s -> taken.add(s.value().name()));
        original.nodes().forEach(n -> n.outputs().forEach(v -> taken.add(v.name())));
    }

    /** A name that nothing has, made from another one. */
    String unique(String base) {
        String name = base;
        while (!taken.add(name)) {
            name = base + "_" + counters.merge(base, 1, Integer::sum);
        }
        return name;
    }

    /** A name for a function that a node of this one runs: no two functions have the same. */
    String inside(String node, String what) {
        return name + "/" + node + "/" + what;
    }

    Value state(String name, ValueType type) {
        return function.state(unique(name), type);
    }

    void next(Value state, Value next) {
        function.next(state, next);
    }

    /** Adds a node; outputs without a name get one. */
    List<Value> addAll(Op op, List<String> names, List<Value> inputs) {
        int count = op instanceof Scan scan
                ? scan.body().outputs().size() + scan.body().states().size()
                : MOST_OUTPUTS;
        var all = new ArrayList<>(names);
        if (all.isEmpty()) {
            all.add(unique(op.name() + "_" + counters.merge(op.name(), 1, Integer::sum)));
        }
        for (int i = all.size(); i < count; i++) {
            all.add(unique(all.getFirst() + "/" + (i + 1)));
        }
        return function.addAll(op, all, inputs);
    }

    Value add(Op op, Value... inputs) {
        return addAll(op, List.of(), Arrays.asList(inputs)).getFirst();
    }

    /** Adds a node whose output has a given name. */
    Value add(String name, Op op, Value... inputs) {
        return addAll(op, List.of(name), Arrays.asList(inputs)).getFirst();
    }

    /** One number of shape []. */
    Value number(ElementType element, double value) {
        return filled(new ValueType(element, List.of()), value);
    }

    Value filled(ValueType type, double value) {
        double held = type.element() == ElementType.F32 ? (float) value : value;
        return add(new Structure.Fill(type.element(), held, type.dims()));
    }

    Value zeros(ValueType type) {
        return filled(type, 0);
    }

    /** The size of a dimension as f32[]. */
    Value size(Dim dim) {
        return dim.isFixed() ? number(ElementType.F32, dim.fixed()) : add(new Structure.Size(dim, ElementType.F32));
    }

    Value binary(BinaryFunction f, Value a, Value b) {
        return add(new Elementwise.Binary(f), a, b);
    }

    Value unary(UnaryFunction f, Value x) {
        return add(new Elementwise.Unary(f), x);
    }

    Value plus(Value a, Value b) {
        return binary(BinaryFunction.ADD, a, b);
    }

    Value minus(Value a, Value b) {
        return binary(BinaryFunction.SUBTRACT, a, b);
    }

    Value times(Value a, Value b) {
        return binary(BinaryFunction.MULTIPLY, a, b);
    }

    Value over(Value a, Value b) {
        return binary(BinaryFunction.DIVIDE, a, b);
    }

    Value times(Value a, double factor) {
        return times(a, number(a.type().element(), factor));
    }

    Value negate(Value x) {
        return unary(UnaryFunction.NEGATE, x);
    }

    Value compare(Comparison c, Value a, Value b) {
        return add(new Elementwise.Compare(c), a, b);
    }

    Value where(Value condition, Value a, Value b) {
        return add(new Elementwise.Where(), condition, a, b);
    }

    /** x where the condition holds, else 0. */
    Value keep(Value condition, Value x) {
        return where(condition, x, number(x.type().element(), 0));
    }

    /** x where the condition does not hold, else 0. */
    Value drop(Value condition, Value x) {
        return where(condition, number(x.type().element(), 0), x);
    }

    Value cast(Value x, ElementType to) {
        return x.type().element() == to ? x : add(new Elementwise.Cast(to), x);
    }

    Value reshape(Value x, List<Dim> dims) {
        return x.type().dims().equals(dims) ? x : add(new Structure.Reshape(dims), x);
    }

    Value expand(Value x, List<Dim> dims) {
        return x.type().dims().equals(dims) ? x : add(new Structure.Expand(dims), x);
    }

    Value slice(Value x, int axis, Dim start, Dim length) {
        return start.is(0) && length.equals(x.type().dim(axis))
                ? x
                : add(new Structure.Slice(axis, start, length, 1), x);
    }

    Value slice(Value x, int axis, long start, long length) {
        return slice(x, axis, Dim.of(start), Dim.of(length));
    }

    Value concat(int axis, List<Value> parts) {
        return parts.size() == 1 ? parts.getFirst() : add(new Structure.Concat(axis), parts.toArray(Value[]::new));
    }

    /** The last two axes exchanged. */
    Value transposed(Value x) {
        int rank = x.type().rank();
        var axes = new ArrayList<Integer>();
        for (int d = 0; d < rank - 2; d++) {
            axes.add(d);
        }
        axes.addAll(List.of(rank - 1, rank - 2));
        return add(new Structure.Transpose(axes), x);
    }

    Value sum(Value x, int axis, boolean keep) {
        return add(new Aggregation.Reduce(Reduction.SUM, axis, keep), x);
    }

    Value mean(Value x, int axis, boolean keep) {
        return add(new Aggregation.Reduce(Reduction.MEAN, axis, keep), x);
    }

    /** All axes but the last as one: [rows, last]. */
    Value rows(Value x) {
        int rank = x.type().rank();
        Dim rows = Dim.product(x.type().dims().subList(0, rank - 1));
        return reshape(x, List.of(rows, x.type().dim(-1)));
    }

    /** {@code y = x W} of the last axis: x [..., N], W [N,K]; the gradient of a linear map's input. */
    Value product(Value x, Value matrix) {
        Value y = add(new Contraction.MatMul(false), rows(x), matrix);
        var dims = new ArrayList<>(x.type().dims());
        dims.set(dims.size() - 1, matrix.type().dim(1));
        return reshape(y, dims);
    }

    Value outerSum(Value a, Value b) {
        return add(new Training.OuterSum(), a, b);
    }

    /** The sum over what broadcasting had stretched: from the shape of a result to that of an operand. */
    Value sumTo(Value x, ValueType target) {
        if (x.type().dims().equals(target.dims())) {
            return x;
        }
        // Sums are of f32; a sum of f64 loses digits there.
        Value sum = cast(x, ElementType.F32);
        int extra = sum.type().rank() - target.rank();
        if (extra > 0) {
            List<Dim> dims = sum.type().dims();
            var merged = new ArrayList<>(List.of(Dim.product(dims.subList(0, extra))));
            merged.addAll(dims.subList(extra, dims.size()));
            sum = sum(reshape(sum, merged), 0, false);
        }
        for (int d = 0; d < target.rank(); d++) {
            if (target.dim(d).is(1) && !sum.type().dim(d).is(1)) {
                sum = sum(sum, d, true);
            }
        }
        return cast(sum, x.type().element());
    }

    /** Another name for a value. */
    Value named(String name, Value x) {
        return add(unique(name), new Structure.Reshape(x.type().dims()), x);
    }

    /** The finished function, without nodes that nothing reads. */
    Function build() {
        Function all = function.build();
        var read = new HashSet<String>();
        all.outputs().forEach(v -> read.add(v.name()));
        all.states().forEach(s -> read.add(s.next().name()));
        var live = new ArrayList<Node>();
        for (Node node : all.nodes().reversed()) {
            if (node.outputs().stream().anyMatch(v -> read.contains(v.name()))) {
                node.inputs().forEach(v -> read.add(v.name()));
                live.addFirst(node);
            }
        }
        return new Function(all.name(), all.inputs(), all.states(), live, all.outputs());
    }

    void output(Value value) {
        function.output(value);
    }
}
