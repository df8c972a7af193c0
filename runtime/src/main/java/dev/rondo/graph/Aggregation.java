package dev.rondo.graph;

import dev.rondo.format.ElementType;
import java.util.ArrayList;
import java.util.List;

/** Operators that look at a whole axis or sequence: reductions, pooling, softmax, attention, normalisation. */
public sealed interface Aggregation extends Op {

    /** Reduces one axis of f32, to size 1 when {@code keep}, else away. An empty axis gives the neutral element. */
    record Reduce(Reduction reduction, int axis, boolean keep) implements Aggregation {
        @Override
        public String name() {
            return "reduce_" + reduction.text();
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.requireFloats(0, 1);
            return List.of(x.withDims(without(x, in.axis(0, axis), keep)));
        }
    }

    /** The index (i64) of the largest element along an axis, the first of equals; the axis goes away. */
    record ArgMax(int axis) implements Aggregation {
        @Override
        public String name() {
            return "argmax";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.requireFloats(0, 1);
            return List.of(new ValueType(ElementType.I64, without(x, in.axis(0, axis), false)));
        }
    }

    /**
     * {@code y_i = e^{x_i} / Σ e^{x_j}} over the last axis, or its logarithm. Where the optional mask (bool, broadcast
     * to x) is false an element counts for nothing and gets 0 (logarithm: −∞); a fully masked row is all 0 (all −∞).
     */
    record Softmax(boolean log) implements Aggregation {
        @Override
        public String name() {
            return log ? "log_softmax" : "softmax";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"), Slot.optional("mask"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.requireFloats(0, 1);
            requireMask(in, 1, x);
            return List.of(x);
        }
    }

    /** What {@link TopK} makes of the elements it has found. */
    enum Normalisation {
        NONE,
        /** Probabilities: {@code e^{x_i} / Σ e^{x_j}}. */
        SOFTMAX,
        /** Their logarithms. */
        LOG_SOFTMAX;

        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * The k largest elements of x [..., N] along the last axis, the largest first, the first of equals first; NaN counts
     * as larger than anything. Gives their values [..., k], normalised over all N elements, and their indices (i64)
     * [..., k]. So a search over a vocabulary has its candidates without N probabilities being written.
     */
    record TopK(int k, Normalisation normalisation) implements Aggregation {
        public TopK {
            if (k < 1) {
                throw new IllegalArgumentException("top_k k " + k);
            }
        }

        @Override
        public String name() {
            return "top_k";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.requireFloats(0, 1);
            if (x.dim(-1).isFixed() && x.dim(-1).fixed() < k) {
                throw in.mismatch(0, "of at least k = " + k + " elements");
            }
            var dims = without(x, x.rank() - 1, false);
            dims.add(Dim.of(k));
            return List.of(x.withDims(dims), new ValueType(ElementType.I64, dims));
        }
    }

    /**
     * Attention over a memory of S places: {@code context_q = Σ_s a_qs values_s} with the weights
     * {@code a_q = softmax_s(scale · score(query_q, keys_s))}. The score is the dot product (Luong et al. 2015; with
     * {@code scale = 1/√D}, Vaswani et al. 2017) or, where the optional vector v [D] is given, additive,
     * {@code Σ_d v_d tanh(query_qd + keys_sd)} (Bahdanau et al. 2015, whose matrices are linear maps before it).
     *
     * <p>Query [B,Q,D], keys [B,S,D], values [B,S,E]; keys and values may both have one row instead of B, a memory that
     * all rows share. Where the optional mask (bool, broadcast to [B,Q,S]) is false a place counts for nothing; a query
     * without any place gets zeros. Its values must be finite all the same: their weight is 0, and 0 &middot; NaN is NaN.
     * Gives context [B,Q,E] and weights [B,Q,S].
     */
    record Attention(float scale) implements Aggregation {
        public Attention {
            if (!Float.isFinite(scale)) {
                throw new IllegalArgumentException("attention scale " + scale);
            }
        }

