package dev.rondo.architecture.training;

import dev.rondo.format.Attribute;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Extension;
import dev.rondo.graph.InputTypes;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Structure;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Operators that only training needs, f32. Gradients are functions over the whole catalogue, these included; a model
 * file holds none of them, and the steps that run them live in the trainer ({@code dev.rondo.train.step}).
 */
public sealed interface Training extends Extension {

    @Override
    default Map<String, Attribute> attributes() {
        var out = new LinkedHashMap<String, Attribute>();
        switch (this) {
            case OuterSum _, AttentionBackward _ -> {}
            case Dropout(float probability, int site) -> {
                out.put("probability", new Attribute.Real(probability));
                out.put("site", new Attribute.Int(site));
            }
            case CrossEntropy(float smoothing) -> out.put("smoothing", new Attribute.Real(smoothing));
            case CrossEntropyBackward(float smoothing) -> out.put("smoothing", new Attribute.Real(smoothing));
            case ActivateBackward(Activation activation) -> out.put("function", new Attribute.Text(activation.text()));
            case GatherBackward(Dim rows) -> put(out, "rows", rows);
            case PickBackward(Dim size) -> put(out, "size", size);
            case SliceBackward(int axis, Dim start, Dim size, int step) -> {
                out.put("axis", new Attribute.Int(axis));
                put(out, "start", start);
                put(out, "size", size);
                out.put("step", new Attribute.Int(step));
            }
            case LstmTrace(boolean reverse, boolean repeat) -> {
                out.put("reverse", new Attribute.Flag(reverse));
                out.put("repeat", new Attribute.Flag(repeat));
            }
            case LstmBackward(boolean reverse) -> out.put("reverse", new Attribute.Flag(reverse));
            case GruTrace(boolean resetAfter, boolean reverse, boolean repeat) -> {
                out.put("reset_after", new Attribute.Flag(resetAfter));
                out.put("reverse", new Attribute.Flag(reverse));
                out.put("repeat", new Attribute.Flag(repeat));
            }
            case GruBackward(boolean resetAfter, boolean reverse) -> {
                out.put("reset_after", new Attribute.Flag(resetAfter));
                out.put("reverse", new Attribute.Flag(reverse));
            }
            case ElmanBackward(Activation activation, boolean reverse) -> {
                out.put("activation", new Attribute.Text(activation.text()));
                out.put("reverse", new Attribute.Flag(reverse));
            }
        }
        return out;
    }

    private static void put(Map<String, Attribute> out, String key, Dim dim) {
        out.put(key, dim.isFixed() ? new Attribute.Int(dim.fixed()) : new Attribute.Text(dim.toString()));
    }

    /** An operator that exists only to compute gradients, and has none itself. */
    sealed interface Backward extends Training
            permits ActivateBackward,
                    CrossEntropyBackward,
                    GatherBackward,
                    PickBackward,
                    SliceBackward,
                    LstmTrace,
                    LstmBackward,
                    GruTrace,
                    GruBackward,
                    ElmanBackward,
                    AttentionBackward {}

    /**
     * Dropout (Srivastava et al. 2014, scaled while training): {@code y_e = x_e / (1 − p)} where {@link #keeps} says so
     * and 0 elsewhere, e counting the elements of x in row-major order. The seed, i64[], is fed anew for each step; the
     * gradient is the same operator with the same seed, so no mask is stored.
     *
     * @param site tells the dropouts of one function apart
     */
    record Dropout(float probability, int site) implements Training {
        public Dropout {
            if (!(probability >= 0 && probability < 1)) {
                throw new IllegalArgumentException("dropout probability " + probability);
            }
        }

        /** The 32-bit key of one call: a finalised mix of seed and site (SplitMix64's constants). */
        public static int key(long seed, int site) {
            long z = seed + 0x9E3779B97F4A7C15L * (site + 1L);
            z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
            z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
            return (int) (z ^ z >>> 31);
        }

        /**
         * Whether element {@code index} survives: 24 bits of a hash (the finaliser of MurmurHash3) of key and index,
         * compared with the probability. All in 32 bits, so that vectors can do it.
         */
        public static boolean keeps(int key, int index, float probability) {
            int h = key + index * 0x9E3779B1;
            h = (h ^ h >>> 16) * 0x85EBCA6B;
            h = (h ^ h >>> 13) * 0xC2B2AE35;
            h ^= h >>> 16;
            return (h >>> 8) >= threshold(probability);
        }

