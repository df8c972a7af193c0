package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The names defined so far in one function. Reader and writer drive it in the order of the file. */
final class FunctionScope {
    private final Set<String> tensors;
    private final Set<String> earlierFunctions;
    private final Set<String> defined = new HashSet<>();

    FunctionScope(Set<String> tensors, Set<String> earlierFunctions) {
        this.tensors = tensors;
        this.earlierFunctions = earlierFunctions;
    }

    /** Checks a whole function. */
    static void check(FunctionDef function, Set<String> tensors, Set<String> earlierFunctions) {
        FunctionScope scope = new FunctionScope(tensors, earlierFunctions);
        for (ValueDef input : function.inputs()) {
            scope.input(input);
        }
        for (StateDef state : function.states()) {
            scope.state(state);
        }
        for (int i = 0; i < function.nodes().size(); i++) {
            scope.node(i, function.nodes().get(i));
        }
        scope.end(function.states(), function.outputs());
    }

    void input(ValueDef input) {
        define("input", input.name());
    }

    void state(StateDef state) {
        define("state", state.value().name());
    }

    void node(int index, NodeDef node) {
        String subject = subject(index, node.op());
        for (String input : node.inputs()) {
            if (input.startsWith("@")) {
                if (!tensors.contains(input.substring(1))) {
                    throw new FormatException(
                            subject + ", input",
                            "must name a tensor of the file",
                            Names.quote(input),
                            "the tensor is missing or misspelt");
                }
            } else if (!input.isEmpty() && !defined.contains(input)) {
                throw new FormatException(
                        subject + ", input",
                        "must be defined before it is used",
                        Names.quote(input),
                        "the name is misspelt or the nodes are out of order");
            }
        }
        for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
            if (entry.getValue() instanceof Attribute.Reference(String function)
                    && !earlierFunctions.contains(function)) {
                throw new FormatException(
                        subject + ", attribute " + Names.quote(entry.getKey()),
                        "must name an earlier function of the file",
                        Names.quote(function),
                        "the name is misspelt or the functions are out of order; a function cannot call itself");
            }
        }
        for (String output : node.outputs()) {
            if (!output.isEmpty()) {
                define(subject + ", output", output);
            }
        }
    }

    /** Checks what can only be checked when every node is known. */
    void end(List<StateDef> states, List<String> outputs) {
        for (StateDef state : states) {
            if (!state.next().isEmpty()) {
                checkDefined("state " + Names.quote(state.value().name()) + ", next", state.next());
            }
        }
        for (String output : outputs) {
            checkDefined("output", output);
        }
        Names.distinct("outputs", outputs);
    }

    /** How messages call a node. */
    static String subject(int index, String op) {
        return "node " + index + " (" + Names.quote(op) + ")";
    }

    private void define(String subject, String name) {
        if (!defined.add(name)) {
            throw new FormatException(subject, "must not define a name twice", Names.quote(name), "rename the value");
        }
    }

    private void checkDefined(String subject, String name) {
        if (!defined.contains(name)) {
            throw new FormatException(
                    subject,
                    "must name a value of the function",
                    Names.quote(name),
                    "the name is misspelt or its node is missing");
        }
    }
}