        @Override
        public String name() {
            return "attention";
        }

        @Override
        public List<Slot> slots() {
            return List.of(
                    Slot.required("query"),
                    Slot.required("keys"),
                    Slot.required("values"),
                    Slot.optional("vector"),
                    Slot.optional("mask"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType query = in.require(0, ElementType.F32, null, null, null);
            ValueType keys = in.require(1, ElementType.F32, null, null, query.dim(2));
            if (!keys.dim(0).is(1) && !keys.dim(0).equals(query.dim(0))) {
                throw in.mismatch(1, "of as many rows as query, or one");
            }
            ValueType values = in.require(2, ElementType.F32, keys.dim(0), keys.dim(1), null);
            if (in.has(3)) {
                in.require(3, ElementType.F32, query.dim(2));
            }
            ValueType weights = query.withDims(List.of(query.dim(0), query.dim(1), keys.dim(1)));
            requireMask(in, 4, weights);
            return List.of(query.withDims(List.of(query.dim(0), query.dim(1), values.dim(2))), weights);
        }
    }

    /** {@code y = (x − mean) / sqrt(variance + epsilon) * gain + bias} over the last axis (biased variance). */
    record LayerNorm(float epsilon) implements Aggregation {
        public LayerNorm {
            if (!(epsilon >= 0 && epsilon < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("layer_norm epsilon " + epsilon);
            }
        }

        @Override
        public String name() {
            return "layer_norm";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"), Slot.optional("gain"), Slot.optional("bias"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.requireFloats(0, 1);
            for (int i = 1; i <= 2; i++) {
                if (in.has(i)) {
                    in.require(i, ElementType.F32, x.dim(-1));
                }
            }
            return List.of(x);
        }
    }

    /** What {@link PoolTime} and {@link PoolWindow} keep. */
    enum Pooling {
        MEAN,
        MAX,
        /** The last valid step; of a window, its last step. */
        LAST;

        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * Pools a sequence x [B,T,C] over time to [B,C], over the first {@code lengths[b]} steps (i32[B]) when given. An
     * empty sequence gives 0.
     */
    record PoolTime(Pooling pooling) implements Aggregation {
        @Override
        public String name() {
            return "pool_time";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"), Slot.optional("lengths"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.require(0, ElementType.F32, null, null, null);
            if (in.has(1)) {
                in.require(1, ElementType.I32, x.dim(0));
            }
            return List.of(x.withDims(List.of(x.dim(0), x.dim(2))));
        }
    }

    /** Pools windows of {@code size} steps of x [B,T,C], {@code stride} apart: [B,(T-size)/stride+1,C]. */
    record PoolWindow(Pooling pooling, int size, int stride) implements Aggregation {
        public PoolWindow {
            if (size < 1 || stride < 1) {
                throw new IllegalArgumentException("pool_window size " + size + " stride " + stride);
            }
        }

        @Override
        public String name() {
            return "pool_window";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.require(0, ElementType.F32, null, null, null);
            if (x.dim(1).isFixed() && x.dim(1).fixed() < size) {
                throw in.error("the window fits the sequence", "window " + size + ", sequence " + x.dim(1));
            }
            Dim steps = x.dim(1).plus(-size).dividedBy(stride).plus(1);
            return List.of(x.withDims(List.of(x.dim(0), steps, x.dim(2))));
        }
    }

    private static void requireMask(InputTypes in, int i, ValueType x) {
        if (in.has(i)
                && !in.broadcast(
                                x.dims(), in.requireElement(i, ElementType.BOOL).dims())
                        .equals(x.dims())) {
            throw in.mismatch(i, "a bool that broadcasts to " + x);
        }
    }

    private static List<Dim> without(ValueType x, int axis, boolean keep) {
        var dims = new ArrayList<>(x.dims());
        if (keep) {
            dims.set(axis, Dim.ONE);
        } else {
            dims.remove(axis);
        }
        return dims;
    }
}
