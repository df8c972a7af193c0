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
    /** Along the last axis, whatever lies before it. */
    sealed interface PerStep extends LayerConfig {}

    /** Along time. */
    sealed interface OverTime extends LayerConfig {}

    /** Attention, and what goes with it. */
    sealed interface Attentive extends LayerConfig {}

    /** Of images. */
    sealed interface Spatial extends LayerConfig {}

    /** Made of layers. */
    sealed interface Composite extends LayerConfig {}

    /** Table [rows, columns]. */
    record Embedding(String weight) implements PerStep {}

    /** Tables of words and of characters, and what reads the characters of a word. */
    record SpelledWords(String words, String characters, List<LayerConfig> layers) implements Composite {}

    /** Layers of one cell, each with one direction or two: forward, backward. */
    record Recurrent(Gates gates, List<List<LayerParameters>> layers) implements OverTime {}

    /** Weight [outputs, inputs]; biases [outputs] that are summed. */
    record Linear(String weight, List<String> bias) implements PerStep {}

    /** The product of two maps. */
    record Multiplicative(Linear a, Linear b) implements PerStep {}

    /**
     * A cell whose weights another network generates.
     *
     * @param small the tensors of that network, an Elman layer over the input and the state, in this order
     */
    record Hypernetwork(
            LayerParameters small, Linear input, Linear state, Linear inputScale, Linear stateScale, Linear bias)
            implements OverTime {}

    /**
     * Weight [outputs, inputs / groups, kernel]; biases [outputs] that are summed.
     *
     * @param groups empty when the weight tells: the inputs of the layer by those of the weight
     */
    record Conv1d(String weight, List<String> bias, Padding padding, int stride, int dilation, OptionalInt groups)
            implements OverTime {}

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
    record Context(int steps, int size) implements OverTime {}

    /** Steps before and after each row. */
    record Pad(int before, int after, Structure.PadMode mode) implements OverTime {}

    /** Of complex numbers: real parts, then imaginary ones. */
    record Magnitude() implements PerStep {}

    /** Of each element. */
    record Activate(Activation activation) implements PerStep {}

    /** Weight [n], or [1] for all. */
    record PRelu(String weight) implements PerStep {}

    /** {@code (x - mean) / deviation}. */
    record Standardise(Numbers mean, Numbers deviation) implements PerStep {}

    /** {@code scale * x + shift}. */
    record Scale(Numbers scale, Numbers shift) implements PerStep {}

    /** One number of each value of a step. */
    sealed interface Numbers {
        /** A tensor of the source [n]. */
        record Tensor(String name) implements Numbers {}

        /** Numbers of the configuration. */
        record Given(List<Double> values) implements Numbers {}
    }

    /** Statistics [n] of training; gain and bias [n]. */
    record BatchNorm(String mean, String variance, Optional<String> weight, Optional<String> bias, double epsilon)
            implements PerStep {}

    /** Gain and bias [n]. */
    record LayerNorm(Optional<String> weight, Optional<String> bias, double epsilon) implements PerStep {}

    /** Over time, side by side. */
    record Pool(List<How> over) implements OverTime {
        /** One way to pool. */
        public enum How {
            MEAN,
            MAX,
            /** The last valid step. */
            LAST,
            /** The last valid step of the forward direction, the first of the backward one. */
            ENDS
        }
    }

    /** Over windows of steps. */
    record PoolWindow(Pooling pooling, int size, int stride) implements OverTime {}

    /** A vector at each of so many steps. */
    record Repeat(int steps) implements OverTime {}

    /** Over the last axis, or its logarithm. */
    record Softmax(boolean log) implements PerStep {}

    /** Does nothing outside of training. */
    record Dropout() implements PerStep {}

    /** Table [steps, n], or [1, steps, n]. */
    record Positions(String weight) implements Attentive {}

    /** Attention of steps to each other. */
    record SelfAttention(int heads, Maps maps, Linear output) implements Attentive {}

    /** The maps to queries, keys and values. */
    sealed interface Maps {
        /** Below each other: weight [3n, n], perhaps a bias [3n]. */
        record Joint(String weight, Optional<String> bias) implements Maps {}

        /** One by one. */
        record Apart(Linear query, Linear key, Linear value) implements Maps {}
    }

    /** A block of an encoder; normalised behind each residual connection, or at the beginning of its body. */
    record Transformer(
            SelfAttention attention,
            Linear up,
            Activation activation,
            Linear down,
            LayerNorm first,
            LayerNorm second,
            boolean normFirst)
            implements Attentive {}

    /** The mean of steps by attention; vector [units], or [1, units]. */
    record AttentionPool(Linear projection, String vector) implements Attentive {}

    /** An image from its numbers. */
    record Image(int height, int width, int channels) implements Spatial {}

    /**
     * Weight [outputs, inputs, height, width].
     *
     * @param padding zeros above and below, left and right; empty for as many points as there were
     */
    record Conv2d(String weight, List<String> bias, Optional<Zeros2d> padding, int stride) implements Spatial {}

    /** Zeros on each side of an image. */
    record Zeros2d(int height, int width) {}

    /** Over squares. */
    record Pool2d(Pooling pooling, int size, int stride) implements Spatial {}

    /** Over whole images. */
    record GlobalPool2d(Pooling pooling) implements Spatial {}

    /** @param channelsFirst whether the source had all points of a channel side by side, as PyTorch does */
    record Flatten(boolean channelsFirst) implements Spatial {}

    /** x, or what the shortcut makes of it, and what the body does. */
    record Residual(List<LayerConfig> body, List<LayerConfig> shortcut) implements Composite {}

    /** What the body makes of x as far as the gate is open, and x as far as it is closed. */
    record Highway(Linear gate, List<LayerConfig> body) implements Composite {}

    /** Side by side; a branch without layers is x. */
    record Parallel(List<List<LayerConfig>> branches) implements Composite {}
}
