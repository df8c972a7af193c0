package dev.rondo.convert.onnx;

import dev.rondo.convert.draft.GraphOptions;
import dev.rondo.convert.onnx.file.OnnxGraph;
import dev.rondo.convert.onnx.file.OnnxModel;
import dev.rondo.convert.onnx.file.OnnxTensor;
import dev.rondo.convert.onnx.file.OnnxType;
import dev.rondo.convert.onnx.file.OnnxValueInfo;
import dev.rondo.convert.onnx.graph.FunctionGraph;
import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Inputs and outputs of functions, as the options have them: fixed values, states and context taken out, dimensions
 * renamed or set.
 */
final class Boundary {
    private final GraphOptions options;
    private final Map<String, String> interpretation;

    Boundary(GraphOptions options, Map<String, String> interpretation) {
        this.options = options;
        this.interpretation = interpretation;
    }

    /** The states of a function while it is imported: by the name of the input that each was. */
    static final class Edge {
        private final Map<String, Value> states = new LinkedHashMap<>();
        private final Map<String, List<Integer>> permutations = new HashMap<>();
    }

    /** @throws InputException when an option names nothing in any model */
    void check(Map<String, OnnxModel> models) {
        Set<String> inputs = new HashSet<>();
        Set<String> outputs = new HashSet<>();
        Set<String> dimensions = new HashSet<>();
        for (OnnxModel model : models.values()) {
            model.graph().outputs().forEach(o -> outputs.add(o.name()));
            Set<String> defaults = defaults(model.graph());
            var names = new DimensionNames(model.graph(), options);
            for (OnnxValueInfo input : model.graph().inputs()) {
                if (!defaults.contains(input.name())) {
                    inputs.add(input.name());
                }
                input.dims().ifPresent(dims -> dims.forEach(d -> dimensions.add(d.name())));
                names.of(input).forEach(d -> dimensions.addAll(d.names()));
            }
        }
        options.states().forEach((input, replacing) -> {
            require("--state", "an input of a model", input, inputs);
            replacing.forEach(output -> require("--state", "an output of a model", output, outputs));
        });
        options.contexts().keySet().forEach(input -> require("--context", "an input of a model", input, inputs));
        options.shapes().keySet().forEach(input -> require("--shape", "an input of a model", input, inputs));
        var fixable = new HashSet<>(inputs);
        fixable.addAll(dimensions);
        options.fixed().keySet().forEach(n -> require("--fix", "an input or a dimension of a model", n, fixable));
        inputs.forEach(this::requireOneRole);
    }

    /** The tensors of a model: where inputs have the same names, as in models of before 2019, they are no inputs. */
    private static Set<String> defaults(OnnxGraph source) {
        return source.initializers().stream().map(OnnxTensor::name).collect(Collectors.toSet());
    }

    private void requireOneRole(String input) {
        var roles = new ArrayList<String>();
        Map.of("--fix", options.fixed(), "--state", options.states(), "--context", options.contexts())
                .forEach((option, byName) -> {
                    if (byName.containsKey(input)) {
                        roles.add(option);
                    }
                });
        if (roles.size() > 1) {
            throw new InputException(
                    "input '" + input + "'",
                    "is fixed, a state, or has context",
                    roles.stream().sorted().toList().toString(),
                    "leave out all but one");
        }
    }

    private static void require(String option, String what, String name, Set<String> names) {
        if (!names.contains(name)) {
            throw new InputException(
                    option,
                    "names " + what + ", one of "
                            + names.stream().filter(n -> !n.isEmpty()).sorted().toList(),
                    "'" + name + "'",
                    "correct the name");
        }
    }

    /** Declares inputs and states, and gives them to the walk. */
    Edge inputs(OnnxGraph source, FunctionGraph graph, GraphWalk walk) {
        var edge = new Edge();
        var names = new DimensionNames(source, options);
        Set<String> defaults = defaults(source);
        for (OnnxValueInfo input : source.inputs()) {
            if (defaults.contains(input.name())) {
                continue;
            }
            ValueType type = type(input, names.of(input));
            Value value;
            if (options.fixed().containsKey(input.name())) {
                value = FixedValue.of(input.name(), options.fixed().get(input.name()), type, graph.constants());
                interpretation.put(
                        "onnx." + graph.name() + ".fixed." + input.name(),
                        value.type() + " " + options.fixed().get(input.name()));
            } else if (options.states().containsKey(input.name())) {
                value = state(input.name(), type, graph, edge);
            } else if (options.contexts().containsKey(input.name())) {
                value = withContext(input.name(), type, graph);
            } else {
                value = graph.input(input.name(), type);
            }
            walk.bind(input.name(), new Operand.Tensor(value));
        }
        return edge;
    }

