package dev.rondo.convert.onnx.graph;

import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Scan;
import dev.rondo.graph.State;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A function that grows node by node. What is computed from known values alone is folded, equal nodes are one,
 * transposes and reshapes cancel where they can ({@link Rewrites}). Nodes that nothing needs are left out of the
 * finished function.
 */
public final class FunctionGraph {
    private static final int MAX_NODES = 1 << 16;
    /** Of an operator other than a scan. */
    private static final int MAX_OUTPUTS = 3;

    private record Key(Op op, List<Value> inputs) {}

    private final String name;
    private final FunctionBuilder builder;
    private final Constants constants;
    private final Rewrites rewrites = new Rewrites(this);
    private final Map<String, Node> producers = new HashMap<>();
    private final Map<Key, List<Value>> known = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Map<Value, Value> states = new LinkedHashMap<>();
    private final Map<String, Value> outputs = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();

    public FunctionGraph(String name, Constants constants) {
        this.name = name;
        this.builder = Function.builder(name);
        this.constants = constants;
    }

    public String name() {
        return name;
    }

    /** The known values of the conversion. */
    public Constants constants() {
        return constants;
    }

    /** Keeps a name from being given to an inner value. */
    public void reserve(String value) {
        names.add(value);
    }

    public Value input(String input, ValueType type) {
        names.add(input);
        return builder.input(input, type);
    }

    public Value state(String state, ValueType type) {
        names.add(state);
        Value value = builder.state(state, type);
        states.put(value, Value.ABSENT);
        return value;
    }

    public void next(Value state, Value next) {
        states.put(state, next);
    }

    /** Declares a result under a name. */
    public void output(String output, Value value) {
        names.add(output);
        outputs.put(output, value);
    }

    // Nodes.

    /** Adds a node with one output, or finds that nothing has to be added. */
    public Value add(Op op, Value... values) {
        return addAll(op, Arrays.asList(values)).getFirst();
    }

    /** Adds a node; inputs stand in the order of the operator's slots. */
    public List<Value> addAll(Op op, List<Value> values) {
        var key = new Key(op, List.copyOf(values));
        List<Value> same = known.get(key);
        if (same == null) {
            same = make(op, key.inputs());
            known.put(key, same);
        }
        return same;
    }

    private List<Value> make(Op op, List<Value> values) {
        if (values.stream().allMatch(v -> v.isWeight() || v.isAbsent())) {
            List<ValueType> types =
                    node(op, values).outputs().stream().map(Value::type).toList();
            Optional<List<Value>> folded = constants.fold(op, values, types);
            if (folded.isPresent()) {
                return folded.get();
            }
        }
        return rewrites.of(op, values).map(List::of).orElseGet(() -> emit(op, values));
    }

    /** The node as it would be; it is not part of the function unless something needs it. */
    private Node node(Op op, List<Value> values) {
        return producers.get(emit(op, values).getFirst().name());
    }

    List<Value> emit(Op op, List<Value> values) {
        if (producers.size() >= MAX_NODES) {
            throw new ShapeException(
                    "function " + name, "has at most " + MAX_NODES + " nodes", "more", "split the model");
        }
        List<Value> results = builder.addAll(op, fresh(op), values);
        Node node = new Node(op, values, results);
        results.forEach(v -> producers.put(v.name(), node));
        return results;
    }

    /** Names for all outputs that an operator may have. */
    private List<String> fresh(Op op) {
        int count = op instanceof Scan(Function body, var _, var _, var _)
                ? body.outputs().size() + body.states().size()
                : MAX_OUTPUTS;
        var fresh = new ArrayList<String>();
        while (fresh.isEmpty()) {
            String base = op.name() + "_" + counts.merge(op.name(), 1, Integer::sum);
            fresh.add(base);
            for (int i = 1; i < count; i++) {
                fresh.add(base + "." + i);
            }
            if (fresh.stream().anyMatch(names::contains)) {
                fresh.clear();
            }
        }
        names.addAll(fresh);
        return fresh;
    }

    /** The node that computes a value; empty for inputs, states and known values. */
    public Optional<Node> producer(Value value) {
        return Optional.ofNullable(producers.get(value.name()));
    }

    // What most operators are made of.

    public Value reshape(Value x, List<Dim> dims) {
        return add(new Structure.Reshape(dims), x);
    }

    public Value transpose(Value x, List<Integer> permutation) {
        return add(new Structure.Transpose(permutation), x);
    }

    public Value slice(Value x, int axis, Dim start, Dim length) {
        return add(new Structure.Slice(axis, start, length, 1), x);
    }

