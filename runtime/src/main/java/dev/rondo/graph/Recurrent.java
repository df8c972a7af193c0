package dev.rondo.graph;

import dev.rondo.format.ElementType;
import java.util.ArrayList;
import java.util.List;

/**
 * Recurrent cells (one step) and layers (a sequence), f32. Sizes: B rows, T steps, I inputs, H units, P outputs (H, or
 * the size of a projection). Gates stand in the order i, f, g, o and r, z, n in weights and biases.
 *
 * <p>Every cell takes {@code x [B,I]} with {@code weight_input [G*H,I]}. Without {@code weight_input}, x already holds
 * the input's share of the pre-activations, [B,G*H]: so an embedding can be folded into one gather, and a hypernetwork
 * can compute it.
 *
 * <p>A layer's meaning is a {@link Scan} of its cell over x [B,T,I]. It begins with {@code h} (and {@code c}), zero
 * when not given, takes {@code lengths} i32[B] steps of each row (all T when not given), runs backward from the last
 * valid step when {@code reverse}, and returns y [B,T,P] and the state at the end of each row. Beyond a row's length y
 * is zero; with {@code repeat} it is the y of the step before in running order, zero when there is none (so, running
 * backward, always zero).
 */
public sealed interface Recurrent extends Op {
    /** The cell that a layer is a scan of; a cell is its own. */
    default Recurrent cell() {
        return this;
    }

    /** Whether a layer runs backward. */
    default boolean reverse() {
        return false;
    }

    /** Whether a layer repeats the last y beyond a row's length. */
    default boolean repeat() {
        return false;
    }

    /** {@code h' = activation(W x + U h + b)} (Elman 1990). Output h' [B,H]. */
    record ElmanCell(Activation activation) implements Recurrent {
        @Override
        public String name() {
            return "elman_cell";
        }

        @Override
        public List<Slot> slots() {
            return cellSlots(List.of("h"), "bias");
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.require(0, ElementType.F32, null, null);
            return List.of(checkCell(in, 1, x, false).hidden());
        }
    }

    /**
     * {@code i = σ(W_i x + U_i h + b_i)}, f and o alike, {@code g = tanh(W_g x + U_g h + b_g)}, {@code c' = f⊙c + i⊙g},
     * {@code h' = o ⊙ tanh(c')} (Hochreiter and Schmidhuber 1997; forget gate by Gers 2000). With peepholes [3,H] (i,
     * f, o; Gers 2002) i and f see c, o sees c'. With a projection [P,H] (Sak 2014) {@code h' = R (o ⊙ tanh(c'))}.
     * Outputs h' [B,P], c' [B,H].
     */
    record LstmCell(LstmActivations activations) implements Recurrent {
        @Override
        public String name() {
            return "lstm_cell";
        }

        @Override
        public List<Slot> slots() {
            return cellSlots(List.of("h", "c"), "bias", "peepholes", "projection");
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.require(0, ElementType.F32, null, null);
            RecurrentState state = checkCell(in, 4, x, true);
            return List.of(state.hidden(), state.cell());
        }
    }

    /**
     * {@code r = σ(W_r x + U_r h + b_r)}, z alike, {@code h' = z⊙h + (1−z)⊙n}, where with {@code resetAfter}
     * {@code n = tanh(W_n x + b_n + r ⊙ (U_n h + d))} and without {@code n = tanh(W_n x + b_n + U_n (r⊙h))} (Cho 2014).
     * {@code hidden_bias} d [H] exists only with resetAfter. Output h' [B,H].
     */
    record GruCell(Activation gate, Activation candidate, boolean resetAfter) implements Recurrent {
        @Override
        public String name() {
            return "gru_cell";
        }

        @Override
        public List<Slot> slots() {
            return cellSlots(List.of("h"), "bias", "hidden_bias");
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.require(0, ElementType.F32, null, null);
            RecurrentState state = checkCell(in, 3, x, false);
            checkHiddenBias(in, 5, resetAfter, state);
            return List.of(state.hidden());
        }
    }

    /** A scan of {@link ElmanCell}. Outputs y [B,T,H], h [B,H]. */
    record ElmanLayer(Activation activation, boolean reverse, boolean repeat) implements Recurrent {
        @Override
        public String name() {
            return "elman";
        }

        @Override
        public List<Slot> slots() {
            return layerSlots(List.of("h"), "bias");
        }

        @Override
        public Recurrent cell() {
            return new ElmanCell(activation);
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            RecurrentState state = checkLayer(in, 1, false);
            return List.of(overTime(in, state), state.hidden());
        }
    }

    /** A scan of {@link LstmCell}. Outputs y [B,T,P], h [B,P], c [B,H]. */
    record LstmLayer(LstmActivations activations, boolean reverse, boolean repeat) implements Recurrent {
        @Override
        public String name() {
            return "lstm";
        }

