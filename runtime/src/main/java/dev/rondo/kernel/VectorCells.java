package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.Vectors.LANES;
import static dev.rondo.kernel.Vectors.all;
import static dev.rondo.kernel.Vectors.load;
import static dev.rondo.kernel.Vectors.store;

import dev.rondo.graph.Activation;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Recurrent cells after their products. The standard functions are fused with the cell, in methods of at most three activations each:
 * C2 stops inlining at some number of nodes, and then boxes vectors. Other functions are applied to the gates in place first.
 *
 * <p>Loops count rows j of a gate; {@code at(groups, j)} is the byte in panel order of row j of the first gate, and the other gates follow 64 bytes
 * apart. Gates are padded to whole panels, so only values in natural order (h, c) need care at the end.
 */
final class VectorCells {

    private static final int PANEL_BYTES = Weights.PANEL * Float.BYTES;
    private static final int LSTM = 4;
    private static final int GRU = 3;

    private VectorCells() {}

    /** Byte of row j of gate 0 in a row of gates in panel order. */
    private static long at(int groups, int j) {
        return (long) (j / Weights.PANEL) * groups * PANEL_BYTES + j % Weights.PANEL * 4;
    }

    static void lstm(LstmGates f, View gates, View cPrev, View peepholes, View h, View c) {
        if (peepholes != null || !f.equals(LstmGates.STANDARD)) {
            anyLstm(f, gates, cPrev, peepholes, h, c);
            return;
        }
        for (int m = 0; m < h.rows; m++) {
            cellState(gates.segment, row(gates, m), cPrev.segment, row(cPrev, m), c.segment, row(c, m), h.cols);
            hidden(gates.segment, row(gates, m), c.segment, row(c, m), h.segment, row(h, m), h.cols);
        }
    }

    /** c = sigmoid(f) cPrev + sigmoid(i) tanh(g). */
    private static void cellState(
            MemorySegment gates, long row, MemorySegment cPrev, long from, MemorySegment c, long to, int size) {
        int j = 0;
        for (; j <= size - LANES; j += LANES) {
            long g = row + at(LSTM, j);
            FloatVector i = VectorMath.gate(load(gates, g)).mul(VectorMath.tanh(load(gates, g + 2 * PANEL_BYTES)));
            FloatVector forget = VectorMath.gate(load(gates, g + PANEL_BYTES));
            store(forget.fma(load(cPrev, from + j * 4L), i), c, to + j * 4L);
        }
        if (j < size) {
            VectorMask<Float> first = Vectors.first(size - j);
            long g = row + at(LSTM, j);
            FloatVector i = VectorMath.gate(load(gates, g)).mul(VectorMath.tanh(load(gates, g + 2 * PANEL_BYTES)));
            FloatVector forget = VectorMath.gate(load(gates, g + PANEL_BYTES));
            store(forget.fma(load(cPrev, from + j * 4L, first), i), c, to + j * 4L, first);
        }
    }

    /** h = sigmoid(o) tanh(c). */
    private static void hidden(
            MemorySegment gates, long row, MemorySegment c, long from, MemorySegment h, long to, int size) {
        int j = 0;
        for (; j <= size - LANES; j += LANES) {
            FloatVector o = VectorMath.gate(load(gates, row + at(LSTM, j) + 3 * PANEL_BYTES));
            store(o.mul(VectorMath.tanh(load(c, from + j * 4L))), h, to + j * 4L);
        }
        if (j < size) {
            VectorMask<Float> first = Vectors.first(size - j);
            FloatVector o = VectorMath.gate(load(gates, row + at(LSTM, j) + 3 * PANEL_BYTES));
            store(o.mul(VectorMath.tanh(load(c, from + j * 4L, first))), h, to + j * 4L, first);
        }
    }

