package dev.rondo.convert.keras;

import dev.rondo.convert.draft.DraftWeights;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
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
import java.util.function.Supplier;

/**
 * The function that a model becomes, while it is built: nodes named after their layers, weights added once, and the few
 * computations that Keras has and the catalogue spells out.
 */
final class Graph {
    private final FunctionBuilder function;
    private final DraftWeights weights;
    private final Map<String, String> interpretation;
    private final Set<String> names = new HashSet<>();
    private final Set<String> weightNames = new HashSet<>();
    private final List<Function> bodies = new ArrayList<>();
    private final Set<String> bodyNames = new HashSet<>(Set.of("predict"));
    private final Map<String, Value> counters = new HashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private final boolean keras2;
    private String path = "";

    /**
     * @param reserved names of inputs and outputs
     * @param keras2   whether layers mean what they meant before Keras 3
     */
    Graph(
            FunctionBuilder function,
            DraftWeights weights,
            Map<String, String> interpretation,
            Set<String> reserved,
            boolean keras2) {
        this.function = function;
        this.weights = weights;
        this.interpretation = interpretation;
        this.names.addAll(reserved);
        this.keras2 = keras2;
    }

    /** The same for the body of a scan: nodes go into another function, weights and notes do not. */
    Graph inside(FunctionBuilder body) {
        var inner = new Graph(body, weights, interpretation, Set.of(), keras2);
        inner.path = path;
        return inner;
    }

    boolean keras2() {
        return keras2;
    }

    /** Nodes and weights from now on are those of this layer. */
    void enter(String layer) {
        path = layer;
    }

    String path() {
        return path;
    }

    /** Functions that scans run, in order. */
    List<Function> bodies() {
        return bodies;
    }

    /** What was decided for the current layer. */
    void note(String what) {
        String key = path.isEmpty() ? "model" : path;
        String old = interpretation.get(key);
        if (old == null) {
            interpretation.put(key, what);
        } else if (!Arrays.asList(old.split("; ")).contains(what)) {
            interpretation.put(key, old + "; " + what);
        }
    }

    Value add(Op op, Value... inputs) {
        return addAll(op, 1, Arrays.asList(inputs)).getFirst();
    }

    /** All outputs of a node. */
    List<Value> addAll(Op op, int outputs, List<Value> inputs) {
        var fresh = new ArrayList<String>();
        for (int i = 0; i < outputs; i++) {
            fresh.add(fresh(op.name()));
        }
        return function.addAll(op, fresh, inputs);
    }

    /** A state of the function under the current layer's name. */
    Value state(String name, Dim... dims) {
        return function.state(path + "." + name, new ValueType(ElementType.F32, List.of(dims)));
    }

    void next(Value state, Value next) {
        function.next(state, next);
    }

    /** A name that no other value has. */
    String fresh(String base) {
        String prefix = (path.isEmpty() ? "" : path + "/") + base;
        int n = counts.merge(prefix, 1, Integer::sum);
        while (!names.add(prefix + "_" + n)) {
            n = counts.merge(prefix, 1, Integer::sum);
        }
        return prefix + "_" + n;
    }

    /** A name for the body of a scan. */
    String bodyName(String base) {
        String name = path.isEmpty() ? base : path + "." + base;
        String unique = name;
        for (int n = 2; bodyNames.contains(unique); n++) {
            unique = name + n;
        }
        bodyNames.add(unique);
        return unique;
    }

    /** Adds a scan of a body, which becomes a function of the model. */
    List<Value> scan(Function body, List<String> sequences, boolean reverse, int outputs, List<Value> inputs) {
        bodies.add(body);
        return addAll(new Scan(body, sequences, reverse, false), outputs, inputs);
    }