        /** The smallest 24-bit hash that survives. */
        public static int threshold(float probability) {
            return (int) Math.ceil((double) probability * (1 << 24));
        }

        @Override
        public String name() {
            return "dropout";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"), Slot.required("seed"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            in.require(1, ElementType.I64);
            return List.of(in.requireFloats(0, 0));
        }
    }

    /**
     * The cross-entropy of a softmax in one operator: {@code y = −(1−s) log p_target − s/V Σ_v log p_v} with
     * {@code p = softmax(logits)} over the last axis, in nats; s is the label smoothing. Logits [..., V], target i32 or
     * i64 [...], y [...].
     */
    record CrossEntropy(float smoothing) implements Training {
        public CrossEntropy {
            if (!(smoothing >= 0 && smoothing < 1)) {
                throw new IllegalArgumentException("cross_entropy smoothing " + smoothing);
            }
        }

        @Override
        public String name() {
            return "cross_entropy";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("logits"), Slot.required("target"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType logits = in.requireFloats(0, 1);
            ValueType target = in.requireElement(1, ElementType.I32, ElementType.I64);
            if (!logits.dims().subList(0, logits.rank() - 1).equals(target.dims())) {
                throw in.mismatch(1, "of the shape of logits without their last axis (logits are " + logits + ")");
            }
            return List.of(logits.withDims(target.dims()));
        }
    }

    /**
     * The sum over all rows of the outer products of two values: {@code y_nk = Σ_r a_rn b_rk}, a [..., N], b [..., K],
     * y [N,K]. The gradient of a matrix that many rows share.
     */
    record OuterSum() implements Training {
        @Override
        public String name() {
            return "outer_sum";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("a"), Slot.required("b"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType a = in.requireFloats(0, 1);
            ValueType b = in.requireFloats(1, 1);
            if (!a.dims().subList(0, a.rank() - 1).equals(b.dims().subList(0, b.rank() - 1))) {
                throw in.error("a and b have the same rows", a + " and " + b);
            }
            return List.of(a.withDims(List.of(a.dim(-1), b.dim(-1))));
        }
    }

    /** {@code dx = dy ⊙ f'(x)} where y = f(x); a jump or kink has the derivative of its right side. All of one shape. */
    record ActivateBackward(Activation activation) implements Backward {
        @Override
        public String name() {
            return "activate_backward";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"), Slot.required("y"), Slot.required("dy"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.requireFloats(0, 0);
            Dim[] dims = x.dims().toArray(Dim[]::new);
            in.require(1, ElementType.F32, dims);
            in.require(2, ElementType.F32, dims);
            return List.of(x);
        }
    }

    /** {@code dlogits_v = dy (p_v − (1−s) [v = target] − s/V)} of {@link CrossEntropy}. */
    record CrossEntropyBackward(float smoothing) implements Backward {
        @Override
        public String name() {
            return "cross_entropy_backward";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("logits"), Slot.required("target"), Slot.required("dy"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType loss = new CrossEntropy(smoothing).infer(in).getFirst();
            in.require(2, ElementType.F32, loss.dims().toArray(Dim[]::new));
            return List.of(in.type(0));
        }
    }

    /** Adds rows where {@link Structure.Gather} took them: dy [index..., rest...], index, dtable [rows, rest...]. */
    record GatherBackward(Dim rows) implements Backward {
        @Override
        public String name() {
            return "gather_backward";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("dy"), Slot.required("index"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType dy = in.requireFloats(0, 0);
            ValueType index = in.requireElement(1, ElementType.I32, ElementType.I64);
            if (dy.rank() < index.rank() || !dy.dims().subList(0, index.rank()).equals(index.dims())) {
                throw in.mismatch(0, "with the dimensions of the index first (index is " + index + ")");
            }
            var dims = new ArrayList<Dim>();
            dims.add(rows);
            dims.addAll(dy.dims().subList(index.rank(), dy.rank()));
            return List.of(dy.withDims(dims));
        }
    }

