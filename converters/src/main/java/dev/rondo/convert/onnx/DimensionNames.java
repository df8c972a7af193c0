package dev.rondo.convert.onnx;

import dev.rondo.convert.draft.GraphOptions;
import dev.rondo.convert.onnx.file.OnnxGraph;
import dev.rondo.convert.onnx.file.OnnxValueInfo;
import dev.rondo.convert.onnx.file.OnnxValueInfo.Dimension;
import dev.rondo.error.InputException;
import dev.rondo.graph.Dim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the dimensions of a model's inputs are called. Names stay, but for characters that no name here has; batch and
 * batch_size are B, the rows of a session. An axis without a name is called after its input. What --shape says about
 * one input holds for every other axis of that name.
 */
final class DimensionNames {
    private static final Set<String> ROWS = Set.of("batch", "batch_size");

    private final GraphOptions options;
    private final Map<String, String> names = new LinkedHashMap<>();
    private final Map<String, Dim> known = new HashMap<>();

    DimensionNames(OnnxGraph source, GraphOptions options) {
        this.options = options;
        for (OnnxValueInfo input : source.inputs()) {
            input.dims()
                    .ifPresent(dims -> dims.stream()
                            .filter(d -> d.size() < 0 && !d.name().isEmpty())
                            .forEach(d -> names.putIfAbsent(d.name(), "")));
        }
        names.replaceAll((name, _) -> ROWS.contains(name) && !names.containsKey("B") ? "B" : plain(name));
        if (names.values().stream().distinct().count() != names.size()) {
            // Two names that differ in characters which are replaced.
            int number = 0;
            for (Map.Entry<String, String> entry : names.entrySet()) {
                if (!entry.getKey().equals(entry.getValue())) {
                    entry.setValue(entry.getValue() + "_" + ++number);
                }
            }
        }
        for (OnnxValueInfo input : source.inputs()) {
            shape(input).ifPresent(dims -> learn(input, dims));
        }
        options.fixed().forEach((name, value) -> {
            if (names.containsKey(name) || names.containsValue(name)) {
                set(names.getOrDefault(name, name), parse("--fix " + name, value), "--fix " + name);
            }
        });
    }

    /** The dimensions of an input, with all that the options say. */
    List<Dim> of(OnnxValueInfo input) {
        List<Dim> given = shape(input).orElse(null);
        if (given == null) {
            if (input.dims().isEmpty()) {
                throw new InputException(
                        "input '" + input.name() + "'",
                        "has a known rank",
                        "none in the model",
                        "say --shape " + input.name() + "=DIMS");
            }
            given = new ArrayList<>();
            for (int axis = 0; axis < input.dims().get().size(); axis++) {
                given.add(declared(input, axis));
            }
        }
        return given.stream().map(d -> d.substitute(known)).toList();
    }

    private Dim declared(OnnxValueInfo input, int axis) {
        Dimension dimension = input.dims().orElseThrow().get(axis);
        if (dimension.size() >= 0) {
            return Dim.of(dimension.size());
        }
        return Dim.named(dimension.name().isEmpty() ? plain(input.name() + "_" + axis) : names.get(dimension.name()));
    }

    private Optional<List<Dim>> shape(OnnxValueInfo input) {
        String text = options.shapes().get(input.name());
        if (text == null) {
            return Optional.empty();
        }
        var dims = new ArrayList<Dim>();
        for (String part : text.isBlank()
                ? new String[0]
                : text.replaceAll("[\\[\\] ]", "").split(",", -1)) {
            dims.add(parse("--shape " + input.name(), part));
        }
        return Optional.of(dims);
    }

    private void learn(OnnxValueInfo input, List<Dim> dims) {
        String option = "--shape " + input.name();
        if (input.dims().isEmpty()) {
            return;
        }
        List<Dimension> declared = input.dims().get();
        boolean fits = declared.size() == dims.size();
        for (int axis = 0; fits && axis < dims.size(); axis++) {
            fits = declared.get(axis).size() < 0
                    || dims.get(axis).is(declared.get(axis).size());
        }
        if (!fits) {
            throw new InputException(
                    option,
                    "agrees with the sizes that the model declares, "
                            + declared.stream()
                                    .map(d -> d.size() >= 0 ? "" + d.size() : d.name())
                                    .toList(),
                    dims.toString(),
                    "correct it");
        }
        for (int axis = 0; axis < dims.size(); axis++) {
            if (declared.get(axis).size() < 0 && !declared.get(axis).name().isEmpty()) {
                set(names.get(declared.get(axis).name()), dims.get(axis), option);
            }
        }
    }

    private void set(String name, Dim dim, String option) {
        if (dim.equals(Dim.named(name))) {
            return;
        }
        Dim earlier = known.putIfAbsent(name, dim);
        if (earlier != null && !earlier.equals(dim)) {
            throw new InputException(
                    option, "a dimension has one size", name + " is " + earlier + " and " + dim, "make them equal");
        }
    }

    private static Dim parse(String option, String text) {
        try {
            Dim dim = Dim.parse(text);
            if (dim.isFixed() && dim.fixed() < 0) {
                throw new IllegalArgumentException(text);
            }
            return dim;
        } catch (IllegalArgumentException wrong) {
            throw new InputException(option, "holds sizes and names, as B,T,40", "'" + text + "'", "correct it", wrong);
        }
    }

    /** A name that an expression may hold. */
    private static String plain(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9_]", "_");
        return plain.isEmpty() || Character.isDigit(plain.charAt(0)) ? "_" + plain : plain;
    }
}