        @Override
        public List<Slot> slots() {
            return layerSlots(List.of("h", "c"), "bias", "peepholes", "projection");
        }

        @Override
        public Recurrent cell() {
            return new LstmCell(activations);
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            RecurrentState state = checkLayer(in, 4, true);
            return List.of(overTime(in, state), state.hidden(), state.cell());
        }
    }

    /** A scan of {@link GruCell}. Outputs y [B,T,H], h [B,H]. */
    record GruLayer(Activation gate, Activation candidate, boolean resetAfter, boolean reverse, boolean repeat)
            implements Recurrent {
        @Override
        public String name() {
            return "gru";
        }

        @Override
        public List<Slot> slots() {
            return layerSlots(List.of("h"), "bias", "hidden_bias");
        }

        @Override
        public Recurrent cell() {
            return new GruCell(gate, candidate, resetAfter);
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            RecurrentState state = checkLayer(in, 3, false);
            checkHiddenBias(in, in.count() - 2, resetAfter, state);
            return List.of(overTime(in, state), state.hidden());
        }
    }

    private static List<Slot> cellSlots(List<String> states, String... more) {
        var slots = new ArrayList<Slot>();
        slots.add(Slot.required("x"));
        for (String state : states) {
            slots.add(Slot.required(state));
        }
        slots.add(Slot.required("weight_hidden"));
        slots.add(Slot.optional("weight_input"));
        for (String name : more) {
            slots.add(Slot.optional(name));
        }
        return slots;
    }

    private static List<Slot> layerSlots(List<String> states, String... more) {
        var slots = new ArrayList<Slot>();
        slots.add(Slot.required("x"));
        for (String state : states) {
            slots.add(Slot.optional(state));
        }
        slots.add(Slot.required("weight_hidden"));
        slots.add(Slot.optional("weight_input"));
        for (String name : more) {
            slots.add(Slot.optional(name));
        }
        slots.add(Slot.optional("lengths"));
        return slots;
    }

    private static ValueType overTime(InputTypes in, RecurrentState state) {
        ValueType x = in.type(0);
        return x.withDims(List.of(x.dim(0), x.dim(1), state.hidden().dim(1)));
    }

    private static RecurrentState checkLayer(InputTypes in, int gates, boolean lstm) {
        ValueType x = in.require(0, ElementType.F32, null, null, null);
        if (in.has(in.count() - 1)) {
            in.require(in.count() - 1, ElementType.I32, x.dim(0));
        }
        return checkCell(in, gates, x.withDims(List.of(x.dim(0), x.dim(2))), lstm);
    }

    /** Checks states, weights and biases against the type of one step's x [B,I]. */
    private static RecurrentState checkCell(InputTypes in, int gates, ValueType x, boolean lstm) {
        int states = lstm ? 2 : 1;
        int hidden = 1 + states;
        int input = hidden + 1;
        int bias = input + 1;
        int projection = bias + 2;
        boolean projected = lstm && in.has(projection);
        Dim p = in.require(hidden, ElementType.F32, null, null).dim(1);
        Dim rows = in.type(hidden).dim(0);
        Dim h = projected ? in.require(projection, ElementType.F32, p, null).dim(1) : p;
        if (!rows.equals(h.times(gates))) {
            throw in.mismatch(hidden, "of " + gates + " gates of " + h + " rows");
        }
        if (in.has(input)) {
            in.require(input, ElementType.F32, rows, x.dim(1));
        } else if (!x.dim(1).equals(rows)) {
            throw in.mismatch(0, "of " + rows + " pre-activations, since weight_input is absent,");
        }
        if (in.has(bias)) {
            in.require(bias, ElementType.F32, rows);
        }
        if (lstm && in.has(bias + 1)) {
            in.require(bias + 1, ElementType.F32, Dim.of(3), h);
        }
        Dim batch = x.dim(0);
        if (in.has(1)) {
            in.require(1, ElementType.F32, batch, p);
        }
        if (lstm && in.has(2)) {
            in.require(2, ElementType.F32, batch, h);
        }
        return new RecurrentState(x.withDims(List.of(batch, p)), lstm ? x.withDims(List.of(batch, h)) : null);
    }

    private static void checkHiddenBias(InputTypes in, int slot, boolean resetAfter, RecurrentState state) {
        if (in.has(slot)) {
            if (!resetAfter) {
                throw in.error("hidden_bias needs reset_after=true", "reset_after=false");
            }
            in.require(slot, ElementType.F32, state.hidden().dim(1));
        }
    }
}

/** The types of a recurrent state; cell is null but for an LSTM. */
record RecurrentState(ValueType hidden, ValueType cell) {}
