package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.util.List;

/**
 * A function in single assignment form: its nodes in the order they run. That every name is defined before it is used is
 * checked when a file is read or written, where the file's tensors and earlier functions are known.
 *
 * @param name    unique in the file
 * @param inputs  what a call passes in
 * @param states  what the session keeps
 * @param nodes   in order: a node uses only what was defined before it
 * @param outputs names of the values a call returns: inputs, states or node outputs
 */
public record FunctionDef(
        String name, List<ValueDef> inputs, List<StateDef> states, List<NodeDef> nodes, List<String> outputs) {
    /** @throws FormatException when a name breaks a rule */
    public FunctionDef {
        Names.name("function name", name);
        inputs = List.copyOf(inputs);
        states = List.copyOf(states);
        nodes = List.copyOf(nodes);
        outputs = List.copyOf(outputs);
        for (String output : outputs) {
            Names.valueName("function " + Names.quote(name) + ", output", output);
        }
    }
}
