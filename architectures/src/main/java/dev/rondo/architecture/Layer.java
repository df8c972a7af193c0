package dev.rondo.architecture;

import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Structure;
import java.util.List;
import java.util.Optional;

/**
 * A layer of a {@link LayerStack}: what it computes and the tensors it reads, by their names in the file. Values are
 * sequences [B,T,n]; behind a pooling over time, or where a stack reads vectors, [B,n]; images are [B,H,W,C].
 *
 * <p>The families say how a layer sees time; a switch over layers that only wants to know that names the four.
 */
public sealed interface Layer {
    /** Each step by itself, along the last axis. */
    sealed interface PerStep extends Layer {}

    /** Looks along time. */
    sealed interface OverTime extends Layer {}

    /** Of images [B,H,W,C]. */
    sealed interface Spatial extends Layer {}

    /** Made of layers. */
    sealed interface Composite extends Layer {
        /** What it is made of, side by side. */
        List<List<Layer>> bodies();
    }

    /**
     * The row of each token: ids i32[B,T] to [B,T,columns]; the first layer or none. Table [rows,columns].
     *
     * @param dropout the share of rows that a step of training does without, those of a token all at once
     */
    record Embedding(String table, int rows, int columns, double dropout) implements PerStep {
        /** Without dropout. */
        public Embedding(String table, int rows, int columns) {
            this(table, rows, columns, 0);
        }
    }

    /**
     * Words with their spelling; the first layer or none. Beside the row of each word stands what the body makes of its
     * characters' rows, [B*T,C,n] to [B*T,m]: ids i32[B,T] and i32[B,T,C] to [B,T,columns+m].
     *
     * @param body ends with a pooling
     */
    record SpelledWords(Embedding words, Embedding characters, List<Layer> body) implements PerStep {
        /** Copies the list. */
        public SpelledWords {
            body = List.copyOf(body);
        }
    }

    /**
     * A recurrent layer; with a backward direction the outputs stand side by side, forward first: [B,T,2P].
     *
     * @param dropout      of the matrices from states to gates while training, the same at every step (Merity et al. 2018)
     * @param stateDropout of the state before where the gates read it, the same units at all steps of a row (Gal and Ghahramani 2016)
     */
    record Recurrent(
            Cell cell,
            RecurrentParameters forward,
            Optional<RecurrentParameters> backward,
            double dropout,
            double stateDropout)
            implements OverTime {
        /** Without dropout. */
        public Recurrent(Cell cell, RecurrentParameters forward, Optional<RecurrentParameters> backward) {
            this(cell, forward, backward, 0, 0);
        }

        /** One or two. */
        public int directions() {
            return backward.isPresent() ? 2 : 1;
        }
    }

    /**
     * An Elman cell whose weights another, smaller network generates at each step (Ha et al. 2017, "relaxed"):
     * {@code z' = tanh(A [x; h] + B z + a)}, {@code h' = tanh((R z' + r) ⊙ W x + (S z' + s) ⊙ U h + Q z' + q)}.
     *
     * @param small A [Z,I+H], B [Z,Z] and a, an Elman layer
     * @param input W [H,I], without bias
     * @param state U [H,H], without bias
     */
    record Hypernetwork(
            RecurrentParameters small,
            Projection input,
            Projection state,
            Projection inputScale,
            Projection stateScale,
            Projection bias)
            implements OverTime {
        /** H. */
        public int hiddenSize() {
            return state.outputSize();
        }
    }

    /** {@code y = x Wᵀ + b}; weight [outputSize,inputSize], bias [outputSize]. */
    record Linear(String weight, Optional<String> bias, int inputSize, int outputSize) implements PerStep {}

    /** Two linear maps that multiply each other: {@code y = (A x + a) ⊙ (B x + b)}. */
    record Multiplicative(Projection a, Projection b) implements PerStep {}

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
            implements OverTime {
        /** Steps that one output sees: {@code dilation * (kernel - 1) + 1}. */
        public int reach() {
            return dilation * (kernel - 1) + 1;
        }
    }

    /** The last {@code steps} steps before this call, which are state, and then x: [B,T+steps,size]. */
    record Context(int steps, int size) implements OverTime {}

    /** Steps before and after each row, made from the row: zeros, its ends, or its mirror image. */
    record Pad(int before, int after, Structure.PadMode mode) implements OverTime {}

