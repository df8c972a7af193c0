package dev.rondo.graph;

import dev.rondo.error.ShapeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A function of a model: nodes in single assignment form, with explicit state. Weights are constants, named
 * {@code @tensor}, that the model file holds. Immutable; checked when it is made, so a function that exists is well
 * formed and its types are right.
 */
public record Function(String name, List<Value> inputs, List<State> states, List<Node> nodes, List<Value> outputs) {
    /** Scans may run functions with scans of their own, this deep. */
    public static final int MAX_NESTING = 8;

    /** @throws ShapeException when the function is not well formed */
    public Function {
        inputs = List.copyOf(inputs);
        states = List.copyOf(states);
        nodes = List.copyOf(nodes);
        outputs = List.copyOf(outputs);
        check(name, inputs, states, nodes, outputs);
    }

    public static FunctionBuilder builder(String name) {
        return new FunctionBuilder(name);
    }

    /** The weights that this function reads itself (not its scans' bodies), in order of first use. */
    public List<Value> weights() {
        var weights = new LinkedHashSet<Value>();
        for (Node node : nodes) {
            weights.addAll(node.inputs());
        }
        weights.addAll(outputs);
        for (State state : states) {
            weights.add(state.next());
        }
        weights.removeIf(value -> !value.isWeight());
        return List.copyOf(weights);
    }

    /** The names of dimensions in inputs and states, in order. */
    public List<String> dimensionNames() {
        var names = new LinkedHashSet<String>();
        for (Value input : inputs) {
            addNames(names, input.type());
        }
        for (State state : states) {
            addNames(names, state.value().type());
        }
        return List.copyOf(names);
    }

    private static void addNames(Set<String> names, ValueType type) {
        for (Dim dim : type.dims()) {
            names.addAll(dim.names());
        }
    }

    /** The functions that this one's scans run, innermost first. */
    public List<Function> bodies() {
        var bodies = new ArrayList<Function>();
        collectBodies(nodes, bodies, Collections.newSetFromMap(new IdentityHashMap<>()));
        return List.copyOf(new LinkedHashSet<>(bodies));
    }

    /** Visits each body once: a body that several scans run, each running others, would else cost exponential time. */
    private static void collectBodies(List<Node> nodes, List<Function> bodies, Set<Function> seen) {
        for (Node node : nodes) {
            if (node.op() instanceof Scan scan && seen.add(scan.body())) {
                collectBodies(scan.body().nodes, bodies, seen);
                bodies.add(scan.body());
            }
        }
    }

    public Optional<Value> input(String input) {
        return named(inputs, input);
    }

    public Optional<State> state(String state) {
        for (State known : states) {
            if (known.value().name().equals(state)) {
                return Optional.of(known);
            }
        }
        return Optional.empty();
    }

    public Optional<Value> output(String output) {
        return named(outputs, output);
    }

    private static Optional<Value> named(List<Value> values, String name) {
        for (Value value : values) {
            if (value.name().equals(name)) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    /** Equal when all parts are; the same object is found equal at once, as a body that many scans share. */
    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof Function f
                        && name.equals(f.name)
                        && inputs.equals(f.inputs)
                        && states.equals(f.states)
                        && nodes.equals(f.nodes)
                        && outputs.equals(f.outputs);
    }

    /** Cheap on purpose, without a look into bodies. */
    @Override
    public int hashCode() {
        return name.hashCode() * 31 + nodes.size();
    }

    /** The graph text of this function; see {@link GraphText}. */
    @Override
    public String toString() {
        return GraphText.print(this);
    }

    private static void check(
            String name, List<Value> inputs, List<State> states, List<Node> nodes, List<Value> outputs) {
        Map<String, Value> defined = new HashMap<>();
        checkNesting(name, nodes);
        defineAll(name, defined, inputs);
        for (State state : states) {
            define(name, defined, state.value());
        }
        for (Node node : nodes) {
            var declared = new ArrayList<ValueType>();
            for (Value output : node.outputs()) {
                declared.add(output.type());
            }
            String subject = "function " + name + ", node " + Value.names(node.outputs());
            useAll(subject, defined, node.inputs());
            List<ValueType> types = InputTypes.infer(node.op(), subject, node.inputs());
            if (!types.equals(declared)) {
                throw new ShapeException(
                        subject,
                        node.op().name() + " gives " + types,
                        node.outputs().toString(),
                        "fix the types");
            }
            defineAll(name, defined, node.outputs());
        }
        for (State state : states) {
            if (state.isReplaced()) {
                use("function " + name + ", state " + state.value().name(), defined, state.next());
                if (!state.next().type().equals(state.value().type())) {
                    throw new ShapeException(
                            "function " + name + ", state " + state.value().name(),
                            "its next value has its type " + state.value().type(),
                            state.next().toString(),
                            "make both equal");
                }
                if (hasInnerRows(state.value().type())) {
                    throw new ShapeException(
                            "function " + name + ", state " + state.value().name(),
                            "rows (B) are the first dimension of a state",
                            state.value().type().toString(),
                            "transpose the state");
                }
            }
        }
        useAll("function " + name + ", output", defined, outputs);
        if (named(outputs, Value.ABSENT.name()).isPresent()) {
            throw new ShapeException("function " + name, "outputs are values", outputs.toString(), "leave it out");
        }
        if (new HashSet<>(outputs).size() != outputs.size()) {
            throw new ShapeException("function " + name, "outputs are distinct", outputs.toString(), "name each once");
        }
    }

    /** Whether another dimension than the first depends on the number of rows. */
    private static boolean hasInnerRows(ValueType type) {
        for (int i = 1; i < type.rank(); i++) {
            if (type.dim(i).mentions("B")) {
                return true;
            }
        }
        return false;
    }

    private static void checkNesting(String name, List<Node> nodes) {
        int depth = nesting(nodes, new IdentityHashMap<>());
        if (depth > MAX_NESTING) {
            throw new ShapeException(
                    "function " + name, "scans nest at most " + MAX_NESTING + " deep", "" + depth, "flatten the loops");
        }
    }

    private static int nesting(List<Node> nodes, Map<Function, Integer> known) {
        int deepest = 0;
        for (Node node : nodes) {
            if (node.op() instanceof Scan scan) {
                Integer depth = known.get(scan.body());
                if (depth == null) {
                    depth = nesting(scan.body().nodes, known) + 1;
                    known.put(scan.body(), depth);
                }
                deepest = Math.max(deepest, depth);
            }
        }
        return deepest;
    }

    private static void defineAll(String function, Map<String, Value> defined, List<Value> values) {
        for (Value value : values) {
            define(function, defined, value);
        }
    }

    private static void define(String function, Map<String, Value> defined, Value value) {
        if (value.isWeight() || value.isAbsent() || defined.put(value.name(), value) != null) {
            throw new ShapeException(
                    "function " + function, "every value is defined once", "'" + value.name() + "'", "rename it");
        }
    }

    private static void useAll(String subject, Map<String, Value> defined, List<Value> values) {
        for (Value value : values) {
            use(subject, defined, value);
        }
    }

    private static void use(String subject, Map<String, Value> defined, Value value) {
        if (!value.isWeight() && !value.isAbsent() && !value.equals(defined.get(value.name()))) {
            throw new ShapeException(
                    subject, "a value is defined before it is used", value.toString(), "reorder the nodes");
        }
    }
}