    /** The element at an index of an axis; the axis goes away. */
    public Value select(Value x, int axis, Dim index) {
        Value one = slice(x, axis, index, Dim.ONE);
        var dims = new ArrayList<>(one.type().dims());
        dims.remove(axis);
        return reshape(one, dims);
    }

    /** With a new axis of size 1. */
    public Value unsqueeze(Value x, int axis) {
        var dims = new ArrayList<>(x.type().dims());
        dims.add(axis, Dim.ONE);
        return reshape(x, dims);
    }

    public Value concat(int axis, List<Value> parts) {
        return parts.size() == 1
                ? parts.getFirst()
                : addAll(new Structure.Concat(axis), parts).getFirst();
    }

    public Value expand(Value x, List<Dim> dims) {
        return x.type().dims().equals(dims) ? x : add(new Structure.Expand(dims), x);
    }

    public Value cast(Value x, ElementType to) {
        return x.type().element() == to ? x : add(new Elementwise.Cast(to), x);
    }

    /** One number throughout. */
    public Value fill(ElementType element, double value, List<Dim> dims) {
        return add(new Structure.Fill(element, value, dims));
    }

    /** A single number of shape []. */
    public Value scalar(ElementType element, double value) {
        return fill(element, value, List.of());
    }

    /** The value of an operand, computed if it is made of sizes. */
    public Value value(Operand operand) {
        return switch (operand) {
            case Operand.Tensor(Value value) -> value;
            case Operand.Sizes(List<Integer> shape, List<Dim> dims) -> {
                var parts = new ArrayList<Value>();
                for (Dim dim : dims) {
                    Value size = dim.isFixed()
                            ? constants.integers("size", ElementType.I64, List.of(), dim.fixed())
                            : add(new Structure.Size(dim, ElementType.I64));
                    parts.add(shape.isEmpty() ? size : reshape(size, List.of(Dim.ONE)));
                }
                yield concat(0, parts);
            }
        };
    }

    /** Whether a value is known to be zero throughout. */
    public boolean isZero(Value value) {
        Value from = value;
        Node node = producers.get(from.name());
        while (node != null && moves(node.op())) {
            from = node.inputs().getFirst();
            node = producers.get(from.name());
        }
        if (from.isWeight()) {
            return from.type().element() == ElementType.F32 && allZero(constants.floats(from));
        }
        return node != null && node.op() instanceof Structure.Fill fill && fill.value() == 0;
    }

    /** Whether every element of the result is one of the first input. */
    private static boolean moves(Op op) {
        return op instanceof Structure.Reshape
                || op instanceof Structure.Transpose
                || op instanceof Structure.Expand
                || op instanceof Structure.Slice;
    }

    private static boolean allZero(float... values) {
        for (float value : values) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    // The finished function.

    /** The function with the nodes that its results need, and results under their names. */
    public Function build() {
        var results = new LinkedHashMap<String, Value>();
        outputs.forEach((output, value) -> results.put(output, named(value, results)));
        var needed = new HashSet<String>();
        var pending = new ArrayList<Value>(results.values());
        pending.addAll(states.values());
        while (!pending.isEmpty()) {
            Value value = pending.removeLast();
            Node node = producers.get(value.name());
            if (node != null && needed.add(value.name())) {
                pending.addAll(node.inputs());
            }
        }
        var renamed = new HashMap<String, Value>();
        results.forEach((output, value) -> renamed.put(value.name(), new Value(output, value.type())));
        Function whole = builder.build();
        var nodes = new ArrayList<Node>();
        for (Node node : whole.nodes()) {
            if (node.outputs().stream().anyMatch(v -> needed.contains(v.name()))) {
                nodes.add(new Node(node.op(), rename(node.inputs(), renamed), rename(node.outputs(), renamed)));
            }
        }
        var kept = new ArrayList<State>();
        states.forEach((state, next) ->
                kept.add(new State(state, rename(List.of(next), renamed).getFirst())));
        return new Function(name, whole.inputs(), kept, nodes, rename(List.copyOf(results.values()), renamed));
    }

    /** A value that may take the output's name: a node's own, not already another output. */
    private Value named(Value value, Map<String, Value> results) {
        boolean own = producers.containsKey(value.name()) && !results.containsValue(value);
        return own
                ? value
                : emit(new Structure.Reshape(value.type().dims()), List.of(value))
                        .getFirst();
    }

    private static List<Value> rename(List<Value> values, Map<String, Value> renamed) {
        return values.stream().map(v -> renamed.getOrDefault(v.name(), v)).toList();
    }
}
