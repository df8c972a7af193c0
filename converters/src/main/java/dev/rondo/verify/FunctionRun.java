package dev.rondo.verify;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.State;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a function computed from given values: for tools and checks that have tensors at hand. A program that calls a
 * function again and again holds a {@link Session}.
 *
 * @param outputs by name; stepwise with the leading axis of steps
 * @param states  the function's states after the last call, by name
 */
public record FunctionRun(Map<String, TensorData> outputs, Map<String, TensorData> states) {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * Calls a function in a new session. The sizes of dimensions follow from the shapes of the inputs; those that no
     * shape gives must be in {@code sizes}, except for K, the hypotheses of a sentence, and B, which are then 1.
     *
     * <p>Inputs that the function has not are those of another one of the model, which is called once before it and whose
     * states the function goes on from: {@code encode} before {@code step}.
     *
     * @param stepwise call once per index of a leading axis that every input has in addition, states carried from call
     *                 to call; states themselves have no such axis
     * @param inputs   by the name of an input (all of them) or of a state (zero where not given); with those of one
     *                 function more, if it is to be called before
     * @param sizes    of dimensions by name, beside those that follow
     * @throws InputException when an input is missing, unknown, or of another kind of numbers
     * @throws ShapeException when shapes do not fit each other
     */
    public static FunctionRun of(
            Model model,
            Model.Kernel kernel,
            String function,
            boolean stepwise,
            Map<String, TensorData> inputs,
            Map<String, Integer> sizes) {
        Function target = model.function(function);
        Optional<Function> before = before(model, target, inputs);
        checkNames(target, before, inputs);
        int steps = stepwise ? steps(target, inputs) : 1;
        Session session = model.session(new Capacity(sizes(target, before, stepwise, inputs, sizes)), kernel);
        before.ifPresent(first -> {
            Call call = session.call(first.name());
            first.inputs().forEach(input -> copy(inputs.get(input.name()), 0, call.input(input.name())));
            call.run();
        });
        Call call = session.call(function);
        for (State state : target.states()) {
            String name = state.value().name();
            if (inputs.containsKey(name)) {
                copy(inputs.get(name), 0, session.statePort(name));
            }
        }
        var results = new LinkedHashMap<String, Result>();
        target.outputs().forEach(o -> results.put(o.name(), new Result(call.output(o.name()), steps)));
        for (int step = 0; step < steps; step++) {
            for (Value input : target.inputs()) {
                Port port = call.input(input.name());
                copy(inputs.get(input.name()), (long) step * port.size(), port);
            }
            call.run();
            for (Result result : results.values()) {
                result.take(step);
            }
        }
        var outputs = new LinkedHashMap<String, TensorData>();
        results.forEach((name, result) -> outputs.put(name, result.data(stepwise)));
        var states = new LinkedHashMap<String, TensorData>();
        for (State state : target.states()) {
            var result = new Result(session.statePort(state.value().name()), 1);
            result.take(0);
            states.put(state.value().name(), result.data(false));
        }
        return new FunctionRun(outputs, states);
    }

    /** The function whose inputs are those that the function itself has not, and that shares states with it. */
    private static Optional<Function> before(Model model, Function function, Map<String, TensorData> inputs) {
        Set<String> others = new TreeSet<>(inputs.keySet());
        others.removeIf(
                name -> function.input(name).isPresent() || function.state(name).isPresent());
        if (others.isEmpty()) {
            return Optional.empty();
        }
        List<Function> fitting = model.functions().values().stream()
                .filter(f -> f.inputs().stream()
                        .map(Value::name)
                        .collect(Collectors.toSet())
                        .equals(others))
                .filter(f -> f.states().stream()
                        .anyMatch(s -> function.state(s.value().name()).isPresent()))
                .toList();
        return fitting.size() == 1 ? Optional.of(fitting.getFirst()) : Optional.empty();
    }

