package dev.rondo.convert.statedict;

import dev.rondo.architecture.Layer;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.Projection;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The layers that a source's tensors make. All shapes are checked, the tensors collected, and each decision said. For
 * one conversion.
 */
public final class LayerWeights {
    private final SourceTensors source;
    private final WeightCollector collector;
    private final StepWeights steps;
    private final TimeWeights time;
    private final AttentionWeights attention;
    private final ImageWeights images;
    private final Map<String, String> interpretation = new LinkedHashMap<>();
    private int input;

    /**
     * @param inputSize of a step; 0 when the layers tell
     */
    public LayerWeights(SourceTensors source, WeightCollector collector, int inputSize) {
        this.source = source;
        this.collector = collector;
        this.input = inputSize;
        this.steps = new StepWeights(this);
        this.time = new TimeWeights(this);
        this.attention = new AttentionWeights(this);
        this.images = new ImageWeights(this);
    }

    /** What was read into the source, by a key each. */
    public Map<String, String> interpretation() {
        return interpretation;
    }

    /**
     * Resolves layers over a sequence against the source; marks the tensors they use.
     *
     * @throws FormatException when a tensor is missing or of an unfit type, or a layer cannot stand at its place
     * @throws ShapeException  when a shape does not fit
     */
    public LayerStack collect(List<LayerConfig> configs, LayerStack.Results results) {
        return collect(configs, true, results);
    }

    /** The same over a sequence or over vectors. */
    LayerStack collect(List<LayerConfig> configs, boolean ofSteps, LayerStack.Results results) {
        var layers = new ArrayList<Layer>();
        Flow x = ofSteps ? Flow.steps(input) : Flow.vector(input);
        for (int k = 0; k < configs.size(); k++) {
            x = add(layers, configs.get(k), "layer" + k, x);
        }
        x.requireOrder("the end of the layers");
        var tokens = !layers.isEmpty()
                && (layers.getFirst() instanceof Layer.Embedding || layers.getFirst() instanceof Layer.SpelledWords);
        if (layers.isEmpty() || input == 0 && !tokens) {
            throw new FormatException(
                    "layers",
                    "at least one must have tensors that tell the size of the input",
                    configs.size() + " layers without",
                    "list the layers of the model");
        }
        check(results, x);
        var stack = new LayerStack(input, ofSteps, layers, results, true);
        boolean keeps = stack.isStepwise()
                || results == LayerStack.Results.VALUES
                        && ofSteps
                        && !any(layers, l -> l instanceof Layer.SpelledWords || l instanceof Layer.Repeat);
        stack = new LayerStack(input, ofSteps, layers, results, keeps);
        if (any(layers, l -> l instanceof Layer.Recurrent || l.wantsEqualRows() && !(l instanceof Layer.Pad))) {
            interpretation.put("state", state(stack));
        }
        return stack;
    }

    private static void check(LayerStack.Results results, Flow x) {
        switch (results) {
            case VALUES -> {}
            case TAGS, NEXT -> x.requireSteps("the last layer", "a tagger");
            case CLASSES ->
                x.requireVector("the last layer", "a classifier", "pool over time, or flatten an image, before it");
        }
    }

    /** Whether a layer, or one inside a layer, is such a one. */
    private static boolean any(List<Layer> layers, Predicate<Layer> wanted) {
        return layers.stream()
                .anyMatch(l -> wanted.test(l)
                        || l instanceof Layer.Composite composite
                                && composite.bodies().stream().anyMatch(b -> any(b, wanted)));
    }

    private static String state(LayerStack stack) {
        if (!stack.stateful()) {
            return "none: every call is a sequence of its own, from zero";
        }
        boolean backward = any(stack.layers(), l -> l instanceof Layer.Recurrent r && r.directions() == 2);
        return "a call goes on from the states that the call before left"
                + (backward ? ", backward layers too; reset the session between sequences" : "");
    }