    private ValueType type(OnnxValueInfo input, List<Dim> dims) {
        OnnxType type = OnnxType.of(input.elementCode())
                .filter(t -> t.element().isPresent())
                .orElseThrow(() -> new FormatException(
                        "input '" + input.name() + "'",
                        "is a tensor of floats, integers or bool",
                        "element type number " + input.elementCode(),
                        "change the model's inputs, or fix it with --fix"));
        if (!type.isExact()) {
            interpretation.put(
                    "onnx.type." + input.name(),
                    type + " as " + type.element().orElseThrow().text());
        }
        return new ValueType(type.element().orElseThrow(), dims);
    }

    /** Declares a state, rows first; gives it in the shape of the model. */
    private Value state(String name, ValueType type, FunctionGraph graph, Edge edge) {
        int rows = IntStream.range(0, type.rank())
                .filter(d -> type.dim(d).names().contains("B"))
                .findFirst()
                .orElse(0);
        List<Integer> permutation = new ArrayList<>();
        for (int d = 0; d < type.rank(); d++) {
            if (d != rows) {
                permutation.add(d + (d < rows ? 1 : 0));
            } else {
                permutation.add(0);
            }
        }
        // permutation[d] is where axis d of the model's shape stands in the state.
        ValueType kept =
                type.withDims(inverse(permutation).stream().map(type::dim).toList());
        Value state = graph.state(name, kept);
        edge.states.put(name, state);
        edge.permutations.put(name, inverse(permutation));
        interpretation.put(
                "onnx.state." + name,
                kept + ", replaced by " + String.join(", ", options.states().get(name))
                        + (rows == 0 ? "" : "; rows first, in the model " + type));
        return rows == 0 ? state : graph.transpose(state, permutation);
    }

    private static List<Integer> inverse(List<Integer> permutation) {
        return IntStream.range(0, permutation.size())
                .map(permutation::indexOf)
                .boxed()
                .toList();
    }

    /** The caller gives what is new; the end of the last input is kept. */
    private Value withContext(String name, ValueType type, FunctionGraph graph) {
        int count = options.contexts().get(name);
        int axis = type.rank() - 1;
        boolean fits = axis >= 0
                && count > 0
                && !(type.dim(axis).isFixed() && type.dim(axis).fixed() <= count);
        if (!fits) {
            throw new InputException(
                    "--context " + name,
                    "is shorter than the last axis of the input, and at least 1",
                    count + " of " + type,
                    "give a smaller number");
        }
        var given = new ArrayList<>(type.dims());
        given.set(axis, type.dim(axis).plus(-count));
        var kept = new ArrayList<>(type.dims());
        kept.set(axis, Dim.of(count));
        Value fresh = graph.input(name, type.withDims(given));
        Value state = graph.state(name + ".context", type.withDims(kept));
        Value whole = graph.concat(axis, List.of(state, fresh));
        graph.next(state, graph.slice(whole, axis, given.get(axis), Dim.of(count)));
        interpretation.put(
                "onnx.context." + name,
                "the session keeps the last " + count + " along axis " + axis + " as state " + name
                        + ".context; the caller gives " + fresh.type());
        return whole;
    }

    /** Declares outputs, and what replaces the states. */
    void outputs(OnnxGraph source, FunctionGraph graph, GraphWalk walk, Edge edge) {
        var replacing = new HashMap<String, List<String>>();
        options.states()
                .forEach((state, outputs) -> outputs.forEach(output -> replacing
                        .computeIfAbsent(output, _ -> new ArrayList<>())
                        .add(state)));
        var replaced = new HashSet<String>();
        for (OnnxValueInfo output : source.outputs()) {
            Value value = graph.value(walk.result(output.name()));
            List<String> states = replacing.getOrDefault(output.name(), List.of());
            for (String state : states) {
                if (!replaced.add(state)) {
                    throw new InputException(
                            "--state " + state,
                            "one output of a function replaces a state",
                            "two of " + graph.name() + ": " + options.states().get(state),
                            "name one");
                }
                replace(state, output.name(), value, graph, edge);
            }
            if (states.isEmpty()) {
                graph.output(output.name(), value);
            }
        }
    }

    private void replace(String name, String output, Value value, FunctionGraph graph, Edge edge) {
        if (!edge.states.containsKey(name)) {
            state(name, value.type(), graph, edge); // A function that only sets the state.
        }
        Value state = edge.states.get(name);
        List<Integer> permutation = edge.permutations.get(name);
        boolean fits = value.type().rank() == permutation.size();
        Value next = fits ? graph.transpose(value, permutation) : value;
        if (!next.type().equals(state.type())) {
            throw new InputException(
                    "--state " + name + "=" + output,
                    "input and output have one type",
                    state.type() + " and " + next.type(),
                    "fix the sizes with --shape or --fix");
        }
        graph.next(state, next);
    }
}
