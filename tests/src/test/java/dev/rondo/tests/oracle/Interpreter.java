package dev.rondo.tests.oracle;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Extension;
import dev.rondo.graph.Function;
import dev.rondo.graph.Node;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Scan;
import dev.rondo.graph.State;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Evaluates a function in double precision, straight from the equations of the operator catalogue: no kernels, no plan,
 * no tricks. It is the oracle of the kernels and of gradients by central differences, so it is written to be read and
 * believed. After every node it holds the result to the operator's shape rule.
 */
public final class Interpreter {

    /**
     * What a call gives.
     *
     * @param outputs by name, in the function's order
     * @param states every state by name, as the next call finds it
     */
    public record Result(Map<String, NdArray> outputs, Map<String, NdArray> states) {
        public NdArray output(String name) {
            return known(outputs, "output", name);
        }

        public NdArray state(String name) {
            return known(states, "state", name);
        }
    }

    private final Function function;
    private final Map<String, NdArray> weights;
    private final Map<String, Long> sizes = new HashMap<>();
    private final Map<String, NdArray> values = new HashMap<>();

    private Interpreter(Function function, Map<String, NdArray> weights) {
        this.function = function;
        this.weights = weights;
    }

    /**
     * Calls a function once.
     *
     * @param inputs one value per input of the function
     * @param states values of states; a state that is not given is zero
     * @param weights by tensor name, for the function and the bodies of its scans
     */
    public static Result run(
            Function function, Map<String, NdArray> inputs, Map<String, NdArray> states, Map<String, NdArray> weights) {
        return run(function, Map.of(), inputs, states, weights);
    }

    /** A call of a function with dimensions that no input tells, or not alone: {@code B*K}. */
    public static Result run(
            Function function,
            Map<String, Long> sizes,
            Map<String, NdArray> inputs,
            Map<String, NdArray> states,
            Map<String, NdArray> weights) {
        inputs.keySet().forEach(n -> require(function.input(n).isPresent(), function, "has no input " + n));
        states.keySet().forEach(n -> require(function.state(n).isPresent(), function, "has no state " + n));
        var interpreter = new Interpreter(function, weights);
        interpreter.sizes.putAll(sizes);
        return interpreter.call(inputs, states);
    }

    private Result call(Map<String, NdArray> inputs, Map<String, NdArray> states) {
        // All sizes first: an input of 2*B rows may stand before the one that tells B.
        sizes.putAll(sizes(function, inputs, states));
        for (Value input : function.inputs()) {
            define(input, known(inputs, "input", input.name()));
        }
        for (State state : function.states()) {
            NdArray given = states.get(state.value().name());
            if (given != null) {
                define(state.value(), given);
            }
        }
        for (State state : function.states()) {
            if (!states.containsKey(state.value().name())) {
                ValueType type = state.value().type();
                define(state.value(), NdArray.zeros(type.element(), shape(type.dims(), this::size)));
            }
        }
        for (Node node : function.nodes()) {
            List<NdArray> results = evaluate(node);
            for (int i = 0; i < results.size(); i++) {
                define(node.outputs().get(i), results.get(i));
            }
        }
        var outputs = new LinkedHashMap<String, NdArray>();
        function.outputs().forEach(v -> outputs.put(v.name(), value(v)));
        var next = new LinkedHashMap<String, NdArray>();
        function.states().forEach(s -> next.put(s.value().name(), value(s.isReplaced() ? s.next() : s.value())));
        return new Result(outputs, next);
    }

    private List<NdArray> evaluate(Node node) {
        var in = new ArrayList<NdArray>();
        node.inputs().forEach(v -> in.add(v.isAbsent() ? null : value(v)));
        var arguments = new Arguments(node.op(), in);
        return switch (node.op()) {
            case Elementwise op -> List.of(ElementwiseMeaning.of(op, arguments));
            case Structure op -> List.of(StructureMeaning.of(op, arguments, this::size));
            case Contraction op -> List.of(ContractionMeaning.of(op, arguments));
            case Aggregation op -> AggregationMeaning.of(op, arguments);
            case Recurrent op -> RecurrentMeaning.of(op, arguments);
            case Extension op -> TrainingMeaning.of((Training) op, arguments, this::size);
            case Scan op -> ScanMeaning.of(op, in, weights);
        };
    }

    private NdArray value(Value value) {
        if (!value.isWeight()) {
            return known(values, "value", value.name());
        }
        NdArray weight = known(weights, "weight", value.tensorName());
        check(value, weight);
        return weight;
    }

    /** Names of dimensions get their sizes from inputs and given states; every other value has to agree. */
    private void define(Value value, NdArray array) {
        bind(value.type(), array.shape(), sizes);
        check(value, array);
        values.put(value.name(), array);
    }

    private void check(Value value, NdArray array) {
        require(
                array.element() == value.type().element()
                        && array.shape().equals(shape(value.type().dims(), this::size)),
                function,
                "has " + value + " with sizes " + sizes + ", got "
                        + array.element().text() + array.shape());
    }

    private long size(String name) {
        Long size = sizes.get(name);
        require(size != null, function, "has dimension " + name + " that no input tells");
        return size;
    }

    /** The sizes of a function's dimensions, as inputs and states tell them. */
    public static Map<String, Long> sizes(Function function, Map<String, NdArray> inputs, Map<String, NdArray> states) {
        Map<String, Long> sizes = new HashMap<>();
        inputs.forEach((name, value) -> bind(function.input(name).orElseThrow().type(), value.shape(), sizes));
        states.forEach(
                (name, value) -> bind(function.state(name).orElseThrow().value().type(), value.shape(), sizes));
        return sizes;
    }

    /** Dimensions at given sizes. */
    public static List<Integer> shape(List<Dim> dims, ToLongFunction<String> sizes) {
        return dims.stream().map(d -> Math.toIntExact(d.evaluate(sizes))).toList();
    }

    /** Learns sizes: where a type has a plain name, the value of that type tells the size. */
    static void bind(ValueType type, List<Integer> shape, Map<String, Long> sizes) {
        for (int d = 0; d < type.rank() && type.rank() == shape.size(); d++) {
            List<String> names = type.dim(d).names();
            if (names.size() == 1 && type.dim(d).equals(Dim.named(names.getFirst()))) {
                sizes.putIfAbsent(names.getFirst(), (long) shape.get(d));
            }
        }
    }

    private static NdArray known(Map<String, NdArray> map, String what, String name) {
        NdArray value = map.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no " + what + " '" + name + "' among " + map.keySet());
        }
        return value;
    }

    private static void require(boolean holds, Function function, String text) {
        if (!holds) {
            throw new IllegalArgumentException("function " + function.name() + " " + text);
        }
    }

    /** Lengths of rows as ints, all steps when absent. */
    static int[] lengths(NdArray lengths, int rows, int steps) {
        int[] out = new int[rows];
        for (int b = 0; b < rows; b++) {
            out[b] = lengths == null ? steps : (int) lengths.at(b);
            if (out[b] < 0 || out[b] > steps) {
                throw new IllegalArgumentException("length " + out[b] + " of " + steps + " steps");
            }
        }
        return out;
    }

    static boolean isWhole(ElementType element) {
        return element == ElementType.I32 || element == ElementType.I64;
    }
}
