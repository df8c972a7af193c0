package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.util.List;
import java.util.Map;

/**
 * One operation of a function. The format knows names only; what the operator means, how many inputs it takes and which
 * attributes it wants is checked by the runtime.
 *
 * @param op         name of the operator
 * @param version    version of the operator's meaning, 1 or more
 * @param inputs     names of values defined before; "" is an absent input, "@name" the tensor of that name in the file
 * @param outputs    names of new values; "" is an output nobody wants
 * @param attributes by name, in the order of the file
 */
public record NodeDef(
        String op, int version, List<String> inputs, List<String> outputs, Map<String, Attribute> attributes) {
    /** @throws FormatException when a name or the version breaks a rule */
    public NodeDef {
        Names.name("operator", op);
        if (version < 1) {
            throw new FormatException(
                    "operator " + Names.quote(op),
                    "version must be 1 or more",
                    Integer.toString(version),
                    "write the version the operator catalogue gives");
        }
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        for (String input : inputs) {
            if (input.startsWith("@")) {
                Names.name("input", input.substring(1));
            } else {
                Names.valueNameOrNone("input", input);
            }
        }
        for (String output : outputs) {
            Names.valueNameOrNone("output", output);
        }
        attributes = Names.orderedCopy(attributes);
        for (String key : attributes.keySet()) {
            Names.name("attribute name", key);
        }
    }
}