    /**
     * A weight of the current layer, computed from tensors of the source when it is written.
     *
     * @param values row-major, in a new array
     */
    Value weight(String role, List<SourceTensor> sources, List<Integer> shape, Supplier<float[]> values) {
        String name = path + "." + role;
        if (weightNames.add(name)) {
            weights.floats(
                    name,
                    sources.stream().map(SourceTensor::name).toList(),
                    shape,
                    sources.getFirst().kept().orElseThrow(),
                    values);
        }
        return function.weight(name, shape.toArray());
    }

    /** A weight as it is in the source. */
    Value weight(String role, SourceTensor source) {
        List<Integer> shape = source.shape().stream().map(Math::toIntExact).toList();
        return weight(role, List.of(source), shape, () -> WeightArrays.all(source));
    }

    Value linear(Value x, Value weight, Value bias) {
        return add(new Contraction.Linear(), x, weight, bias);
    }

    Value scalar(double value) {
        return fill(ElementType.F32, (float) value);
    }

    Value fill(ElementType element, double value, Dim... dims) {
        return add(new Structure.Fill(element, value, List.of(dims)));
    }

    Value unary(UnaryFunction op, Value x) {
        return add(new Elementwise.Unary(op), x);
    }

    Value binary(BinaryFunction op, Value a, Value b) {
        return add(new Elementwise.Binary(op), a, b);
    }

    Value compare(Comparison op, Value a, Value b) {
        return add(new Elementwise.Compare(op), a, b);
    }

    Value where(Value condition, Value a, Value b) {
        return add(new Elementwise.Where(), condition, a, b);
    }

    Value reshape(Value x, Dim... dims) {
        return reshape(x, List.of(dims));
    }

    Value reshape(Value x, List<Dim> dims) {
        return x.type().dims().equals(dims) ? x : add(new Structure.Reshape(dims), x);
    }

    Value transpose(Value x, Integer... permutation) {
        return add(new Structure.Transpose(List.of(permutation)), x);
    }

    Value slice(Value x, int axis, Dim start, Dim length) {
        return add(new Structure.Slice(axis, start, length, 1), x);
    }

    /** With a new dimension of size 1 before axis. */
    Value expandDims(Value x, int axis) {
        var dims = new ArrayList<>(x.type().dims());
        dims.add(axis < 0 ? axis + dims.size() + 1 : axis, Dim.ONE);
        return reshape(x, dims);
    }

    /** Whether any element along an axis is true. */
    Value any(Value flags, int axis, boolean keep) {
        Value numbers = add(new Elementwise.Cast(ElementType.F32), flags);
        Value most = add(new Aggregation.Reduce(Reduction.MAX, axis, keep), numbers);
        return compare(Comparison.GREATER, most, scalar(0));
    }

    /** 0, 1, ... over a dimension, i32; or from the other end down to 0. */
    Value count(Dim size, boolean down) {
        return counters.computeIfAbsent(size + (down ? " down" : " up"), _ -> {
            FunctionBuilder body = Function.builder(bodyName("count"));
            Value step = body.input("step", ElementType.F32);
            Value i = body.state("i", ValueType.of(ElementType.I32));
            body.next(i, body.plus(i, body.add(new Structure.Fill(ElementType.I32, 1, List.of()))));
            // An output is a node's: the state itself, renamed.
            body.output(body.add("number", new Structure.Reshape(List.of()), i));
            Function built = body.build();
            return scan(
                            built,
                            List.of(step.name()),
                            down,
                            2,
                            List.of(fill(ElementType.F32, 0, size), Value.ABSENT, Value.ABSENT))
                    .getFirst();
        });
    }

    /** A sequence [B,T,...] from its last step to its first. */
    Value flip(Value x) {
        var swap = new ArrayList<Integer>();
        for (int i = 0; i < x.type().rank(); i++) {
            swap.add(i < 2 ? 1 - i : i);
        }
        Integer[] permutation = swap.toArray(Integer[]::new);
        Value timeFirst = transpose(x, permutation);
        return transpose(add(new Structure.Gather(), timeFirst, count(x.type().dim(1), true)), permutation);
    }
}