    private static void checkNames(Function function, Optional<Function> before, Map<String, TensorData> inputs) {
        for (String name : inputs.keySet()) {
            boolean known = before.isPresent() && before.get().input(name).isPresent();
            if (!known && function.input(name).isEmpty() && function.state(name).isEmpty()) {
                throw new InputException(
                        "input '" + name + "'",
                        "is an input or a state of function " + function.name() + ", which has " + names(function)
                                + ", or one of all inputs of one function to be called before",
                        "'" + name + "'",
                        "rename it");
            }
        }
        for (Value input : function.inputs()) {
            if (!inputs.containsKey(input.name())) {
                throw new InputException(
                        "function " + function.name(),
                        "needs all its inputs, " + names(function),
                        inputs.keySet().isEmpty() ? "none" : "only " + inputs.keySet(),
                        "add '" + input.name() + "' " + input.type());
            }
        }
    }

    private static String names(Function function) {
        return "inputs " + function.inputs() + " and states "
                + function.states().stream().map(State::value).toList();
    }

    private static int steps(Function function, Map<String, TensorData> inputs) {
        int steps = -1;
        for (Value input : function.inputs()) {
            TensorData given = inputs.get(input.name());
            if (given.shape().size() != input.type().rank() + 1) {
                throw new ShapeException(
                        "input '" + input.name() + "'",
                        "has a leading axis of steps before " + input.type(),
                        "shape " + given.shape(),
                        "add the axis, or make a single call");
            }
            if (steps >= 0 && steps != given.shape().getFirst()) {
                throw new ShapeException(
                        "input '" + input.name() + "'",
                        "has as many steps as the other inputs, " + steps,
                        "shape " + given.shape(),
                        "make all leading axes equal");
            }
            steps = given.shape().getFirst();
        }
        if (steps < 0) {
            throw new InputException(
                    "function " + function.name(), "needs inputs to run stepwise", "none", "make a single call");
        }
        return steps;
    }

    /** Unifies the types of inputs and states with the shapes of the values given for them. */
    private static Map<String, Integer> sizes(
            Function function,
            Optional<Function> before,
            boolean stepwise,
            Map<String, TensorData> inputs,
            Map<String, Integer> given) {
        var sizes = new HashMap<>(given);
        List<Value> first = before.map(Function::inputs).orElse(List.of());
        first.forEach(v -> bind(v, inputs.get(v.name()).shape(), sizes));
        function.inputs().forEach(v -> bind(v, shape(inputs.get(v.name()), stepwise), sizes));
        for (State state : function.states()) {
            Optional.ofNullable(inputs.get(state.value().name()))
                    .ifPresent(data -> bind(state.value(), data.shape(), sizes));
        }
        Set<String> names = new TreeSet<>(function.dimensionNames());
        before.ifPresent(f -> names.addAll(f.dimensionNames()));
        for (String one : List.of("K", "B")) {
            if (names.contains(one) && !sizes.containsKey(one)) {
                sizes.put(one, 1);
                // Rows B * K tell B where nothing else does.
                if (one.equals("K")) {
                    function.inputs().forEach(v -> bindRows(v, shape(inputs.get(v.name()), stepwise), sizes));
                }
            }
        }
        for (String name : names) {
            if (!sizes.containsKey(name)) {
                throw new InputException(
                        "size of " + name,
                        "follows from a shape or is given",
                        "neither for function " + function.name() + " with " + names(function),
                        "give it beside the inputs");
            }
        }
        first.forEach(v -> check(v, inputs.get(v.name()).shape(), sizes));
        function.inputs().forEach(v -> check(v, shape(inputs.get(v.name()), stepwise), sizes));
        function.states().stream()
                .map(State::value)
                .filter(v -> inputs.containsKey(v.name()))
                .forEach(v -> check(v, inputs.get(v.name()).shape(), sizes));
        return sizes;
    }

    private static List<Integer> shape(TensorData data, boolean stepwise) {
        return stepwise ? data.shape().subList(1, data.shape().size()) : data.shape();
    }

