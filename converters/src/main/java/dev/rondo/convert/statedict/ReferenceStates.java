package dev.rondo.convert.statedict;

import dev.rondo.convert.safetensors.SafetensorsTensor;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Function;
import dev.rondo.graph.State;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The states of functions as io files name them: {@code h0, c0, past0, ...} one by one, {@code h} and {@code c} all of
 * a kind in one tensor [count, B, size], which PyTorch calls {@code h0} and {@code c0} before and {@code h_n} and
 * {@code c_n} after the run.
 */
final class ReferenceStates {
    private final Map<String, Value> states = new LinkedHashMap<>();
    private ToLongFunction<String> sizes = _ -> 1;

    ReferenceStates(List<Function> functions) {
        functions.forEach(f -> f.states().stream().map(State::value).forEach(v -> states.put(v.name(), v)));
    }

    /** Those of the function that was chosen, with the sizes of its dimensions. */
    void of(Function function, ToLongFunction<String> dimensions) {
        states.keySet().removeIf(name -> function.state(name).isEmpty());
        sizes = dimensions;
    }

    boolean has(String name) {
        return states.containsKey(name) || !all(name).isEmpty();
    }

    List<String> names() {
        var names = new ArrayList<String>();
        for (String kind : List.of("h", "c")) {
            if (!all(kind).isEmpty()) {
                names.add(kind);
            }
        }
        names.addAll(states.keySet());
        return names;
    }

    /** The states that one tensor called {@code h}, {@code c}, {@code h_n} or {@code c_n} holds, in order. */
    private List<Value> all(String name) {
        var all = new ArrayList<Value>();
        switch (name) {
            case "h", "h_n" -> add(all, 'h');
            case "c", "c_n" -> add(all, 'c');
            case String _ -> {}
        }
        return all;
    }

    private void add(List<Value> all, char kind) {
        states.values().stream().filter(v -> v.name().matches(kind + "[0-9]+")).forEach(all::add);
    }

    /**
     * Adds the states that a tensor holds: one, or all of a kind.
     *
     * @param other whether the name is that of an input or output, and so of no state
     */
    void put(Map<String, TensorData> to, String name, SafetensorsTensor tensor, boolean other) {
        if (other) {
            return;
        }
        ReferenceVectors.require(has(name), "io file", "must belong to a state: " + names(), name);
        List<Value> holds = all(name);
        boolean whole = !holds.isEmpty();
        if (!whole) {
            List<Value> kind = all(name.substring(0, 1));
            // PyTorch's h0 has all layers: [count, B, size].
            whole = name.matches("[hc]0")
                    && kind.size() > 1
                    && tensor.shape().size() == 3
                    && tensor.shape().getFirst() == kind.size();
            holds = whole ? kind : List.of(states.get(name));
        }
        List<Integer> shape = shape(holds.getFirst());
        if (holds.stream().anyMatch(v -> !shape(v).equals(shape))) {
            throw ReferenceVectors.wrongShape(name, tensor, "a tensor of each layer, since their sizes differ");
        }
        var wanted = new ArrayList<Long>();
        wanted.add((long) holds.size());
        shape.forEach(size -> wanted.add((long) size));
        // Axes of size 1 may be left out: the layer where there is one, the row where there is one.
        if (!squeezed(tensor.shape()).equals(squeezed(wanted)) || tensor.shape().size() > wanted.size()) {
            throw ReferenceVectors.wrongShape(name, tensor, (whole ? wanted : shape).toString());
        }
        float[] values = ReferenceVectors.floats(name, tensor);
        int size = values.length / holds.size();
        for (int k = 0; k < holds.size(); k++) {
            float[] state = new float[size];
            System.arraycopy(values, k * size, state, 0, size);
            String own = holds.get(k).name();
            TensorData known = to.put(own, TensorData.ofFloats(shape, state));
            ReferenceVectors.require(known == null, "io file", "each state must be given once", own);
        }
    }

    private List<Integer> shape(Value state) {
        var shape = new ArrayList<Integer>();
        state.type().dims().forEach(d -> shape.add(Math.toIntExact(d.evaluate(sizes))));
        return shape;
    }

    private static List<Long> squeezed(List<Long> shape) {
        return shape.stream().filter(d -> d != 1).toList();
    }
}
