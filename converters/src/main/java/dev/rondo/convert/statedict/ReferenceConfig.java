package dev.rondo.convert.statedict;

import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.json.StrictJson;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the tensors of an io file belong to the values of a function.
 *
 * @param axes    what the leading axes of tokens and scores are: steps and rows
 * @param inputs  value by NAME of {@code in.NAME}; a NAME that is missing names the value itself
 * @param outputs value by NAME of {@code out.NAME}
 * @param ignored tensors that are left out, with {@code in.} or {@code out.}
 */
record ReferenceConfig(
        Optional<Axes> axes,
        Map<String, String> inputs,
        Map<String, String> outputs,
        List<String> ignored,
        double atol,
        double rtol) {

    private static final double ATOL = 1e-4;
    private static final double RTOL = 1e-3;

    /** Leading axes: rows B, steps T. */
    enum Axes {
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
            return new ReferenceConfig(Optional.empty(), Map.of(), Map.of(), List.of(), ATOL, RTOL);
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
                reference.textMap("inputs"),
                reference.textMap("outputs"),
                reference.textOrTexts("ignore"),
                tolerance(reference, "atol", ATOL),
                tolerance(reference, "rtol", RTOL));
        reference.done();
        return read;
    }

    private static double tolerance(ConfigObject reference, String key, double otherwise) {
        double value = reference.number(key, otherwise);
        if (value < 0) {
            throw reference.error(key, "must not be negative", Double.toString(value), "use 0 for exact equality");
        }
        return value;
    }
}