    private static void bind(Value value, List<Integer> shape, Map<String, Integer> sizes) {
        ValueType type = value.type();
        if (shape.size() != type.rank()) {
            throw mismatch(value, shape, "has rank " + type.rank());
        }
        for (int i = 0; i < shape.size(); i++) {
            List<String> names = type.dim(i).names();
            if (names.size() == 1 && type.dim(i).equals(Dim.named(names.getFirst()))) {
                sizes.putIfAbsent(names.getFirst(), shape.get(i));
            }
        }
    }

    private static void bindRows(Value value, List<Integer> shape, Map<String, Integer> sizes) {
        if (!shape.isEmpty()
                && value.type().rank() > 0
                && value.type().dim(0).equals(Dim.named("B").times(Dim.named("K")))) {
            sizes.putIfAbsent("B", shape.getFirst());
        }
    }

    private static void check(Value value, List<Integer> shape, Map<String, Integer> sizes) {
        for (int i = 0; i < shape.size(); i++) {
            long expected = value.type().dim(i).evaluate(sizes::get);
            if (expected != shape.get(i)) {
                throw mismatch(value, shape, "has dimension " + i + " = " + expected + " with the sizes " + sizes);
            }
        }
    }

    private static ShapeException mismatch(Value value, List<Integer> shape, String rule) {
        return new ShapeException(
                "'" + value.name() + "' " + value.type(), rule, "shape " + shape, "reshape the values");
    }

    /** Copies as many elements as the port has, from an element on. Floats fill floats, whole numbers whole numbers. */
    private static void copy(TensorData from, long first, Port to) {
        if (isFloat(from.element()) != isFloat(to.element())) {
            throw new InputException(
                    "'" + to.name() + "'",
                    "holds " + to.element().text(),
                    from.element().text(),
                    "convert the values");
        }
        for (int i = 0; i < to.size(); i++) {
            int at = Math.toIntExact(first + i);
            switch (from.element()) {
                case F32, F64 -> to.set(i, from.value(at));
                case I64 -> to.set(i, from.data().get(I64.withByteAlignment(1), 8L * at));
                case I32, BOOL -> to.set(i, (long) from.value(at));
            }
        }
    }

    private static boolean isFloat(ElementType type) {
        return type == ElementType.F32 || type == ElementType.F64;
    }

    /** Collects what a port holds after each call. */
    private static final class Result {
        private final Port port;
        private final int steps;
        private final int size;
        private final MemorySegment memory;

        Result(Port port, int steps) {
            this.port = port;
            this.steps = steps;
            this.size = port.size();
            this.memory = memory(port, (long) size * steps);
        }

        private static MemorySegment memory(Port port, long elements) {
            String subject = "'" + port.name() + "' of all steps";
            if (elements > Integer.MAX_VALUE - 8) {
                throw new ShapeException(
                        subject, "has less than 2^31 elements", "" + elements, "run fewer steps at once");
            }
            try {
                return Arena.ofAuto().allocate(elements * port.element().byteSize(), 64);
            } catch (OutOfMemoryError little) {
                throw new ShapeException(
                        subject,
                        "fits the memory of this JVM",
                        elements + " elements (" + little.getMessage() + ")",
                        "run fewer steps at once, or raise -XX:MaxDirectMemorySize",
                        little);
            }
        }

        void take(int step) {
            for (int i = 0; i < size; i++) {
                long at = (long) step * size + i;
                switch (port.element()) {
                    case F32 -> memory.setAtIndex(F32, at, (float) port.get(i));
                    case F64 -> memory.setAtIndex(F64, at, port.get(i));
                    case I32 -> memory.setAtIndex(I32, at, (int) port.getLong(i));
                    case I64 -> memory.setAtIndex(I64, at, port.getLong(i));
                    case BOOL -> memory.set(ValueLayout.JAVA_BYTE, at, (byte) port.getLong(i));
                }
            }
        }

        TensorData data(boolean stepwise) {
            var shape = new ArrayList<Integer>();
            if (stepwise) {
                shape.add(steps);
            }
            for (int dim : port.shape()) {
                shape.add(dim);
            }
            return new TensorData(port.element(), shape, memory);
        }
    }
}
