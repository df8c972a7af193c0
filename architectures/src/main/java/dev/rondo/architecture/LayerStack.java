package dev.rondo.architecture;

import java.util.List;

/**
 * Layers one after the other, from the input to the output.
 *
 * @param inputSize of a step; what tokens have is their id, so it does not count when the first layer is an embedding
 * @param layers    at least one
 * @param results   what the functions give
 * @param stateful  whether a call begins with the states that the call before left, and leaves its own; else each call
 *                  begins with zero
 */
public record LayerStack(int inputSize, List<Layer> layers, Results results, boolean stateful) {
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
        CLASSES
    }

    /** @throws IllegalArgumentException when there is no layer, or an embedding behind the first */
    public LayerStack {
        layers = List.copyOf(layers);
        if (layers.isEmpty() || layers.stream().skip(1).anyMatch(l -> l instanceof Layer.Embedding)) {
            throw new IllegalArgumentException("layers " + layers);
        }
    }

    /** Whether the input are tokens. */
    public boolean takesTokens() {
        return layers.getFirst() instanceof Layer.Embedding;
    }

    /** Whether the stack can run step by step: nothing looks ahead, and what lies behind is state. */
    public boolean isStepwise() {
        return stateful && layers.stream().allMatch(Layer::isStepwise);
    }

    /**
     * Whether rows may have different lengths. They have none where no layer looks along time, nor where a layer keeps
     * the last steps of its input as state or pads a row by itself: rows then run together.
     */
    public boolean hasLengths() {
        return !(stateful && layers.stream().anyMatch(Layer::wantsEqualRows))
                && layers.stream().anyMatch(Layer::seesTime);
    }
}
