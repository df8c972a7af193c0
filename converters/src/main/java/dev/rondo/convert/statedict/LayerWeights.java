package dev.rondo.convert.statedict;

import dev.rondo.architecture.Layer;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.statedict.WeightCollector.Gates;
import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The layers that a source's tensors make. All shapes are checked, the tensors collected, and each decision said. For
 * one conversion.
 */
public final class LayerWeights {
    private static final int MAX_REACH = 1 << 20;
    private static final String CONV_WEIGHT = "outputs, inputs of a group, kernel";

    private final SourceTensors source;
    private final WeightCollector collector;
    private final Map<String, String> interpretation = new LinkedHashMap<>();
    private final List<Layer> layers = new ArrayList<>();
    private int size;
    private int input;
    private boolean pooled;

    /**
     * @param inputSize of a step; 0 when the layers tell
     */
    public LayerWeights(SourceTensors source, WeightCollector collector, int inputSize) {
        this.source = source;
        this.collector = collector;
        this.size = inputSize;
        this.input = inputSize;
    }

    /** What was read into the source, by a key each. */
    public Map<String, String> interpretation() {
        return interpretation;
    }

    /**
     * Resolves layers against the source; marks the tensors they use.
     *
     * @throws FormatException when a tensor is missing or of an unfit type, or a layer cannot stand at its place
     * @throws ShapeException  when a shape does not fit
     */
    public LayerStack collect(List<LayerConfig> configs, LayerStack.Results results) {
        for (int k = 0; k < configs.size(); k++) {
            add(configs.get(k), "layer" + k);
        }
        if (layers.isEmpty() || input == 0 && !(layers.getFirst() instanceof Layer.Embedding)) {
            throw new FormatException(
                    "layers",
                    "at least one must have tensors that tell the size of the input",
                    configs.size() + " layers without",
                    "list the layers of the model");
        }
        var stack = new LayerStack(input, layers, results, true);
        boolean keeps = results == LayerStack.Results.VALUES || stack.isStepwise();
        stack = new LayerStack(input, layers, results, keeps);
        boolean has = layers.stream()
                .anyMatch(l -> l instanceof Layer.Recurrent || l.wantsEqualRows() && !(l instanceof Layer.Pad));
        if (has) {
            interpretation.put("state", state(stack));
        }
        return stack;
    }

    private String state(LayerStack stack) {
        if (!stack.stateful()) {
            return "none: every call is a sequence of its own, from zero";
        }
        boolean backward = layers.stream().anyMatch(l -> l instanceof Layer.Recurrent r && r.directions() == 2);
        return "a call goes on from the states that the call before left"
                + (backward ? ", backward layers too; reset the session between sequences" : "");
    }

    private void add(LayerConfig config, String name) {
        switch (config) {
            case LayerConfig.Embedding(String weight) -> {
                SourceTensor table = source.use(weight, name, "a row of each token", -1, -1);
                int rows = RecurrentWeights.size(table, 0);
                int columns = RecurrentWeights.size(table, 1);
                layers.add(new Layer.Embedding(collector.whole(name + ".weight", table), rows, columns));
                size = columns;
            }
            case LayerConfig.Recurrent recurrent -> addRecurrent(recurrent, name);
            case LayerConfig.Linear linear -> addLinear(linear, name);
            case LayerConfig.Conv1d conv -> addConv(conv, name);
            case LayerConfig.Context(int steps, int width) -> {
                requireTime(name, "a context");
                known(width);
                if (size != width) {
                    throw new ShapeException(
                            name + ", key 'size'", "must be what a step has here, " + size, "" + width, "correct it");
                }
                layers.add(new Layer.Context(steps, size));
                interpretation.put(name, "the last " + steps + " steps of the call before, which are state");
            }
            case LayerConfig.Pad(int before, int after, var mode) -> {
                requireTime(name, "padding");
                layers.add(new Layer.Pad(before, after, mode));
            }
            case LayerConfig.Magnitude() -> {
                if (size == 0 || size % 2 != 0) {
                    throw new FormatException(
                            name, "needs pairs: an even number of values in a step", "" + size, "check the order");
                }
                size /= 2;
                layers.add(new Layer.Magnitude(size));
            }
            case LayerConfig.Activate(var activation) -> layers.add(new Layer.Activate(activation));
            case LayerConfig.PRelu(String weight) -> addPRelu(weight, name);
            case LayerConfig.BatchNorm norm -> addBatchNorm(norm, name);
            case LayerConfig.LayerNorm norm -> addLayerNorm(norm, name);
            case LayerConfig.Pool(var poolings) -> {
                requireTime(name, "pooling over time");
                pooled = true;
                layers.add(new Layer.Pool(poolings));
                size = multiply(name, size, poolings.size());
            }
            case LayerConfig.Softmax(boolean log) -> layers.add(new Layer.Softmax(log));
            case LayerConfig.Dropout() -> interpretation.put(name, "dropout: nothing outside of training");
        }
    }

