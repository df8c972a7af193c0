package dev.rondo.graph;

import dev.rondo.format.ElementType;
import java.util.ArrayList;
import java.util.List;

/** Operators that look at a whole axis or sequence: reductions, pooling, softmax, normalisation. */
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
            if (in.has(1)) {
                ValueType mask = in.requireElement(1, ElementType.BOOL);
                if (!in.broadcast(x.dims(), mask.dims()).equals(x.dims())) {
                    throw in.mismatch(1, "a bool that broadcasts to " + x);
                }
            }
            return List.of(x);
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