    private static void anyLstm(LstmGates f, View gates, View cPrev, View peepholes, View h, View c) {
        for (int m = 0; m < h.rows; m++) {
            MemorySegment g = gates.segment;
            long i = row(gates, m);
            long forget = i + PANEL_BYTES;
            long candidate = i + 2 * PANEL_BYTES;
            long o = i + 3 * PANEL_BYTES;
            int size = h.cols;
            if (peepholes != null) {
                addPeephole(g, i, peepholes, 0, cPrev.segment, row(cPrev, m), size);
                addPeephole(g, forget, peepholes, 1, cPrev.segment, row(cPrev, m), size);
            }
            activate(f.input(), LSTM, g, i, size);
            activate(f.forget(), LSTM, g, forget, size);
            activate(f.candidate(), LSTM, g, candidate, size);
            combineState(g, i, cPrev.segment, row(cPrev, m), c.segment, row(c, m), size);
            if (peepholes != null) {
                addPeephole(g, o, peepholes, 2, c.segment, row(c, m), size);
            }
            activate(f.output(), LSTM, g, o, size);
            boolean done = VectorActivations.apply(f.cell(), c.segment, row(c, m), 0, h.segment, row(h, m), 0, 1, size);
            for (int j = 0; j < size; j++) {
                float cell = done
                        ? Memory.get(h.segment, row(h, m) + j * 4L)
                        : (float) f.cell().apply(Memory.get(c.segment, row(c, m) + j * 4L));
                Memory.put(h.segment, row(h, m) + j * 4L, Memory.get(g, o + at(LSTM, j)) * cell);
            }
        }
    }

    /** gate += peephole cell. */
    private static void addPeephole(
            MemorySegment gates, long gate, View peepholes, int which, MemorySegment c, long from, int size) {
        long p = row(peepholes, which);
        for (int j = 0; j < size; j++) {
            long to = gate + at(LSTM, j);
            float product = Memory.get(peepholes.segment, p + j * 4L) * Memory.get(c, from + j * 4L);
            Memory.put(gates, to, Memory.get(gates, to) + product);
        }
    }

    /** c = f cPrev + i g, of gates already activated. */
    private static void combineState(
            MemorySegment gates, long row, MemorySegment cPrev, long from, MemorySegment c, long to, int size) {
        for (int j = 0; j < size; j++) {
            long g = row + at(LSTM, j);
            float in = Memory.get(gates, g) * Memory.get(gates, g + 2 * PANEL_BYTES);
            float cell = Math.fma(Memory.get(gates, g + PANEL_BYTES), Memory.get(cPrev, from + j * 4L), in);
            Memory.put(c, to + j * 4L, cell);
        }
    }

    /** Applies f to one gate in place: whole panels, padding included. */
    private static void activate(Activation f, int groups, MemorySegment gates, long gate, int size) {
        int blocks = (size + Weights.PANEL - 1) / Weights.PANEL;
        long stride = (long) groups * PANEL_BYTES;
        if (!VectorActivations.apply(f, gates, gate, stride, gates, gate, stride, blocks, Weights.PANEL)) {
            for (int j = 0; j < size; j++) {
                long to = gate + at(groups, j);
                Memory.put(gates, to, (float) f.apply(Memory.get(gates, to)));
            }
        }
    }

    static void gru(GruGates f, View gatesX, View gatesH, View hPrev, View h) {
        boolean standard = f.equals(GruGates.STANDARD);
        for (int m = 0; m < h.rows; m++) {
            long x = row(gatesX, m);
            long u = row(gatesH, m);
            resetAfter(f.reset(), gatesX.segment, x, gatesH.segment, u, h.cols);
            update(f, standard, gatesX.segment, x, hPrev.segment, row(hPrev, m), h.segment, row(h, m), h.cols);
        }
    }

    /** x_n += sigmoid(x_r + u_r) u_n; x_z += u_z. */
    private static void resetAfter(Activation reset, MemorySegment x, long xRow, MemorySegment u, long uRow, int size) {
        boolean standard = reset.equals(Activation.SIGMOID);
        if (!standard) {
            for (int j = 0; j < size; j += LANES) {
                long g = at(GRU, j);
                store(load(x, xRow + g).add(load(u, uRow + g)), x, xRow + g);
            }
            activate(reset, GRU, x, xRow, size);
            for (int j = 0; j < size; j += LANES) {
                addReset(load(x, xRow + at(GRU, j)), x, xRow + at(GRU, j), u, uRow + at(GRU, j));
            }
            return;
        }
        for (int j = 0; j < size; j += LANES) {
            long g = at(GRU, j);
            FloatVector r = VectorMath.gate(load(x, xRow + g).add(load(u, uRow + g)));
            addReset(r, x, xRow + g, u, uRow + g);
        }
    }

