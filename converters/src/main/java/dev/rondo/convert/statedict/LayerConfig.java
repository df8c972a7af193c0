package dev.rondo.convert.statedict;

import dev.rondo.convert.statedict.WeightCollector.Gates;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation.Pooling;
import dev.rondo.graph.Structure;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A layer as a source has it: which of its tensors it reads, and what the tensors do not say. */
public sealed interface LayerConfig {
    /** Table [rows, columns]. */
    record Embedding(String weight) implements LayerConfig {}

    /** Layers of one cell, each with one direction or two: forward, backward. */
    record Recurrent(Gates gates, List<List<LayerParameters>> layers) implements LayerConfig {}

    /** Weight [outputs, inputs]; biases [outputs] that are summed. */
    record Linear(String weight, List<String> bias) implements LayerConfig {}

    /**
     * Weight [outputs, inputs / groups, kernel]; biases [outputs] that are summed.
     *
     * @param groups empty when the weight tells: the inputs of the layer by those of the weight
     */
    record Conv1d(String weight, List<String> bias, Padding padding, int stride, int dilation, OptionalInt groups)
            implements LayerConfig {}

    /** What stands before and after each row of a convolution. */
    sealed interface Padding {
        /** The steps before, which are state; nothing after. */
        record Causal() implements Padding {}

        /** Zeros, so that there are as many outputs as inputs; of an odd number the larger half after. */
        record Same() implements Padding {}

        /** As many zeros on each side. */
        record Zeros(int steps) implements Padding {}
    }

    /** The last steps before a call, which are state; size of a step. */
    record Context(int steps, int size) implements LayerConfig {}

    /** Steps before and after each row. */
    record Pad(int before, int after, Structure.PadMode mode) implements LayerConfig {}

    /** Of complex numbers: real parts, then imaginary ones. */
    record Magnitude() implements LayerConfig {}

    /** Of each element. */
    record Activate(Activation activation) implements LayerConfig {}

    /** Weight [n], or [1] for all. */
    record PRelu(String weight) implements LayerConfig {}

    /** Statistics [n] of training; gain and bias [n]. */
    record BatchNorm(String mean, String variance, Optional<String> weight, Optional<String> bias, double epsilon)
            implements LayerConfig {}

    /** Gain and bias [n]. */
    record LayerNorm(Optional<String> weight, Optional<String> bias, double epsilon) implements LayerConfig {}

    /** Over time, side by side. */
    record Pool(List<Pooling> poolings) implements LayerConfig {}

    /** Over the last axis, or its logarithm. */
    record Softmax(boolean log) implements LayerConfig {}

    /** Does nothing outside of training. */
    record Dropout() implements LayerConfig {}
}