    private void addRecurrent(LayerConfig.Recurrent config, String name) {
        requireTime(name, "a recurrent layer");
        Gates gates = config.gates();
        for (List<LayerParameters> directions : config.layers()) {
            String own = name
                    + (config.layers().size() == 1 ? "" : "." + config.layers().indexOf(directions));
            if (size == 0) {
                SourceTensor weight = source.use(
                        directions.getFirst().weightInput(), own + ".weight_input", "gates of units, inputs", -1, -1);
                known(RecurrentWeights.size(weight, 1));
            }
            RecurrentParameters forward =
                    RecurrentWeights.collect(gates, directions.getFirst(), own, size, source, collector);
            Optional<RecurrentParameters> backward = directions.size() == 1
                    ? Optional.empty()
                    : Optional.of(RecurrentWeights.collect(
                            gates, directions.get(1), own + ".backward", size, source, collector));
            layers.add(new Layer.Recurrent(gates.cell(), forward, backward));
            size = layers.getLast().outputSize(size);
        }
        boolean both = config.layers().stream().anyMatch(d -> d.size() == 2);
        RecurrentWeights.interpretation(
                        gates, config.layers().stream().map(List::getFirst).toList())
                .forEach((key, value) -> interpretation.put(name + "." + key, value));
        interpretation.put(name + ".direction", both ? "both; outputs side by side, forward first" : "forward");
    }

    private void addLinear(LayerConfig.Linear linear, String name) {
        SourceTensor weight = size == 0
                ? source.use(linear.weight(), name + ".weight", "outputs, inputs", -1, -1)
                : source.use(linear.weight(), name + ".weight", "outputs, " + size + " inputs", -1, size);
        known(RecurrentWeights.size(weight, 1));
        int outputs = RecurrentWeights.size(weight, 0);
        if (!layers.isEmpty() && layers.getLast() instanceof Layer.Linear) {
            interpretation.put(
                    name,
                    "a linear layer right behind another; an activation between them would leave no trace in the"
                            + " weights");
        }
        Optional<String> bias = bias(linear.bias(), name, outputs);
        layers.add(new Layer.Linear(collector.whole(name + ".weight", weight), bias, size, outputs));
        size = outputs;
    }

    private void addConv(LayerConfig.Conv1d conv, String name) {
        requireTime(name, "a convolution over time");
        SourceTensor weight = source.use(conv.weight(), name + ".weight", CONV_WEIGHT, -1, -1, -1);
        int outputs = RecurrentWeights.size(weight, 0);
        int part = RecurrentWeights.size(weight, 1);
        int kernel = RecurrentWeights.size(weight, 2);
        if (size == 0) {
            int first = conv.groups()
                    .orElseThrow(() -> new FormatException(
                            name + ", key 'groups'",
                            "is mandatory in a convolution whose inputs no layer before it tells",
                            "none; a group has " + part + " inputs",
                            "write \"groups\": 1, PyTorch's default, or the number of groups"));
            known(multiply(name, part, first));
        }
        int groups = conv.groups().orElse(size % part == 0 ? size / part : 1);
        if ((long) part * groups != size || outputs % groups != 0) {
            throw new ShapeException(
                    weight.subject() + " (" + name + ".weight)",
                    "must have shape [outputs, " + size + " inputs / groups, kernel], groups dividing the outputs",
                    "shape " + weight.shape() + ", " + groups + " groups",
                    "the name or the architecture in the configuration is wrong");
        }
        long reach = (long) conv.dilation() * (kernel - 1);
        if (reach > MAX_REACH) {
            throw new ShapeException(
                    name, "must see at most " + MAX_REACH + " steps back", "" + reach, "is the dilation right?");
        }
        boolean causal = conv.padding() instanceof LayerConfig.Padding.Causal;
        int before = switch (conv.padding()) {
            case LayerConfig.Padding.Causal() -> (int) reach;
            case LayerConfig.Padding.Same() -> (int) (reach / 2);
            case LayerConfig.Padding.Zeros(int steps) -> steps;
        };
        int after = switch (conv.padding()) {
            case LayerConfig.Padding.Causal() -> 0;
            case LayerConfig.Padding.Same() -> (int) (reach - reach / 2);
            case LayerConfig.Padding.Zeros(int steps) -> steps;
        };
        String stored = collector.changed(
                name + ".weight", weight, List.of(outputs, kernel, part), v -> channelsLast(v, outputs, part, kernel));
        layers.add(new Layer.Conv1d(
                stored,
                bias(conv.bias(), name, outputs),
                size,
                outputs,
                kernel,
                conv.stride(),
                conv.dilation(),
                groups,
                before,
                after,
                causal));
        interpretation.put(
                name + ".convolution",
                "kernel " + kernel + ", stride " + conv.stride() + ", dilation " + conv.dilation() + ", groups "
                        + groups
                        + ", "
                        + (causal
                                ? "causal: " + before + " steps before are state"
                                : "zeros: " + before + " before, " + after + " after each row"));
        size = outputs;
    }