    /** Zero but for the elements that {@link Structure.Pick} took: dy [...], index [...], dx [..., size]. */
    record PickBackward(Dim size) implements Backward {
        @Override
        public String name() {
            return "pick_backward";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("dy"), Slot.required("index"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType index = in.requireElement(1, ElementType.I32, ElementType.I64);
            ValueType dy = in.require(0, ElementType.F32, index.dims().toArray(Dim[]::new));
            var dims = new ArrayList<>(dy.dims());
            dims.add(size);
            return List.of(dy.withDims(dims));
        }
    }

    /** Zero but for the part that {@link Structure.Slice} took, of an axis of {@code size} elements. */
    record SliceBackward(int axis, Dim start, Dim size, int step) implements Backward {
        @Override
        public String name() {
            return "slice_backward";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("dy"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType dy = in.requireFloats(0, 1);
            var dims = new ArrayList<>(dy.dims());
            dims.set(in.axis(0, axis), size);
            return List.of(dy.withDims(dims));
        }
    }

    /**
     * {@link Recurrent.LstmLayer} with its usual activations, without peepholes and projection, that also leaves what
     * its gradient needs. Outputs y, h, c as there, then gates i, f, g, o after their activations [B,T,4H] and cells c
     * [B,T,H], both zero beyond a row's length.
     */
    record LstmTrace(boolean reverse, boolean repeat) implements Backward {
        private Recurrent.LstmLayer layer() {
            return new Recurrent.LstmLayer(LstmActivations.STANDARD, reverse, repeat);
        }

        @Override
        public String name() {
            return "lstm_trace";
        }

        @Override
        public List<Slot> slots() {
            return layer().slots();
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            var types = new ArrayList<>(layer().infer(in));
            if (in.has(6) || in.has(7)) {
                throw in.error("no peepholes, no projection", "one of them");
            }
            ValueType y = types.getFirst();
            types.add(y.withDims(List.of(y.dim(0), y.dim(1), y.dim(2).times(4))));
            types.add(y);
            return types;
        }
    }

    /**
     * Back-propagation through the time of {@link LstmTrace}. From the end of each row to its beginning, with
     * {@code δh = dy_t + dh}, {@code δc = dc + δh ⊙ o ⊙ (1 − tanh²c_t)}: {@code dz = (δc⊙g⊙i(1−i), δc⊙c_{t−1}⊙f(1−f),
     * δc⊙i⊙(1−g²), δh⊙tanh(c_t)⊙o(1−o))}, {@code dc = δc ⊙ f}, {@code dh = dz U}. Inputs gates [B,T,4H], cells [B,T,H],
     * weight_hidden U [4H,H], the state c it began with, and the gradients dy [B,T,H], dh, dc [B,H] of its outputs, zero
     * when absent. Outputs dz [B,T,4H], zero beyond a row's length, dh and dc [B,H] of the states it began with.
     */
    record LstmBackward(boolean reverse) implements Backward {
        @Override
        public String name() {
            return "lstm_backward";
        }

        @Override
        public List<Slot> slots() {
            return List.of(
                    Slot.required("gates"),
                    Slot.required("cells"),
                    Slot.required("weight_hidden"),
                    Slot.optional("c"),
                    Slot.optional("dy"),
                    Slot.optional("dh"),
                    Slot.optional("dc"),
                    Slot.optional("lengths"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType cells = in.require(1, ElementType.F32, null, null, null);
            ValueType state = checkBackward(in, cells, 4, 0, 2, new int[] {3, 5, 6}, 4, 7);
            return List.of(in.type(0), state, state);
        }
    }

    /**
     * {@link Recurrent.GruLayer} with its usual activations that also leaves what its gradient needs. Outputs y, h as
     * there, then gates r, z, n after their activations [B,T,3H] and recurrent [B,T,H]: U_n h + d with resetAfter, r⊙h
     * without; both zero beyond a row's length.
     */
    record GruTrace(boolean resetAfter, boolean reverse, boolean repeat) implements Backward {
        private Recurrent.GruLayer layer() {
            return new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, resetAfter, reverse, repeat);
        }

        @Override
        public String name() {
            return "gru_trace";
        }

        @Override
        public List<Slot> slots() {
            return layer().slots();
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            var types = new ArrayList<>(layer().infer(in));
            ValueType y = types.getFirst();
            types.add(y.withDims(List.of(y.dim(0), y.dim(1), y.dim(2).times(3))));
            types.add(y);
            return types;
        }
    }

