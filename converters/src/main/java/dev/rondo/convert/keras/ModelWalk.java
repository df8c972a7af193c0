package dev.rondo.convert.keras;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** Runs through the calls of a model, each once its inputs are there, as Keras does. */
final class ModelWalk {
    private final Graph g;
    private final String file;
    private final ModelSpec model;
    private final LayerWeights weights;
    private final String prefix;
    private final int depth;
    private final Map<Argument.Tensor, Masked> values = new HashMap<>();

    private ModelWalk(Graph g, String file, ModelSpec model, LayerWeights weights, String prefix, int depth) {
        this.g = g;
        this.file = file;
        this.model = model;
        this.weights = weights;
        this.prefix = prefix;
        this.depth = depth;
        if (depth > ModelSpec.MAX_NESTING) {
            throw error("model", "nests at most " + ModelSpec.MAX_NESTING + " models", "more");
        }
    }

    /**
     * Adds all calls of a model.
     *
     * @param inputs one for each input layer, in order
     * @param weights of the model
     * @return its outputs in order
     */
    static List<Masked> run(Graph g, String file, ModelSpec model, LayerWeights weights, List<Masked> inputs) {
        return new ModelWalk(g, file, model, weights, "", 0).run(inputs);
    }

    private List<Masked> run(List<Masked> inputs) {
        if (inputs.size() != model.inputs().size()) {
            throw error(
                    "model " + StrictJson.quote(model.name()),
                    "takes " + model.inputs().size() + " inputs",
                    inputs.size() + " of them");
        }
        for (int i = 0; i < inputs.size(); i++) {
            values.put(model.inputs().get(i), inputs.get(i));
        }
        Map<String, Integer> before = sameClassBefore();
        var done = new HashMap<String, Integer>();
        boolean moved = true;
        while (moved) {
            moved = false;
            for (LayerSpec layer : model.layers()) {
                int node = done.getOrDefault(layer.name(), 0);
                while (node < layer.calls().size() && isReady(layer.calls().get(node))) {
                    // A layer called twice reads its weights twice, from the first on.
                    call(layer, node, weights.layer(layer, before.getOrDefault(layer.name(), 0)));
                    done.put(layer.name(), ++node);
                    moved = true;
                }
            }
        }
        var outputs = new ArrayList<Masked>();
        for (Argument.Tensor output : model.outputs()) {
            outputs.add(value(output));
        }
        for (LayerSpec layer : model.layers()) {
            boolean input = layer.className().equals("InputLayer");
            if (!input && done.getOrDefault(layer.name(), 0) < layer.calls().size()
                    || input && !values.containsKey(new Argument.Tensor(layer.name(), 0, 0))) {
                throw error(
                        "layer " + StrictJson.quote(layer.name()),
                        "is reached from the inputs of the model",
                        "a call whose inputs nothing computes");
            }
        }
        return outputs;
    }

    /** How many layers of its class stand before each layer. */
    private Map<String, Integer> sameClassBefore() {
        var before = new HashMap<String, Integer>();
        var sameClass = new HashMap<String, Integer>();
        for (LayerSpec layer : model.layers()) {
            if (!layer.operation()) {
                String snake = LayerWeights.Numbered.snakeCase(layer.className());
                before.put(layer.name(), sameClass.merge(snake, 1, Integer::sum) - 1);
            }
        }
        return before;
    }

    private boolean isReady(LayerSpec.Call call) {
        return call.arguments().stream().allMatch(this::isReady)
                && call.named().values().stream().allMatch(this::isReady);
    }

    private boolean isReady(Argument argument) {
        return argument.tensors().stream().allMatch(values::containsKey);
    }

    private void call(LayerSpec layer, int node, LayerWeights ofLayer) {
        LayerSpec.Call call = layer.calls().get(node);
        var inputs = new ArrayList<Masked>();
        call.arguments().forEach(a -> a.tensors().forEach(t -> inputs.add(value(t))));
        g.enter(prefix + layer.name());
        List<Masked> outputs;
        try {
            if (layer.isModel()) {
                outputs = nested(layer, call, ofLayer, inputs);
            } else {
                boolean operation = Operations.isOperation(layer, call) || Operations.isKnown(layer.className());
                LayerConfig config = layer.config();
                var use = new Use(config, ofLayer, inputs, call.arguments(), call.named(), this::value);
                if (node > 0 && config.flag("stateful", false)) {
                    throw config.error("stateful", "is converted for a layer called once", "another call");
                }
                outputs = operation ? operation(use) : Layers.apply(g, use);
            }
        } catch (ArithmeticException
                | IllegalArgumentException
                | IndexOutOfBoundsException
                | NegativeArraySizeException
                | NoSuchElementException outOfBounds) {
            throw layer.config().refused("has options that fit together", String.valueOf(outOfBounds.getMessage()));
        }
        for (int i = 0; i < outputs.size(); i++) {
            values.put(new Argument.Tensor(layer.name(), node + firstNode(layer), i), outputs.get(i));
        }
        if (layer.className().equals("MultiHeadAttention") && !g.keras2()) {
            takeMasks(call);
        }
    }

    /** A model inside a model has a node of its own before those of its calls. */
    private int firstNode(LayerSpec layer) {
        boolean sequential = layer.className().equals("Sequential");
        return layer.isModel() && (g.keras2() || !sequential) ? 1 : 0;
    }

    private List<Masked> operation(Use use) {
        List<Masked> outputs = Operations.apply(g, use);
        use.config().done();
        return outputs;
    }

    /** Keras 3 takes the masks off the tensors that a MultiHeadAttention has read: layers after it do not see them. */
    private void takeMasks(LayerSpec.Call call) {
        var read = new ArrayList<Argument.Tensor>();
        call.arguments().forEach(a -> read.addAll(a.tensors()));
        List.of("query", "value", "key").forEach(key -> {
            if (call.named().get(key) instanceof Argument argument) {
                read.addAll(argument.tensors());
            }
        });
        for (Argument.Tensor tensor : read) {
            if (values.get(tensor).isMasked()) {
                g.note("takes the mask off what it reads, as Keras 3 does");
                values.put(tensor, Masked.of(values.get(tensor).value()));
            }
        }
    }

    private List<Masked> nested(LayerSpec layer, LayerSpec.Call call, LayerWeights ofLayer, List<Masked> inputs) {
        boolean masked = inputs.stream().anyMatch(Masked::isMasked)
                || call.named().get("mask") instanceof Argument argument
                        && !argument.tensors().isEmpty();
        if (masked) {
            throw layer.config().refused("reads values without a mask, being a model inside a model", "a mask");
        }
        ModelSpec inner = ModelSpec.read(file, layer.raw());
        var walk = new ModelWalk(g, file, inner, ofLayer, prefix + layer.name() + "/", depth + 1);
        // What comes out has no mask, even if a layer inside made one.
        return walk.run(inputs).stream()
                .map(output -> new Masked(output.value(), Value.ABSENT))
                .toList();
    }

    private Masked value(Argument.Tensor tensor) {
        Masked value = values.get(tensor);
        if (value == null) {
            throw error(
                    "output " + tensor.output() + " of call " + tensor.node() + " of layer "
                            + StrictJson.quote(tensor.layer()),
                    "is one that the model computes",
                    "nothing");
        }
        return value;
    }

    private FormatException error(String subject, String rule, String got) {
        return new FormatException(file, -1, subject, rule, got, "the configuration does not fit together", null);
    }
}