    private static void addReset(FloatVector r, MemorySegment x, long xAt, MemorySegment u, long uAt) {
        store(load(x, xAt + PANEL_BYTES).add(load(u, uAt + PANEL_BYTES)), x, xAt + PANEL_BYTES);
        FloatVector n = r.fma(load(u, uAt + 2 * PANEL_BYTES), load(x, xAt + 2 * PANEL_BYTES));
        store(n, x, xAt + 2 * PANEL_BYTES);
    }

    static void gruReset(GruGates f, View gates, View hPrev, View resetHidden) {
        for (int m = 0; m < hPrev.rows; m++) {
            activate(f.reset(), GRU, gates.segment, row(gates, m), hPrev.cols);
            reset(
                    gates.segment,
                    row(gates, m),
                    hPrev.segment,
                    row(hPrev, m),
                    resetHidden.segment,
                    row(resetHidden, m),
                    hPrev.cols);
        }
    }

    /** out = r h, of a gate already activated. */
    private static void reset(
            MemorySegment gates, long row, MemorySegment h, long from, MemorySegment out, long to, int size) {
        int j = 0;
        for (; j <= size - LANES; j += LANES) {
            store(load(gates, row + at(GRU, j)).mul(load(h, from + j * 4L)), out, to + j * 4L);
        }
        for (; j < size; j++) {
            Memory.put(out, to + j * 4L, Memory.get(gates, row + at(GRU, j)) * Memory.get(h, from + j * 4L));
        }
    }

    static void gruUpdate(GruGates f, View gates, View hPrev, View h) {
        boolean standard = f.equals(GruGates.STANDARD);
        for (int m = 0; m < h.rows; m++) {
            update(
                    f,
                    standard,
                    gates.segment,
                    row(gates, m),
                    hPrev.segment,
                    row(hPrev, m),
                    h.segment,
                    row(h, m),
                    h.cols);
        }
    }

    private static void update(
            GruGates f,
            boolean standard,
            MemorySegment gates,
            long row,
            MemorySegment hPrev,
            long from,
            MemorySegment h,
            long to,
            int size) {
        if (standard) {
            standardUpdate(gates, row, hPrev, from, h, to, size);
            return;
        }
        activate(f.update(), GRU, gates, row + PANEL_BYTES, size);
        activate(f.candidate(), GRU, gates, row + 2 * PANEL_BYTES, size);
        for (int j = 0; j < size; j++) {
            float z = Memory.get(gates, row + at(GRU, j) + PANEL_BYTES);
            float n = Memory.get(gates, row + at(GRU, j) + 2 * PANEL_BYTES);
            Memory.put(h, to + j * 4L, Math.fma(z, Memory.get(hPrev, from + j * 4L), (1 - z) * n));
        }
    }

    /** h = z hPrev + (1 - z) n with z = sigmoid, n = tanh of the gates. */
    private static void standardUpdate(
            MemorySegment gates, long row, MemorySegment hPrev, long from, MemorySegment h, long to, int size) {
        int j = 0;
        for (; j <= size - LANES; j += LANES) {
            long g = row + at(GRU, j);
            FloatVector z = VectorMath.gate(load(gates, g + PANEL_BYTES));
            FloatVector n = VectorMath.tanh(load(gates, g + 2 * PANEL_BYTES)).mul(all(1f).sub(z));
            store(z.fma(load(hPrev, from + j * 4L), n), h, to + j * 4L);
        }
        if (j < size) {
            VectorMask<Float> first = Vectors.first(size - j);
            long g = row + at(GRU, j);
            FloatVector z = VectorMath.gate(load(gates, g + PANEL_BYTES));
            FloatVector n = VectorMath.tanh(load(gates, g + 2 * PANEL_BYTES)).mul(all(1f).sub(z));
            store(z.fma(load(hPrev, from + j * 4L, first), n), h, to + j * 4L, first);
        }
    }
}
