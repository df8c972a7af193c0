package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What ties a reference case to the function it calls. */
final class ReferenceRules {
    private final Map<String, Signature> signatures = new HashMap<>();

    /** The named values of a function. The outputs' types are known to the runtime only. */
    private record Signature(Map<String, ValueDef> inputs, Map<String, ValueDef> states, Set<String> outputs) {}

    ReferenceRules(List<FunctionDef> functions) {
        for (FunctionDef function : functions) {
            Map<String, ValueDef> inputs = new HashMap<>();
            Map<String, ValueDef> states = new HashMap<>();
            for (ValueDef input : function.inputs()) {
                inputs.put(input.name(), input);
            }
            for (StateDef state : function.states()) {
                states.put(state.value().name(), state.value());
            }
            signatures.put(function.name(), new Signature(inputs, states, new HashSet<>(function.outputs())));
        }
    }

    void check(ReferenceCase reference) {
        String subject = "reference case " + Names.quote(reference.name());
        Signature signature = signatures.get(reference.function());
        if (signature == null) {
            throw new FormatException(
                    subject,
                    "must call a function of the file",
                    Names.quote(reference.function()),
                    "the function is missing or misspelt");
        }
        Map<String, ValueDef> before = before(signature, reference.inputs().keySet());
        Steps steps = new Steps(reference.stepwise());
        for (Map.Entry<String, TensorData> entry : reference.inputs().entrySet()) {
            String name = entry.getKey();
            TensorData values = entry.getValue();
            String what = subject + ", input " + Names.quote(name);
            ValueDef state = signature.states().get(name);
            ValueDef input = signature.inputs().get(name);
            if (state != null) {
                checkType(what, state, values, 0);
            } else if (input != null) {
                checkType(what, input, values, reference.stepwise() ? 1 : 0);
                steps.check(what, values);
            } else if (before.containsKey(name)) {
                checkType(what, before.get(name), values, 0);
            } else {
                throw new FormatException(
                        what,
                        "must be an input or a state of the function, or of one called once before, whose inputs are"
                                + " all here",
                        Names.quote(reference.function()) + " has none of that name",
                        "the name is misspelt");
            }
        }
        for (Map.Entry<String, TensorData> entry : reference.outputs().entrySet()) {
            String name = entry.getKey();
            TensorData values = entry.getValue();
            String what = subject + ", output " + Names.quote(name);
            ValueDef state = signature.states().get(name);
            if (state != null) {
                checkType(what, state, values, 0);
            } else if (signature.outputs().contains(name)) {
                steps.check(what, values);
            } else {
                throw new FormatException(
                        what,
                        "must be an output or a state of the function",
                        Names.quote(reference.function()) + " has none of that name",
                        "the name is misspelt");
            }
        }
    }

    /**
     * The inputs of the function that is called once before: the only one that shares a state and whose inputs are those
     * that the function itself has not. Empty when there is none, or more than one.
     */
    private Map<String, ValueDef> before(Signature of, Set<String> names) {
        Set<String> others = new HashSet<>(names);
        others.removeAll(of.inputs().keySet());
        others.removeAll(of.states().keySet());
        Map<String, ValueDef> found = Map.of();
        for (Signature other : signatures.values()) {
            if (!others.isEmpty()
                    && other.inputs().keySet().equals(others)
                    && !Collections.disjoint(
                            other.states().keySet(), of.states().keySet())) {
                if (!found.isEmpty()) {
                    return Map.of();
                }
                found = other.inputs();
            }
        }
        return found;
    }

    private static void checkType(String subject, ValueDef def, TensorData values, int extraAxes) {
        if (def.element() != values.element()
                || def.dims().size() + extraAxes != values.shape().size()) {
            throw new FormatException(
                    subject,
                    "must have the type of the value, " + def.element().text() + " " + def.dims()
                            + (extraAxes == 0 ? "" : ", with one leading axis for the steps"),
                    values.element().text() + " " + values.shape(),
                    "store the values as the function takes them");
        }
    }

    /** In a stepwise case every tensor but the states begins with the same number of steps. */
    private static final class Steps {
        private final boolean stepwise;
        private int steps = -1;

        Steps(boolean stepwise) {
            this.stepwise = stepwise;
        }

        void check(String subject, TensorData values) {
            if (!stepwise) {
                return;
            }
            int here = values.shape().isEmpty() ? -1 : values.shape().getFirst();
            if (here < 0 || steps >= 0 && here != steps) {
                throw new FormatException(
                        subject,
                        "must have the leading axis of all tensors of a stepwise case"
                                + (steps < 0 ? "" : ", " + steps),
                        "shape " + values.shape(),
                        "store one entry per step in every input and output");
            }
            steps = here;
        }
    }
}
