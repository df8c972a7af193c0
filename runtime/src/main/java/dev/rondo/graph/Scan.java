package dev.rondo.graph;

import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Runs a function once per time step, its states carried from step to step: {@code for t: outputs_t, states =
 * body(inputs_t, states)}. The body is any function, so what a scan trains is the very step that decoding calls.
 *
 * <p>Inputs of the node, in this order: one per input of the body; one optional per state of the body, where it begins
 * (zero when not given); optional {@code lengths} i32[B]. A body input named in {@code sequences} gets a slice per step
 * of a value with the time axis T after its first dimension ([B,...] from [B,T,...]; a scalar from [T]); the others
 * get the same value at every step. Outputs: every output of the body stacked over T in the same way, then the last
 * value of every state that the body replaces.
 *
 * <p>With lengths, row b takes part in the first {@code lengths[b]} steps; after them its states stay and its outputs
 * are zero; with {@code repeat} they are those of the step before in running order, zero when there is none. With
 * {@code reverse} each row runs from its last valid step to its first.
 */
public record Scan(Function body, List<String> sequences, boolean reverse, boolean repeat) implements Op {
    public Scan {
        sequences = List.copyOf(sequences);
        if (sequences.isEmpty()) {
            throw new ShapeException(
                    "scan of " + body.name(), "at least one input is a sequence", "none", "name it in over(...)");
        }
        if (new HashSet<>(sequences).size() != sequences.size()) {
            throw new ShapeException(
                    "scan of " + body.name(), "sequences are distinct", sequences.toString(), "name each once");
        }
        for (String name : sequences) {
            if (body.input(name).isEmpty()) {
                throw new ShapeException(
                        "scan of " + body.name(),
                        "sequences name inputs of the body",
                        "'" + name + "'",
                        "inputs are " + body.inputs());
            }
        }
    }

    @Override
    public String name() {
        return "scan";
    }

    public boolean isSequence(int input) {
        return sequences.contains(body.inputs().get(input).name());
    }

    @Override
    public List<Slot> slots() {
        var slots = new ArrayList<Slot>();
        for (Value input : body.inputs()) {
            slots.add(Slot.required(input.name()));
        }
        for (State state : body.states()) {
            slots.add(Slot.optional(state.value().name()));
        }
        slots.add(Slot.optional("lengths"));
        return slots;
    }

    @Override
    public List<ValueType> infer(InputTypes in) {
        Map<String, Dim> names = new HashMap<>();
        Dim time = bind(in, names);
        var out = new ArrayList<ValueType>();
        for (Value output : body.outputs()) {
            ValueType step = output.type().substitute(names);
            var dims = new ArrayList<>(step.dims());
            dims.add(timeAxis(step), time);
            out.add(step.withDims(dims));
        }
        for (State state : body.states()) {
            if (state.isReplaced()) {
                out.add(state.value().type().substitute(names));
            }
        }
        return out;
    }

    /** What each dimension name of the body means in the function that holds this node. */
    public Map<String, Dim> bindings(List<Value> inputs) {
        Map<String, Dim> names = new HashMap<>();
        bind(new InputTypes(this, "scan of " + body.name(), inputs), names);
        return names;
    }

    /** Fills in the names and returns the number of steps. */
    private Dim bind(InputTypes in, Map<String, Dim> names) {
        Dim time = null;
        for (int i = 0; i < body.inputs().size(); i++) {
            ValueType wanted = body.inputs().get(i).type();
            ValueType given = in.type(i);
            if (isSequence(i)) {
                int axis = timeAxis(wanted);
                if (given.rank() != wanted.rank() + 1) {
                    throw in.mismatch(i, "a sequence of " + wanted);
                }
                if (time != null && !time.equals(given.dim(axis))) {
                    throw in.error("all sequences have as many steps", time + " and " + given.dim(axis));
                }
                time = given.dim(axis);
                var dims = new ArrayList<>(given.dims());
                dims.remove(axis);
                given = given.withDims(dims);
            }
            unify(in, i, wanted, given, names);
        }
        for (int s = 0; s < body.states().size(); s++) {
            int i = body.inputs().size() + s;
            if (in.has(i)) {
                unify(in, i, body.states().get(s).value().type(), in.type(i), names);
            }
        }
        for (State state : body.states()) {
            for (Dim dim : state.value().type().dims()) {
                // A state that begins at zero has to take its size from something else.
                if (!names.keySet().containsAll(dim.names())) {
                    throw in.error(
                            "the size of state '" + state.value().name() + "' follows from what is given",
                            state.value().toString());
                }
            }
        }
        if (in.has(in.count() - 1)) {
            checkLengths(in, names);
        }
        return time;
    }

    /** Rows are the first dimension of whatever has one length each. */
    private void checkLengths(InputTypes in, Map<String, Dim> names) {
        Dim rows = in.require(in.count() - 1, ElementType.I32, (Dim) null).dim(0);
        var perRow = new ArrayList<Value>(body.outputs());
        for (State state : body.states()) {
            perRow.add(state.value());
        }
        for (Value value : perRow) {
            ValueType type = value.type().substitute(names);
            if (type.rank() == 0 || !type.dim(0).equals(rows)) {
                throw in.error("with lengths, outputs and states have " + rows + " rows", value.toString());
            }
        }
    }

    /** Where the time axis stands in the sequence whose steps have this type. */
    public static int timeAxis(ValueType step) {
        return Math.min(1, step.rank());
    }

    private static void unify(InputTypes in, int i, ValueType wanted, ValueType given, Map<String, Dim> names) {
        boolean fits = wanted.element() == given.element() && wanted.rank() == given.rank();
        for (int d = 0; fits && d < wanted.rank(); d++) {
            Dim dim = wanted.dim(d);
            if (dim.names().size() == 1 && dim.equals(Dim.named(dim.names().getFirst()))) {
                names.putIfAbsent(dim.names().getFirst(), given.dim(d));
            }
            fits = dim.substitute(names).equals(given.dim(d));
        }
        if (!fits) {
            throw in.mismatch(i, wanted.toString());
        }
    }
}
