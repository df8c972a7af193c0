package dev.rondo.architecture;

import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Structure;
import java.util.List;
import java.util.Optional;

/**
 * A layer of a {@link LayerStack}: what it computes and the tensors it reads, by their names in the file. Values are
 * sequences [B,T,n], or after {@link Pool} vectors [B,n].
 */
public sealed interface Layer {

    /** The row of each token: ids i32[B,T] to [B,T,columns]; the first layer or none. Table [rows,columns]. */
    record Embedding(String table, int rows, int columns) implements Layer {}

    /** A recurrent layer; with a backward direction the outputs stand side by side, forward first: [B,T,2P]. */
    record Recurrent(Cell cell, RecurrentParameters forward, Optional<RecurrentParameters> backward) implements Layer {
        /** One or two. */
        public int directions() {
            return backward.isPresent() ? 2 : 1;
        }
    }

    /** {@code y = x Wᵀ + b}; weight [outputSize,inputSize], bias [outputSize]. */
    record Linear(String weight, Optional<String> bias, int inputSize, int outputSize) implements Layer {}

    /**
     * A convolution over time, {@link dev.rondo.graph.Contraction.Conv1d}; weight [outputSize,kernel,inputSize/groups].
     *
     * @param before steps of zeros before each row; when causal, the steps before it instead
     * @param after  steps of zeros after each row
     * @param causal whether {@code before} steps of the past are a state, so that it can run step by step
     */
    record Conv1d(
            String weight,
            Optional<String> bias,
            int inputSize,
            int outputSize,
            int kernel,
            int stride,
            int dilation,
            int groups,
            int before,
            int after,
            boolean causal)
            implements Layer {
        /** Steps that one output sees: {@code dilation * (kernel - 1) + 1}. */
        public int reach() {
            return dilation * (kernel - 1) + 1;
        }
    }

    /** The last {@code steps} steps before this call, which are state, and then x: [B,T+steps,size]. */
    record Context(int steps, int size) implements Layer {}

    /** Steps before and after each row, made from the row: zeros, its ends, or its mirror image. */
    record Pad(int before, int after, Structure.PadMode mode) implements Layer {}

    /** {@code √(re² + im²)} of the first half of the last axis and the second: [B,T,2n] to [B,T,n]. */
    record Magnitude(int outputSize) implements Layer {}

    /** {@code y = activation(x)}. */
    record Activate(Activation activation) implements Layer {}

    /** x where x is positive, else slope times x; slopes [size]. */
    record PRelu(String slopes, int size) implements Layer {}

    /** {@code y = scale ⊙ x + shift}, both [size]: a batch normalisation whose statistics are folded. */
    record Scale(String scale, String shift, int size) implements Layer {}

    /** {@link Aggregation.LayerNorm} over the last axis; gain and bias [size]. */
    record LayerNorm(Optional<String> gain, Optional<String> bias, int size, float epsilon) implements Layer {}

    /** Softmax over the last axis, or its logarithm. */
    record Softmax(boolean log) implements Layer {}

    /** Pools over the valid steps of each row, each way side by side: [B,T,n] to [B,n * poolings]. */
    record Pool(List<Aggregation.Pooling> poolings) implements Layer {
        public Pool {
            poolings = List.copyOf(poolings);
        }
    }

    /** The size of the last axis of what it gives, of an input with {@code size}. */
    default int outputSize(int size) {
        return switch (this) {
            case Embedding embedding -> embedding.columns;
            case Recurrent recurrent ->
                recurrent.forward.outputSize()
                        + recurrent
                                .backward
                                .map(RecurrentParameters::outputSize)
                                .orElse(0);
            case Linear linear -> linear.outputSize;
            case Conv1d conv -> conv.outputSize;
            case Pool(var poolings) -> Math.multiplyExact(size, poolings.size());
            case Magnitude magnitude -> magnitude.outputSize;
            case Context _, Pad _, Activate _, PRelu _, Scale _, LayerNorm _, Softmax _ -> size;
        };
    }

    /** Whether a step needs nothing that comes later. */
    default boolean isStepwise() {
        return switch (this) {
            case Recurrent recurrent -> recurrent.backward.isEmpty();
            case Conv1d conv -> conv.causal || conv.reach() == 1 && conv.stride == 1;
            case Pool _, Context _, Pad _ -> false;
            case Embedding _, Linear _, Activate _, PRelu _, Scale _, LayerNorm _, Softmax _, Magnitude _ -> true;
        };
    }

    /** Whether it looks along time, so that the length of a row matters. */
    default boolean seesTime() {
        return switch (this) {
            case Recurrent _, Pool _, Context _, Pad _ -> true;
            case Conv1d conv -> conv.reach() > 1 || conv.stride > 1;
            case Embedding _, Linear _, Activate _, PRelu _, Scale _, LayerNorm _, Softmax _, Magnitude _ -> false;
        };
    }

    /**
     * Whether steps of other calls, or ends that follow from a row's own, take part: all rows are then equally long.
     */
    default boolean wantsEqualRows() {
        return switch (this) {
            case Context _, Pad _ -> true;
            case Conv1d conv -> conv.causal() && conv.reach() > 1;
            case Embedding _, Recurrent _, Linear _, Activate _, PRelu _, Scale _, LayerNorm _, Softmax _ -> false;
            case Pool _, Magnitude _ -> false;
        };
    }
}
