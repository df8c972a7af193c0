package dev.rondo.convert.statedict;

import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.json.StrictJson;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How the tensors of an io file belong to the values of a function.
 *
 * @param axes    what the leading axes of tokens and scores are: steps and rows
 * @param inputs  value by NAME of {@code in.NAME}; a NAME that is missing names the value itself
 * @param outputs value by NAME of {@code out.NAME}
 * @param function the one that the tensors belong to; empty when their names tell it
 * @param ignored tensors that are left out, with {@code in.} or {@code out.}
 * @param atol    empty for that of the request
 * @param rtol    empty for that of the request
 */
public record ReferenceConfig(
        Optional<Axes> axes,
        Optional<String> function,
        Map<String, String> inputs,
        Map<String, String> outputs,
        List<String> ignored,
        OptionalDouble atol,
        OptionalDouble rtol) {

    /** Every tensor is named like its value. */
    public static final ReferenceConfig NONE = new ReferenceConfig(
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Map.of(),
            List.of(),
            OptionalDouble.empty(),
            OptionalDouble.empty());

    /** Leading axes: rows B, steps T. */
    public enum Axes {
        /** One step of B rows. */
        B,
        /** T steps of one row. */
        T,
        TB,
        BT
    }

    /** Reads the key {@code reference}; absent, every tensor is named like its value. */
    static ReferenceConfig read(ConfigObject config) {
        if (!config.has("reference")) {
            return NONE;
        }
        ConfigObject reference = config.object("reference");
        Optional<Axes> axes = reference.optionalText("axes").map(name -> switch (name) {
            case "B" -> Axes.B;
            case "T" -> Axes.T;
            case "TB" -> Axes.TB;
            case "BT" -> Axes.BT;
            default ->
                throw reference.error(
                        "axes", "must be one of B, T, TB, BT", StrictJson.quote(name), "B are rows, T are steps");
        });
        var read = new ReferenceConfig(
                axes,
                reference.optionalText("function"),
                reference.textMap("inputs"),
                reference.textMap("outputs"),
                reference.textOrTexts("ignore"),
                tolerance(reference, "atol"),
                tolerance(reference, "rtol"));
        reference.done();
        return read;
    }

    private static OptionalDouble tolerance(ConfigObject reference, String key) {
        if (!reference.has(key)) {
            return OptionalDouble.empty();
        }
        double value = reference.number(key, 0);
        if (value < 0) {
            throw reference.error(key, "must not be negative", Double.toString(value), "use 0 for exact equality");
        }
        return OptionalDouble.of(value);
    }
}
