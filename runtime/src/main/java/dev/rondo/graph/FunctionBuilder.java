package dev.rondo.graph;

import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Builds a {@link Function} node by node; every method that adds a node checks shapes at once and returns the result.
 *
 * <pre>{@code
 * FunctionBuilder f = Function.builder("step");
 * Value token = f.input("token", ElementType.I32, "B");
 * Value h = f.state("h", "B", 512);
 * Value x = f.gather(f.weight("embedding", 65, 128), token);
 * Value h1 = f.add("h1", new Recurrent.ElmanCell(Activation.TANH), x, h, f.weight("U", 512, 512), f.weight("W", 512, 128), Value.ABSENT);
 * f.next(h, h1);
 * f.output(f.linear(h1, f.weight("out", 65, 512), Value.ABSENT));
 * Function step = f.build();
 * }</pre>
 */
public final class FunctionBuilder {
    private final String name;
    private final List<Value> inputs = new ArrayList<>();
    private final Map<Value, Value> states = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private final Map<String, Value> weights = new HashMap<>();
    private final Set<String> names = new HashSet<>();

    FunctionBuilder(String name) {
        this.name = name;
    }

    /** Declares an input; dimensions are numbers, names or expressions. */
    public Value input(String input, ElementType element, Object... dims) {
        return input(input, ValueType.of(element, dims));
    }

    public Value input(String input, ValueType type) {
        Value value = define(input, type);
        inputs.add(value);
        return value;
    }

    /** Declares an f32 state, read only until {@link #next} says what replaces it. */
    public Value state(String state, Object... dims) {
        return state(state, ValueType.f32(dims));
    }

    public Value state(String state, ValueType type) {
        Value value = define(state, type);
        states.put(value, Value.ABSENT);
        return value;
    }

    /** Says what replaces a state once the call has succeeded. */
    public void next(Value state, Value next) {
        if (states.replace(state, next) == null) {
            throw new ShapeException("function " + name, "next() takes a state", state.toString(), "declare it");
        }
    }

    /** Names a weight, f32 unless its type says otherwise. */
    public Value weight(String tensor, Object... dims) {
        return weight(tensor, ValueType.f32(dims));
    }

    public Value weight(String tensor, ValueType type) {
        Value value = new Value("@" + tensor, type);
        Value known = weights.putIfAbsent(tensor, value);
        if (known != null && !known.equals(value)) {
            throw new ShapeException(
                    "function " + name + ", weight " + tensor, "one weight has one type", known + " and " + value, "");
        }
        return value;
    }

    /** Adds a node with one output under a name made from the operator's. */
    public Value add(Op op, Value... values) {
        return addAll(op, List.of(), Arrays.asList(values)).getFirst();
    }

    /** Adds a node and names its (first) output. */
    public Value add(String output, Op op, Value... values) {
        return addAll(op, List.of(output), Arrays.asList(values)).getFirst();
    }

    /** Adds a node. Outputs without a name get one; inputs stand in the order of the operator's slots. */
    public List<Value> addAll(Op op, List<String> outputNames, List<Value> values) {
        String subject = "function " + name + ", node " + (outputNames.isEmpty() ? nodes.size() : outputNames);
        List<ValueType> types = InputTypes.infer(op, subject, values);
        var results = new ArrayList<Value>();
        for (int i = 0; i < types.size(); i++) {
            results.add(define(i < outputNames.size() ? outputNames.get(i) : fresh(op.name()), types.get(i)));
        }
        nodes.add(new Node(op, values, results));
        return List.copyOf(results);
    }

    public Value gather(Value table, Value index) {
        return add(new Structure.Gather(), table, index);
    }

    public Value linear(Value x, Value weight, Value bias) {
        return add(new Contraction.Linear(), x, weight, bias);
    }

    public Value activate(Activation activation, Value x) {
        return add(new Elementwise.Activate(activation), x);
    }

    public Value plus(Value a, Value b) {
        return add(new Elementwise.Binary(BinaryFunction.ADD), a, b);
    }

    public Value times(Value a, Value b) {
        return add(new Elementwise.Binary(BinaryFunction.MULTIPLY), a, b);
    }

    public Value concat(int axis, Value... parts) {
        return add(new Structure.Concat(axis), parts);
    }

    public Value slice(Value x, int axis, Object start, Object length) {
        return add(new Structure.Slice(axis, Dim.parse(start.toString()), Dim.parse(length.toString()), 1), x);
    }

    public Value reshape(Value x, Object... dims) {
        return add(new Structure.Reshape(Dim.parseAll(Arrays.asList(dims))), x);
    }

    public Value softmax(Value x) {
        return add(new Aggregation.Softmax(false), x, Value.ABSENT);
    }

    /** Declares a result; its name is the value's. */
    public void output(Value value) {
        outputs.add(value);
    }

    /**
     * The finished function.
     *
     * @throws ShapeException when it is not well formed
     */
    public Function build() {
        var list = new ArrayList<State>();
        for (Map.Entry<Value, Value> state : states.entrySet()) {
            list.add(new State(state.getKey(), state.getValue()));
        }
        return new Function(name, inputs, list, nodes, outputs);
    }

    private Value define(String value, ValueType type) {
        if (!names.add(value)) {
            throw new ShapeException("function " + name, "every value is defined once", "'" + value + "'", "rename it");
        }
        return new Value(value, type);
    }

    private String fresh(String base) {
        int i = 1;
        while (names.contains(base + "_" + i)) {
            i++;
        }
        return base + "_" + i;
    }
}