    /**
     * Back-propagation through the time of {@link GruTrace}. From the end of each row to its beginning, with
     * {@code δh = dy_t + dh}, h the state before the step: {@code dz_z = δh⊙(h−n)⊙z(1−z)}, {@code dz_n = δh⊙(1−z)⊙(1−n²)};
     * with resetAfter {@code dz_r = dz_n⊙recurrent⊙r(1−r)}, {@code dh = δh⊙z + (dz_r, dz_z, dz_n⊙r) U}; without
     * {@code e = dz_n U_n}, {@code dz_r = e⊙h⊙r(1−r)}, {@code dh = δh⊙z + (dz_r, dz_z) U_{r,z} + e⊙r}. Inputs gates
     * [B,T,3H], recurrent [B,T,H], h_before [B,T,H] the state before each step, weight_hidden U [3H,H], and the gradients
     * dy [B,T,H], dh [B,H], zero when absent. Outputs dz [B,T,3H] (r, z, n), zero beyond a row's length, and dh [B,H] of
     * the state it began with.
     */
    record GruBackward(boolean resetAfter, boolean reverse) implements Backward {
        @Override
        public String name() {
            return "gru_backward";
        }

        @Override
        public List<Slot> slots() {
            return List.of(
                    Slot.required("gates"),
                    Slot.required("recurrent"),
                    Slot.required("h_before"),
                    Slot.required("weight_hidden"),
                    Slot.optional("dy"),
                    Slot.optional("dh"),
                    Slot.optional("lengths"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType recurrent = in.require(1, ElementType.F32, null, null, null);
            in.require(2, ElementType.F32, recurrent.dims().toArray(Dim[]::new));
            return List.of(in.type(0), checkBackward(in, recurrent, 3, 0, 3, new int[] {5}, 4, 6));
        }
    }

    /**
     * Back-propagation through the time of {@link Recurrent.ElmanLayer}: from the end of each row to its beginning
     * {@code dz = (dy_t + dh) ⊙ f'}, {@code dh = dz U}, where f' follows from y: identity, tanh, sigmoid and relu only.
     * Inputs y [B,T,H], weight_hidden U [H,H], dy [B,T,H], dh [B,H], zero when absent. Outputs dz [B,T,H], zero beyond a
     * row's length, and dh [B,H] of the state it began with.
     */
    record ElmanBackward(Activation activation, boolean reverse) implements Backward {
        public ElmanBackward {
            if (!fits(activation)) {
                throw new IllegalArgumentException("elman_backward of " + activation.text());
            }
        }

        /** Whether the derivative follows from the function's value. */
        public static boolean fits(Activation activation) {
            return switch (activation.kind()) {
                case IDENTITY, TANH, SIGMOID, RELU -> true;
                case LEAKY_RELU, ELU, SELU, HARD_SIGMOID, SOFTSIGN, SOFTPLUS, AFFINE -> false;
                case SCALED_TANH, THRESHOLDED_RELU, SILU, GELU -> false;
            };
        }

        @Override
        public String name() {
            return "elman_backward";
        }

        @Override
        public List<Slot> slots() {
            return List.of(
                    Slot.required("y"),
                    Slot.required("weight_hidden"),
                    Slot.optional("dy"),
                    Slot.optional("dh"),
                    Slot.optional("lengths"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType y = in.require(0, ElementType.F32, null, null, null);
            return List.of(y, checkBackward(in, y, 1, 0, 1, new int[] {3}, 2, 4));
        }
    }

    /** Checks the inputs of a backward recurrence over units [B,T,H]; returns the type of a state. */
    private static ValueType checkBackward(
            InputTypes in, ValueType units, int gates, int trace, int hidden, int[] states, int dy, int lengths) {
        Dim b = units.dim(0);
        Dim h = units.dim(2);
        in.require(trace, ElementType.F32, b, units.dim(1), h.times(gates));
        in.require(hidden, ElementType.F32, h.times(gates), h);
        for (int state : states) {
            if (in.has(state)) {
                in.require(state, ElementType.F32, b, h);
            }
        }
        if (in.has(dy)) {
            in.require(dy, ElementType.F32, units.dims().toArray(Dim[]::new));
        }
        if (in.has(lengths)) {
            in.require(lengths, ElementType.I32, b);
        }
        return units.withDims(List.of(b, h));
    }
}
