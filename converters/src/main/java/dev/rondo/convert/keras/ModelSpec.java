package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model as a graph of calls, whatever form its configuration has: Sequential or Functional, of Keras 3 or 2.
 *
 * @param inputs  input layers, in the order of the model's arguments
 * @param outputs in order
 * @param outputNames of the outputs, empty when they have none
 */
record ModelSpec(
        String name,
        List<LayerSpec> layers,
        List<Argument.Tensor> inputs,
        List<Argument.Tensor> outputs,
        List<String> outputNames) {
    private static final int MAX_LAYERS = 10_000;
    static final int MAX_NESTING = 16;

    ModelSpec {
        layers = List.copyOf(layers);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        outputNames = List.copyOf(outputNames);
    }

    static boolean isModel(String className) {
        return className.equals("Functional") || className.equals("Model") || className.equals("Sequential");
    }

    /** Reads a model's class name and configuration. */
    static ModelSpec read(String file, JsonNode model) {
        String className = model.path("class_name").asText();
        JsonNode config = model.path("config");
        if (!isModel(className)) {
            throw error(
                    file,
                    "model",
                    "must be a Sequential or Functional model",
                    "class " + LayerConfig.quoted(model.path("class_name")),
                    "a subclass keeps its computation in Python: build it with the functional API, or export it to"
                            + " ONNX");
        }
        // Old Sequential models are nothing but the list of their layers.
        JsonNode layers = config.isArray() ? config : config.path("layers");
        if (!layers.isArray() || layers.isEmpty() || layers.size() > MAX_LAYERS) {
            throw error(
                    file,
                    "model",
                    "has a list of 1 to " + MAX_LAYERS + " layers",
                    LayerConfig.quoted(layers),
                    "save anew");
        }
        String name = config.path("name").asText("model");
        ModelSpec read = className.equals("Sequential")
                ? sequential(file, name, config, layers)
                : functional(file, name, config, layers);
        Set<String> names = new LinkedHashSet<>();
        for (LayerSpec layer : read.layers) {
            if (!names.add(layer.name())) {
                throw error(
                        file, "layer " + StrictJson.quote(layer.name()), "has a name of its own", "twice", "rename it");
            }
        }
        return read;
    }

    private static ModelSpec sequential(String file, String name, JsonNode config, JsonNode layers) {
        var specs = new ArrayList<LayerSpec>();
        Argument.Tensor last = null;
        for (JsonNode layer : layers) {
            boolean input = layer.path("class_name").asText().equals("InputLayer");
            if (last == null && !input) {
                LayerSpec added = implicitInput(file, config, layer);
                specs.add(added);
                last = new Argument.Tensor(added.name(), 0, 0);
            }
            List<LayerSpec.Call> calls = input ? List.of() : List.of(new LayerSpec.Call(List.of(last), Map.of()));
            LayerSpec spec = layer(file, layer, calls);
            specs.add(spec);
            last = new Argument.Tensor(spec.name(), 0, 0);
        }
        return new ModelSpec(
                name, specs, List.of(new Argument.Tensor(specs.getFirst().name(), 0, 0)), List.of(last), List.of());
    }

    /** The input of a Sequential model that begins with another layer, which then says what it takes. */
    private static LayerSpec implicitInput(String file, JsonNode config, JsonNode first) {
        JsonNode shape = first.path("config").path("batch_input_shape");
        shape = shape.isArray() ? shape : first.path("config").path("batch_shape");
        shape = shape.isArray() ? shape : config.path("build_input_shape");
        if (!shape.isArray()) {
            throw error(
                    file,
                    "model",
                    "says what its input is",
                    "neither an InputLayer nor a build_input_shape",
                    "call the model once before it is saved");
        }
        var node = JsonNodeFactory.instance.objectNode();
        boolean ids = first.path("class_name").asText().equals("Embedding");
        node.put("name", "x").put("dtype", ids ? "int32" : "float32").set("batch_shape", shape);
        return new LayerSpec("x", "InputLayer", false, new LayerConfig(file, "InputLayer", node), node, List.of());
    }

    private static ModelSpec functional(String file, String name, JsonNode config, JsonNode layers) {
        var specs = new ArrayList<LayerSpec>();
        for (JsonNode layer : layers) {
            var calls = new ArrayList<LayerSpec.Call>();
            for (JsonNode node : layer.path("inbound_nodes")) {
                calls.add(call(file, layer, node));
            }
            specs.add(layer(file, layer, calls));
        }
        var names = new ArrayList<String>();
        JsonNode outputs = config.path("output_layers");
        if (outputs.isObject()) {
            outputs.properties().stream()
                    .filter(e -> reference(e.getValue()).isPresent())
                    .forEach(e -> names.add(e.getKey()));
        }
        return new ModelSpec(
                name,
                specs,
                ends(file, "input_layers", config.path("input_layers")),
                ends(file, "output_layers", outputs),
                names.size() == outputs.size() ? names : List.of());
    }

    private static LayerSpec layer(String file, JsonNode layer, List<LayerSpec.Call> calls) {
        LayerConfig config = LayerConfig.of(file, layer, "layer");
        boolean operation = layer.path("module").asText().startsWith("keras.src.ops");
        // Beside the configuration, Keras 2 and functional models repeat the name; the call graph refers to that one.
        String name = layer.path("name").isTextual() ? layer.get("name").textValue() : config.nameOr("model");
        if (layer.path("registered_name").isTextual()
                && layer.get("registered_name").textValue().contains(">")) {
            throw config.refused(
                    "must be a layer of Keras",
                    "a registered class " + LayerConfig.quoted(layer.get("registered_name")));
        }
        return new LayerSpec(name, config.className(), operation, config, layer, calls);
    }

    /** A call: arguments and keywords in Keras 3; in Keras 2 a list of tensors, each with the keywords behind it. */
    private static LayerSpec.Call call(String file, JsonNode layer, JsonNode node) {
        var named = new LinkedHashMap<String, Argument>();
        var arguments = new ArrayList<Argument>();
        if (node.isObject()) {
            node.path("args").forEach(argument -> arguments.add(argument(argument, 0)));
            node.path("kwargs").properties().forEach(e -> named.put(e.getKey(), argument(e.getValue(), 0)));
            return new LayerSpec.Call(arguments, named);
        }
        JsonNode tensors = node.path(0).isTextual() ? layer.path("inbound_nodes") : node;
        for (JsonNode tensor : tensors) {
            arguments.add(reference(tensor)
                    .orElseThrow(() -> error(
                            file,
                            "layer " + LayerConfig.quoted(layer.path("name")),
                            "is called with outputs of layers",
                            LayerConfig.quoted(tensor),
                            "constants in a call are not converted")));
            tensor.path(3).properties().forEach(e -> named.put(e.getKey(), keyword(e.getValue())));
        }
        return new LayerSpec.Call(arguments.size() == 1 ? arguments : List.of(new Argument.Items(arguments)), named);
    }

    private static Argument argument(JsonNode node, int depth) {
        if (node.isObject() && node.path("class_name").asText().equals("__keras_tensor__")) {
            return reference(node.path("config").path("keras_history"))
                    .<Argument>map(t -> t)
                    .orElseGet(() -> new Argument.Literal(node));
        }
        if (node.isArray() && depth < MAX_NESTING) {
            var items = new ArrayList<Argument>();
            node.forEach(item -> items.add(argument(item, depth + 1)));
            return items.stream().allMatch(Argument.Literal.class::isInstance)
                    ? new Argument.Literal(node)
                    : new Argument.Items(items);
        }
        return new Argument.Literal(node);
    }

    private static Argument keyword(JsonNode node) {
        Optional<Argument.Tensor> one = reference(node);
        if (one.isPresent()) {
            return one.get();
        }
        var items = new ArrayList<Argument>();
        for (JsonNode item : node) {
            Optional<Argument.Tensor> tensor = node.isArray() ? reference(item) : Optional.empty();
            if (tensor.isEmpty()) {
                return new Argument.Literal(node);
            }
            items.add(tensor.get());
        }
        return items.isEmpty() ? new Argument.Literal(node) : new Argument.Items(items);
    }

    private static Optional<Argument.Tensor> reference(JsonNode node) {
        boolean fits = node.isArray()
                && node.size() >= 3
                && node.get(0).isTextual()
                && node.get(1).canConvertToInt()
                && node.get(2).canConvertToInt()
                && node.get(1).isIntegralNumber()
                && node.get(2).isIntegralNumber();
        return fits
                ? Optional.of(new Argument.Tensor(
                        node.get(0).textValue(),
                        node.get(1).intValue(),
                        node.get(2).intValue()))
                : Optional.empty();
    }

    /** The ends of the graph: one tensor, a list of them, or an object of them. */
    private static List<Argument.Tensor> ends(String file, String key, JsonNode node) {
        var ends = new ArrayList<Argument.Tensor>();
        if (!collect(node, ends, 0) || ends.isEmpty()) {
            throw error(file, "model, key '" + key + "'", "must name tensors", LayerConfig.quoted(node), "save anew");
        }
        return ends;
    }

    private static boolean collect(JsonNode node, List<Argument.Tensor> ends, int depth) {
        Optional<Argument.Tensor> one = reference(node);
        if (one.isPresent()) {
            ends.add(one.get());
            return true;
        }
        boolean all = node.isContainerNode() && depth < MAX_NESTING;
        for (JsonNode item : node) {
            all = all && collect(item, ends, depth + 1);
        }
        return all;
    }

    private static FormatException error(String file, String subject, String rule, String got, String remedy) {
        return new FormatException(file, -1, subject, rule, got, remedy, null);
    }
}