    /** {@code √(re² + im²)} of the first half of the last axis and the second: [B,T,2n] to [B,T,n]. */
    record Magnitude(int outputSize) implements PerStep {}

    /** {@code y = activation(x)}. */
    record Activate(Activation activation) implements PerStep {}

    /** x where x is positive, else slope times x; slopes [size]. */
    record PRelu(String slopes, int size) implements PerStep {}

    /** {@code y = scale ⊙ x + shift}, both [size] and not trained: a standardisation, or folded statistics. */
    record Scale(String scale, String shift, int size) implements PerStep {}

    /** Batch normalisation; in use by the weights {@code NAME.mean} and {@code NAME.variance}. */
    record BatchNorm(BatchNormalisation normalisation, int size) implements PerStep {}

    /** {@link Aggregation.LayerNorm} over the last axis; gain and bias [size]. */
    record LayerNorm(Optional<String> gain, Optional<String> bias, int size, float epsilon) implements PerStep {}

    /** Softmax over the last axis, or its logarithm. */
    record Softmax(boolean log) implements PerStep {}

    /**
     * While training, keeps a number with the probability {@code 1 − p} and divides it by that.
     *
     * @param variational whether a feature is dropped at all steps of a row or at none (Gal and Ghahramani 2016)
     */
    record Dropout(double probability, boolean variational) implements PerStep {}

    /** Adds a row to each step that says where it is: {@code y_t = x_t + table_t}, table [maxSteps,size]. */
    record Positions(String table, int maxSteps, int size) implements OverTime {}

    /**
     * Attention of each step to all valid steps of its row, in {@code heads} parts of equal size, scaled dot product
     * (Vaswani et al. 2017, section 3.2.2): output of the heads side by side.
     */
    record SelfAttention(int heads, Projection query, Projection key, Projection value, Projection output)
            implements OverTime {}

    /** Pools over the valid steps of each row, each way side by side: [B,T,n] to [B,n * poolings]. */
    record Pool(List<Aggregation.Pooling> poolings) implements OverTime {
        public Pool {
            poolings = List.copyOf(poolings);
        }
    }

    /**
     * Where the directions end: the last valid step of the first {@code forwardSize} values and the first step of the
     * others, h<sub>n</sub> forward and h<sub>1</sub> backward: [B,T,n] to [B,n].
     */
    record Ends(int forwardSize) implements OverTime {}

    /**
     * The mean of the valid steps, weighted by attention: {@code a = softmax_t(v · tanh(W x_t + b))},
     * {@code y = Σ_t a_t x_t} (Yang et al. 2016): [B,T,n] to [B,n]. v is [A].
     */
    record AttentionPool(Projection projection, String vector) implements OverTime {}

    /** {@link Aggregation.PoolWindow} over time. */
    record PoolWindow(Aggregation.Pooling pooling, int size, int stride) implements OverTime {}

    /** The same vector at each of so many steps: [B,n] to [B,steps,n]. */
    record Repeat(int steps) implements PerStep {}

    /** An image from its numbers, row by row, the channels of a point side by side: [B,h*w*c] to [B,h,w,c]. */
    record Image(int height, int width, int channels) implements Spatial {}

    /**
     * A convolution over images (a correlation): {@code y[i,j,o] = b[o] + Σ x[i*stride+u−pad, j*stride+v−pad, c] W[o,v,u,c]};
     * weight [outputSize, kernelWidth, kernelHeight*C], the channels of a row of the kernel side by side.
     */
    record Conv2d(
            String weight,
            Optional<String> bias,
            int inputSize,
            int outputSize,
            int kernelHeight,
            int kernelWidth,
            int stride,
            int padTop,
            int padBottom,
            int padLeft,
            int padRight)
            implements Spatial {}

    /** Pools squares of {@code size} points, {@code stride} apart: the largest, or the mean. */
    record Pool2d(Aggregation.Pooling pooling, int size, int stride) implements Spatial {}

    /** Pools whole images: [B,H,W,C] to [B,C]. */
    record GlobalPool2d(Aggregation.Pooling pooling) implements Spatial {}

    /** All numbers of an image side by side: [B,H,W,C] to [B,outputSize]. */
    record Flatten(int outputSize) implements Spatial {}

