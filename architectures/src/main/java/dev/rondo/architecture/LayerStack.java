package dev.rondo.architecture;

import dev.rondo.graph.Dim;
import java.util.List;
import java.util.Optional;

/**
 * Layers one after the other, from the input to the output.
 *
 * @param inputSize of a step, or of a vector; what tokens have is their id, so it does not count when the first layer is
 *                  an embedding
 * @param hasTime   whether the input is a sequence; else a vector
 * @param layers    at least one
 * @param results   what the functions give
 * @param stateful  whether a call begins with the states that the call before left, and leaves its own; else each call
 *                  begins with zero
 */
public record LayerStack(int inputSize, boolean hasTime, List<Layer> layers, Results results, boolean stateful) {
    /** What is made of the last layer's values. */
    public enum Results {
        /** {@code y}, the values themselves. */
        VALUES,
        /** {@code logits}, and {@code tags}, the best of each valid step, -1 after the end of a row. */
        TAGS,
        /**
         * {@code logits}, {@code probs} and the best {@code class} of each row, and {@code pooled}, what was
         * classified.
         */
        CLASSES,
        /** {@code logits} of the token after each one: a language model, which runs step by step. */
        NEXT
    }

    /** @throws IllegalArgumentException when there is no layer, or an embedding behind the first */
    public LayerStack {
        layers = List.copyOf(layers);
        if (layers.isEmpty() || layers.stream().skip(1).anyMatch(LayerStack::readsTokens)) {
            throw new IllegalArgumentException("layers " + layers);
        }
    }

    /** Of a sequence. */
    public LayerStack(int inputSize, List<Layer> layers, Results results, boolean stateful) {
        this(inputSize, true, layers, results, stateful);
    }

    private static boolean readsTokens(Layer layer) {
        return layer instanceof Layer.Embedding || layer instanceof Layer.SpelledWords;
    }

    /** Whether the input are tokens. */
    public boolean takesTokens() {
        return readsTokens(layers.getFirst());
    }

    /** Whether the input are words and their characters. */
    public boolean spells() {
        return layers.getFirst() instanceof Layer.SpelledWords;
    }

    /** The size of what the last layer gives, of each step or of a row. */
    public int outputSize() {
        return Layer.outputSize(layers, inputSize);
    }

    /** Whether it gives something for each step, and not for a row. */
    public boolean givesSteps() {
        return outputSteps().isPresent();
    }

    /** How many steps it gives of T; empty when it gives rows. */
    Optional<Dim> outputSteps() {
        return steps(hasTime ? Optional.of(Dim.named("T")) : Optional.empty(), layers);
    }

    /** Where the last layer stands that makes a vector of steps; -1 for none. */
    int lastPooling() {
        int last = -1;
        for (int k = 0; k < layers.size(); k++) {
            boolean pools =
                    steps(Optional.of(Dim.named("T")), List.of(layers.get(k))).isEmpty();
            last = pools ? k : last;
        }
        return last;
    }

    private static Optional<Dim> steps(Optional<Dim> input, List<Layer> layers) {
        Optional<Dim> steps = input;
        for (Layer layer : layers) {
            Optional<Dim> before = steps;
            steps = switch (layer) {
                case Layer.Pool _, Layer.Ends _, Layer.AttentionPool _ -> Optional.empty();
                case Layer.Repeat(int times) -> Optional.of(Dim.of(times));
                case Layer.Context(int more, var _) -> before.map(t -> t.plus(more));
                case Layer.Pad(int first, int last, var _) -> before.map(t -> t.plus(first + (long) last));
                case Layer.Conv1d conv
                when !conv.causal() ->
                    before.map(t -> windows(t.plus(conv.before() + (long) conv.after()), conv.reach(), conv.stride()));
                case Layer.PoolWindow(var _, int size, int stride) -> before.map(t -> windows(t, size, stride));
                case Layer.Composite composite ->
                    steps(before, composite.bodies().getFirst());
                case Layer.PerStep _, Layer.OverTime _, Layer.Spatial _ -> before;
            };
        }
        return steps;
    }

    private static Dim windows(Dim steps, int reach, int stride) {
        return steps.plus(-reach).dividedBy(stride).plus(1);
    }

    /** Every tensor once, in the order of the layers. */
    public List<Parameter> parameters() {
        return LayerTensors.of(layers);
    }

    /** Whether the stack can run step by step: nothing looks ahead, and what lies behind is state. */
    public boolean isStepwise() {
        return hasTime && stateful && layers.stream().allMatch(Layer::isStepwise);
    }

    /**
     * Whether rows may have different lengths. They have none where no layer looks along time, nor where a layer keeps
     * the last steps of its input as state or pads a row by itself: rows then run together.
     */
    public boolean hasLengths() {
        return hasTime
                && !(stateful && layers.stream().anyMatch(Layer::wantsEqualRows))
                && layers.stream().anyMatch(Layer::seesTime);
    }
}
