package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.util.Map;

/**
 * What a function must compute: inputs and the outputs of the source framework.
 *
 * <p>A stepwise case calls the function once per index of a leading axis that every tensor has in addition, with the state
 * carried from zero. An entry named like a state has no such axis: among the inputs it is the state before the first
 * call (zero when absent), among the outputs the state after the last.
 *
 * <p>Inputs may also be those of one function more, all of them and of no other function of the file that shares states
 * with the one called: it is called once before, with these, and its states are where the calls begin.
 *
 * @param name     unique in the file
 * @param function the function called
 * @param stepwise one call per index of the leading axis, else one call
 * @param atol     largest absolute error allowed beside the relative one: |got - want| &lt;= atol + rtol * |want|
 * @param rtol     largest relative error
 * @param inputs   by the name of an input or state of the function, or of an input of the one before
 * @param outputs  by the name of an output or state of the function
 */
public record ReferenceCase(
        String name,
        String function,
        boolean stepwise,
        double atol,
        double rtol,
        Map<String, TensorData> inputs,
        Map<String, TensorData> outputs) {
    /** @throws FormatException when a name or a tolerance breaks a rule */
    public ReferenceCase {
        Names.name("reference case name", name);
        String subject = "reference case " + Names.quote(name);
        Names.name(subject + ", function", function);
        checkTolerance(subject, "atol", atol);
        checkTolerance(subject, "rtol", rtol);
        inputs = Names.orderedCopy(inputs);
        outputs = Names.orderedCopy(outputs);
        for (String key : inputs.keySet()) {
            Names.valueName(subject + ", input", key);
        }
        for (String key : outputs.keySet()) {
            Names.valueName(subject + ", output", key);
        }
    }

    private static void checkTolerance(String subject, String which, double tolerance) {
        if (!(tolerance >= 0 && tolerance < Double.POSITIVE_INFINITY)) {
            throw new FormatException(
                    subject + ", " + which,
                    "must be a finite number, not negative",
                    Double.toString(tolerance),
                    "use 0 for exact equality");
        }
    }
}