    /** {@code y = x + body(x)} (He et al. 2016); where sizes change, a linear map or a small convolution of x instead. */
    record Residual(List<Layer> body, List<Layer> shortcut) implements Composite {
        /** Copies the lists. */
        public Residual {
            body = List.copyOf(body);
            shortcut = List.copyOf(shortcut);
        }

        @Override
        public List<List<Layer>> bodies() {
            return List.of(body, shortcut);
        }
    }

    /** {@code y = g ⊙ body(x) + (1 − g) ⊙ x}, {@code g = σ(W x + b)} (Srivastava et al. 2015). */
    record Highway(Projection gate, List<Layer> body) implements Composite {
        /** Copies the list. */
        public Highway {
            body = List.copyOf(body);
        }

        @Override
        public List<List<Layer>> bodies() {
            return List.of(body);
        }
    }

    /** What several networks make of x, side by side along the last axis. */
    record Parallel(List<List<Layer>> bodies) implements Composite {
        /** Copies the lists. */
        public Parallel {
            bodies = bodies.stream().map(List::copyOf).toList();
        }
    }

    /** The size of the last axis of what it gives, of an input with {@code size}. */
    default int outputSize(int size) {
        return switch (this) {
            case Embedding embedding -> embedding.columns;
            case SpelledWords(var words, var characters, var body) ->
                words.columns + outputSize(body, characters.columns);
            case Recurrent recurrent ->
                recurrent.forward.outputSize()
                        + recurrent
                                .backward
                                .map(RecurrentParameters::outputSize)
                                .orElse(0);
            case Hypernetwork hyper -> hyper.hiddenSize();
            case Linear linear -> linear.outputSize;
            case Multiplicative(var a, var _) -> a.outputSize();
            case Conv1d conv -> conv.outputSize;
            case Conv2d conv -> conv.outputSize;
            case SelfAttention attention -> attention.output.outputSize();
            case Pool(var poolings) -> Math.multiplyExact(size, poolings.size());
            case Magnitude magnitude -> magnitude.outputSize;
            case Flatten flatten -> flatten.outputSize;
            case Image image -> image.channels;
            case Residual residual -> outputSize(residual.body, size);
            case Parallel(var bodies) ->
                bodies.stream().mapToInt(b -> outputSize(b, size)).reduce(0, Math::addExact);
            case Context _, Pad _, Activate _, PRelu _, Scale _, BatchNorm _, LayerNorm _, Softmax _, Dropout _ -> size;
            case Positions _, Ends _, AttentionPool _, PoolWindow _, Repeat _, Pool2d _, GlobalPool2d _, Highway _ ->
                size;
        };
    }

    /** That of several layers in a row. */
    static int outputSize(List<Layer> layers, int size) {
        int last = size;
        for (Layer layer : layers) {
            last = layer.outputSize(last);
        }
        return last;
    }

    /** Whether a step needs nothing that comes later. */
    default boolean isStepwise() {
        return switch (this) {
            case Recurrent recurrent -> recurrent.backward.isEmpty();
            case Conv1d conv -> conv.causal || conv.reach() == 1 && conv.stride == 1;
            case SpelledWords _, Repeat _ -> false;
            case Pool _, Context _, Pad _, Hypernetwork _, Positions _, SelfAttention _ -> false;
            case Ends _, AttentionPool _, PoolWindow _, Spatial _ -> false;
            case Composite composite ->
                composite.bodies().stream().allMatch(b -> b.stream().allMatch(Layer::isStepwise));
            case PerStep _ -> true;
        };
    }

    /** Whether it looks along time, so that the length of a row matters. */
    default boolean seesTime() {
        return switch (this) {
            case Conv1d conv -> conv.reach() > 1 || conv.stride > 1;
            case Composite composite ->
                composite.bodies().stream().anyMatch(b -> b.stream().anyMatch(Layer::seesTime));
            case OverTime _ -> true;
            case PerStep _, Spatial _ -> false;
        };
    }

    /**
     * Whether steps of other calls, or ends that follow from a row's own, take part: all rows are then equally long.
     */
    default boolean wantsEqualRows() {
        return switch (this) {
            case Context _, Pad _ -> true;
            case Conv1d conv -> conv.causal() && conv.reach() > 1;
            case Composite composite ->
                composite.bodies().stream().anyMatch(b -> b.stream().anyMatch(Layer::wantsEqualRows));
            case OverTime _, PerStep _, Spatial _ -> false;
        };
    }
}