    private Flow add(List<Layer> layers, LayerConfig config, String name, Flow x) {
        return switch (config) {
            case LayerConfig.PerStep one -> steps.add(layers, one, name, x);
            case LayerConfig.OverTime one -> time.add(layers, one, name, x);
            case LayerConfig.Attentive one -> attention.add(layers, one, name, x);
            case LayerConfig.Spatial one -> images.add(layers, one, name, x);
            case LayerConfig.SpelledWords(String words, String characters, var body) -> {
                Layer.Embedding table = embedding(words, name + ".weight");
                Layer.Embedding letters = embedding(characters, "characters.embedding");
                var inner = new ArrayList<Layer>();
                Flow last = body(inner, body, "characters.layer", Flow.steps(letters.columns()));
                last.requireVector("characters", "what stands beside a word's row", "end the layers with a pooling");
                layers.add(new Layer.SpelledWords(table, letters, inner));
                decided("characters", "behind the row of the word; a word's characters alone, without padding");
                yield Flow.steps(plus(name, table.columns(), last.size()));
            }
            case LayerConfig.Residual(var body, var shortcut) -> {
                requirePlain(name, x);
                var inner = new ArrayList<Layer>();
                var straight = new ArrayList<Layer>();
                Flow y = body(inner, body, name + ".body", x);
                Flow other = body(straight, shortcut, name + ".shortcut", x);
                requireSame(name, "the shortcut", y, other);
                layers.add(new Layer.Residual(inner, straight));
                yield y;
            }
            case LayerConfig.Highway(var gate, var body) -> {
                x.requireNumbers(name, "a highway");
                requirePlain(name, x);
                Projection open = linear().collect(gate, name + ".gate", x.size(), x.size());
                var inner = new ArrayList<Layer>();
                requireSame(name, "x", body(inner, body, name + ".body", x), x);
                layers.add(new Layer.Highway(open, inner));
                yield x;
            }
            case LayerConfig.Parallel(var branches) -> {
                requirePlain(name, x);
                var bodies = new ArrayList<List<Layer>>();
                Flow all = null;
                for (List<LayerConfig> branch : branches) {
                    var inner = new ArrayList<Layer>();
                    Flow y = body(inner, branch, name + ".branch" + bodies.size() + ".", x);
                    if (all != null) {
                        requireSame(name, "branch 0", y.withSize(0), all.withSize(0));
                    }
                    bodies.add(inner);
                    all = y.withSize(all == null ? y.size() : plus(name, all.size(), y.size()));
                }
                layers.add(new Layer.Parallel(bodies));
                yield all;
            }
        };
    }

    /** Layers inside a layer. */
    private Flow body(List<Layer> layers, List<LayerConfig> configs, String name, Flow input) {
        Flow x = input;
        for (int k = 0; k < configs.size(); k++) {
            x = add(layers, configs.get(k), name + k, x);
        }
        x.requireOrder(name + configs.size());
        return x;
    }

    private static void requirePlain(String name, Flow x) {
        x.requireOrder(name);
        x.requireSize(name);
    }

    private static void requireSame(String name, String other, Flow a, Flow b) {
        if (!a.equals(b)) {
            throw new ShapeException(
                    name,
                    "its layers must give what " + other + " gives",
                    a + ", and " + b,
                    "check the layers, their strides and paddings");
        }
    }

    SourceTensors source() {
        return source;
    }

    WeightCollector collector() {
        return collector;
    }

    LinearWeights linear() {
        return new LinearWeights(source, collector);
    }

    /** Says what was decided. */
    void decided(String key, String what) {
        interpretation.put(key, what);
    }

    /** Takes the size of the input from the first layer that has one. */
    Flow known(Flow x, int inputs) {
        if (x.size() > 0) {
            return x;
        }
        input = inputs;
        return x.withSize(inputs);
    }

    Layer.Embedding embedding(String weight, String name) {
        SourceTensor table = source.use(weight, name, "a row of each", -1, -1);
        int rows = RecurrentWeights.size(table, 0);
        int columns = RecurrentWeights.size(table, 1);
        return new Layer.Embedding(collector.whole(name, table), rows, columns);
    }

    /** The sum of vectors [n]; empty when there are none. */
    Optional<String> vector(List<String> names, String name, int n) {
        return collector.sum(name, RecurrentWeights.vectors(names, source, name, n), n);
    }

    static int multiply(String name, int a, int b) {
        return fits(name, (long) a * b, a + " * " + b);
    }

    private static int plus(String name, int a, int b) {
        return fits(name, (long) a + b, a + " + " + b);
    }

    private static int fits(String name, long size, String got) {
        if (size > Integer.MAX_VALUE - 8) {
            throw new ShapeException(name, "must have fewer than 2^31 values", got, "check the layer");
        }
        return (int) size;
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
}
