package dev.rondo.plan;

import dev.rondo.graph.Activation;
import dev.rondo.graph.LstmActivations;
import dev.rondo.kernel.GruGates;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.Product;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One step of a recurrent network from the pre-activations of its input on: the part that cells and layers share. The
 * caller points the views at the rows of the step.
 */
abstract sealed class RecurrentCell {
    final Kernels kernels;
    /** Recurrent weights U with their gates side by side. */
    final Weights hidden;
    /** Number of gates. */
    final int gates;
    /** Units. */
    final int units;

    /** For products with {@link #hidden}; null without need. */
    final MemorySegment scratch;

    RecurrentCell(Weights hidden, int gates, Kernels kernels, Arena arena) {
        this.kernels = kernels;
        this.scratch = Operand.scratch(arena, hidden);
        this.hidden = hidden;
        this.gates = gates;
        this.units = hidden.rows() / gates;
    }

    /** Elements of a row of pre-activations: in panel order with padding, natural for one gate. */
    final int gateWidth() {
        return gateWidth(gates, units);
    }

    static int gateWidth(int gates, int units) {
        return gates == 1 ? units : gates * ((units + Weights.PANEL - 1) / Weights.PANEL) * Weights.PANEL;
    }

    /**
     * Computes the next state of some rows.
     *
     * @param x pre-activations of the input in panel order; undefined afterwards
     * @param hPrev state before
     * @param cPrev cell state before, of an LSTM
     * @param h state after; may be the same window as hPrev
     * @param c cell state after, of an LSTM; may be the same window as cPrev
     */
    final void step(View x, View hPrev, View cPrev, View h, View c) {
        recur(x, hPrev);
        finish(x, hPrev, cPrev, h, c);
    }

    /** Makes the state's share of the pre-activations, as far as nothing else is needed for it. */
    abstract void recur(View x, View hPrev);

    /** Takes over the number of rows of {@link #recurrence}. */
    void resize(int rows) {}

    /** What {@link #recur} does as a product, or null when that is not one for all gates. */
    abstract Product recurrence(View x, View hPrev);

    /** The rest of {@link #step}. */
    abstract void finish(View x, View hPrev, View cPrev, View h, View c);

    /** Scratch rows that follow the number of rows of a step. */
    private static View scratch(Arena arena, int rows, int cols) {
        MemorySegment segment = Operand.memory(arena, "buffer of a recurrent cell", (long) rows * cols * 4);
        return View.f32(segment, rows, cols);
    }

    static final class Elman extends RecurrentCell {
        private final Activation activation;

        Elman(Activation activation, Weights hidden, Kernels kernels, Arena arena) {
            super(hidden, 1, kernels, arena);
            this.activation = activation;
        }

        @Override
        void recur(View x, View hPrev) {
            kernels.addLinear(hPrev, hidden, 0, 1, scratch, x);
        }

        @Override
        Product recurrence(View x, View hPrev) {
            return new Product(hPrev, hidden, null, scratch, x);
        }

        @Override
        void finish(View x, View hPrev, View cPrev, View h, View c) {
            kernels.activate(activation, x, h);
        }
    }

    static final class Lstm extends RecurrentCell {
        private final LstmActivations functions;
        private final View peepholes;
        private final Weights projection;
        private final View unprojected;
        private final MemorySegment projectionScratch;

        /** @param peepholes, projection null without */
        Lstm(
                LstmActivations functions,
                Weights hidden,
                View peepholes,
                Weights projection,
                int maxRows,
                Kernels kernels,
                Arena arena) {
            super(hidden, 4, kernels, arena);
            this.functions = functions;
            this.peepholes = peepholes;
            this.projection = projection;
            this.projectionScratch = projection == null ? null : Operand.scratch(arena, projection);
            this.unprojected = projection == null ? null : scratch(arena, maxRows, units);
        }

        @Override
        void recur(View x, View hPrev) {
            kernels.addLinear(hPrev, hidden, 0, 4, scratch, x);
        }

        @Override
        Product recurrence(View x, View hPrev) {
            return new Product(hPrev, hidden, null, scratch, x);
        }

        @Override
        void finish(View x, View hPrev, View cPrev, View h, View c) {
            if (projection == null) {
                kernels.lstmCell(functions, x, cPrev, peepholes, h, c);
            } else {
                unprojected.window(x.rows, units);
                kernels.lstmCell(functions, x, cPrev, peepholes, unprojected, c);
                kernels.linear(unprojected, projection, null, projectionScratch, h);
            }
        }
    }

    /** Reset gate after the recurrent product. */
    static final class GruAfter extends RecurrentCell {
        private final GruGates functions;
        private final View hiddenBias;
        private final View recurrent;

        /** @param hiddenBias a row of three gates in panel order; null without */
        GruAfter(GruGates functions, Weights hidden, View hiddenBias, int maxRows, Kernels kernels, Arena arena) {
            super(hidden, 3, kernels, arena);
            this.functions = functions;
            this.hiddenBias = hiddenBias;
            this.recurrent = scratch(arena, maxRows, gateWidth());
        }

        @Override
        void recur(View x, View hPrev) {
            resize(x.rows);
            kernels.linear(hPrev, hidden, hiddenBias, scratch, recurrent);
        }

        @Override
        void resize(int rows) {
            recurrent.window(rows, recurrent.cols);
        }

        @Override
        Product recurrence(View x, View hPrev) {
            return new Product(hPrev, hidden, hiddenBias, scratch, recurrent);
        }

        @Override
        void finish(View x, View hPrev, View cPrev, View h, View c) {
            kernels.gruCell(functions, x, recurrent, hPrev, h);
        }
    }

    /** Reset gate before the recurrent product. */
    static final class GruBefore extends RecurrentCell {
        private final GruGates functions;
        private final View reset;

        GruBefore(GruGates functions, Weights hidden, int maxRows, Kernels kernels, Arena arena) {
            super(hidden, 3, kernels, arena);
            this.functions = functions;
            this.reset = scratch(arena, maxRows, units);
        }

        @Override
        void recur(View x, View hPrev) {
            kernels.addLinear(hPrev, hidden, 0, 2, scratch, x);
        }

        @Override
        Product recurrence(View x, View hPrev) {
            return null;
        }

        @Override
        void finish(View x, View hPrev, View cPrev, View h, View c) {
            reset.window(x.rows, units);
            kernels.gruReset(functions, x, hPrev, reset);
            kernels.addLinear(reset, hidden, 2, 1, scratch, x);
            kernels.gruUpdate(functions, x, hPrev, h);
        }
    }
}