    /** [O, C, J] to [O, J, C]. */
    static float[] channelsLast(float[] values, int outputs, int channels, int kernel) {
        float[] out = new float[values.length];
        for (int o = 0; o < outputs; o++) {
            for (int j = 0; j < kernel; j++) {
                for (int c = 0; c < channels; c++) {
                    out[(o * kernel + j) * channels + c] = values[(o * channels + c) * kernel + j];
                }
            }
        }
        return out;
    }

    private void addPRelu(String name, String layer) {
        SourceTensor weight = source.use(name, layer + ".slopes", "one, or one of each input", -1);
        int given = RecurrentWeights.size(weight, 0);
        requireSize(layer);
        if (given != 1) {
            source.use(name, layer + ".slopes", "one, or one of each input", size);
        }
        layers.add(new Layer.PRelu(collector.changed(layer + ".slopes", weight, List.of(given), v -> v), given));
    }

    private void addBatchNorm(LayerConfig.BatchNorm norm, String name) {
        SourceTensor mean = source.use(norm.mean(), name + ".mean", "one of each channel", -1);
        known(RecurrentWeights.size(mean, 0));
        String why = "one of each of " + size + " channels";
        source.use(norm.mean(), name + ".mean", why, size);
        SourceTensor variance = source.use(norm.variance(), name + ".variance", why, size);
        Optional<SourceTensor> gain = norm.weight().map(w -> source.use(w, name + ".weight", why, size));
        Optional<SourceTensor> bias = norm.bias().map(b -> source.use(b, name + ".bias", why, size));
        float[] means = WeightCollector.values(mean, size);
        float[] variances = WeightCollector.values(variance, size);
        Optional<float[]> gains = gain.map(g -> WeightCollector.values(g, size));
        Optional<float[]> biases = bias.map(b -> WeightCollector.values(b, size));
        float[] scale = new float[size];
        float[] shift = new float[size];
        for (int i = 0; i < size; i++) {
            double spread = variances[i] + norm.epsilon();
            if (!(spread > 0)) {
                throw new FormatException(
                        variance.subject() + " (" + name + ".variance)",
                        "variance + epsilon must be above 0",
                        variances[i] + " + " + norm.epsilon() + " at " + i,
                        "is it the variance?");
            }
            double factor = (gains.isPresent() ? gains.get()[i] : 1) / Math.sqrt(spread);
            scale[i] = (float) factor;
            shift[i] = (float) ((biases.isPresent() ? biases.get()[i] : 0) - means[i] * factor);
        }
        var sources = new ArrayList<>(List.of(mean, variance));
        gain.ifPresent(sources::add);
        bias.ifPresent(sources::add);
        layers.add(new Layer.Scale(
                collector.computed(name + ".scale", sources, scale),
                collector.computed(name + ".shift", sources, shift),
                size));
        interpretation.put(name, "batch normalisation by its running statistics, folded, epsilon " + norm.epsilon());
    }

    private void addLayerNorm(LayerConfig.LayerNorm norm, String name) {
        if (size == 0 && norm.weight().isPresent()) {
            known(RecurrentWeights.size(source.use(norm.weight().get(), name + ".gain", "one of each input", -1), 0));
        }
        requireSize(name);
        Optional<String> gain = vector(norm.weight().stream().toList(), name + ".gain", size);
        Optional<String> bias = vector(norm.bias().stream().toList(), name + ".bias", size);
        layers.add(new Layer.LayerNorm(gain, bias, size, (float) norm.epsilon()));
        interpretation.put(name, "layer normalisation, epsilon " + norm.epsilon());
    }

    private Optional<String> bias(List<String> names, String name, int outputs) {
        return vector(names, name + ".bias", outputs);
    }

    /** The sum of vectors [n]; empty when there are none. */
    private Optional<String> vector(List<String> names, String name, int n) {
        return collector.sum(name, RecurrentWeights.vectors(names, source, name, n), n);
    }

    /** Takes the size of the input from the first layer that has one. */
    private void known(int inputs) {
        if (size == 0) {
            input = inputs;
            size = inputs;
        }
    }

    private void requireSize(String name) {
        if (size == 0) {
            throw new FormatException(
                    name, "needs a layer before it that tells its size", "none", "begin with a layer that has weights");
        }
    }

    private void requireTime(String name, String what) {
        if (pooled) {
            throw new FormatException(
                    name, what + " needs steps", "vectors, since a layer before it pools over time", "check the order");
        }
    }

    private static int multiply(String name, int a, int b) {
        long product = (long) a * b;
        if (product > Integer.MAX_VALUE - 8) {
            throw new ShapeException(name, "must have fewer than 2^31 values", a + " * " + b, "check the layer");
        }
        return (int) product;
    }
}
