package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.LANE;
import static dev.rondo.kernel.Vectors.LANES;
import static dev.rondo.kernel.Vectors.NATIVE;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.rondo.graph.Activation;
import dev.rondo.graph.LstmActivations;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Recurrent cells after their products, as passes over the gates in panel order: activate in place, combine with the state, squash the result.
 *
 * <p>Every pass calls the Vector API alone ({@link VectorMath#squash} says why). Gates are padded to whole panels, so the
 * activations need no special end; only loads and stores of values in natural order (h, c) do.
 *
 * <p>{@code at(groups, j)} is the byte in panel order of row j of the first gate; the other gates follow 64 bytes apart.
 */
final class VectorCells {

    private static final int PANEL_BYTES = Weights.PANEL * Float.BYTES;
    private static final int LSTM = 4;
    private static final int GRU = 3;

    private VectorCells() {}

    private static long at(int groups, int j) {
        return (long) (j / Weights.PANEL) * groups * PANEL_BYTES + j % Weights.PANEL * 4;
    }

    private static int blocks(int size) {
        return (size + Weights.PANEL - 1) / Weights.PANEL;
    }

    static void lstm(LstmActivations f, View gates, View cPrev, View peepholes, View h, View c) {
        for (int m = 0; m < h.rows; m++) {
            lstm(
                    f,
                    gates.segment,
                    row(gates, m),
                    peepholes,
                    cPrev.segment,
                    row(cPrev, m),
                    h.segment,
                    row(h, m),
                    c.segment,
                    row(c, m),
                    h.cols);
        }
    }

    private static void lstm(
            LstmActivations f,
            MemorySegment gates,
            long row,
            View peepholes,
            MemorySegment cPrev,
            long from,
            MemorySegment h,
            long toH,
            MemorySegment c,
            long toC,
            int size) {
        boolean standard = peepholes == null && isStandard(f);
        if (standard) {
            squashLstm(gates, row, size);
        } else {
            activateInputs(f, gates, row, peepholes, cPrev, from, size);
        }
        cellState(gates, row, cPrev, from, c, toC, size);
        if (!standard) {
            activateOutput(f, gates, row, peepholes, size);
        }
        if (f.cell().equals(Activation.TANH)) {
            tanh(LSTM, gates, row, size);
        } else {
            activate(f.cell(), LSTM, gates, row, size);
        }
        hidden(gates, row, h, toH, size);
    }

    /** Identity first: comparing five records in every step would show. */
    private static boolean isStandard(LstmActivations f) {
        return f == LstmActivations.STANDARD || f.equals(LstmActivations.STANDARD);
    }

    /** i, f, o = sigmoid, g = tanh, in place. */
    private static void squashLstm(MemorySegment gates, long row, int size) {
        sigmoid(LSTM, gates, row, size, 2 * PANEL_BYTES);
        tanh(LSTM, gates, row + 2 * PANEL_BYTES, size);
        sigmoid(LSTM, gates, row + 3 * PANEL_BYTES, size, PANEL_BYTES);
    }

    /** Sigmoid of the first {@code bytes} of every block from a gate on, in place. */
    private static void sigmoid(int groups, MemorySegment gates, long gate, int size, long bytes) {
        long stride = (long) groups * PANEL_BYTES;
        VectorMath.squash(gates, gate, gate + blocks(size) * stride, stride, bytes, 0.5f, 0.5f);
    }

    /** Hyperbolic tangent of one gate, in place. */
    private static void tanh(int groups, MemorySegment gates, long gate, int size) {
        long stride = (long) groups * PANEL_BYTES;
        VectorMath.squash(gates, gate, gate + blocks(size) * stride, stride, PANEL_BYTES, 1, -0f);
    }

    /** c = f cPrev + i g, of activated gates; also left in the place of i, padding included. */
    private static void cellState(
            MemorySegment gates, long row, MemorySegment cPrev, long from, MemorySegment c, long to, int size) {
        int j = 0;
        for (; j <= size - LANES; j += LANES) {
            long i = row + at(LSTM, j);
            FloatVector in = fromMemorySegment(F, gates, i, NATIVE)
                    .mul(fromMemorySegment(F, gates, i + 2 * PANEL_BYTES, NATIVE));
            FloatVector cell = fromMemorySegment(F, gates, i + PANEL_BYTES, NATIVE)
                    .fma(fromMemorySegment(F, cPrev, from + j * 4L, NATIVE), in);
            cell.intoMemorySegment(gates, i, NATIVE);
            cell.intoMemorySegment(c, to + j * 4L, NATIVE);
        }
        if (j < size) {
            lastCellState(gates, row + at(LSTM, j), cPrev, from + j * 4L, c, to + j * 4L, size - j);
        }
    }

    private static void lastCellState(
            MemorySegment gates, long i, MemorySegment cPrev, long from, MemorySegment c, long to, int lanes) {
        VectorMask<Float> first = LANE.compare(VectorOperators.LT, lanes);
        FloatVector in =
                fromMemorySegment(F, gates, i, NATIVE).mul(fromMemorySegment(F, gates, i + 2 * PANEL_BYTES, NATIVE));
        FloatVector cell = fromMemorySegment(F, gates, i + PANEL_BYTES, NATIVE)
                .fma(fromMemorySegment(F, cPrev, from, NATIVE, first), in);
        cell.intoMemorySegment(gates, i, NATIVE);
        cell.intoMemorySegment(c, to, NATIVE, first);
    }

    /** h = o times what the cell state has become, of an activated o and that value in the place of i. */
    private static void hidden(MemorySegment gates, long row, MemorySegment h, long to, int size) {
        int j = 0;
        for (; j <= size - LANES; j += LANES) {
            long i = row + at(LSTM, j);
            fromMemorySegment(F, gates, i, NATIVE)
                    .mul(fromMemorySegment(F, gates, i + 3 * PANEL_BYTES, NATIVE))
                    .intoMemorySegment(h, to + j * 4L, NATIVE);
        }
        for (; j < size; j++) {
            long i = row + at(LSTM, j);
            put(h, to + j * 4L, get(gates, i) * get(gates, i + 3 * PANEL_BYTES));
        }
    }

    private static void activateInputs(
            LstmActivations f,
            MemorySegment gates,
            long row,
            View peepholes,
            MemorySegment cPrev,
            long from,
            int size) {
        if (peepholes != null) {
            for (int j = 0; j < size; j++) {
                float cell = get(cPrev, from + j * 4L);
                addPeephole(gates, row + at(LSTM, j), peepholes, 0, j, cell);
                addPeephole(gates, row + at(LSTM, j) + PANEL_BYTES, peepholes, 1, j, cell);
            }
        }
        activate(f.input(), LSTM, gates, row, size);
        activate(f.forget(), LSTM, gates, row + PANEL_BYTES, size);
        activate(f.candidate(), LSTM, gates, row + 2 * PANEL_BYTES, size);
    }

    private static void activateOutput(LstmActivations f, MemorySegment gates, long row, View peepholes, int size) {
        if (peepholes != null) {
            for (int j = 0; j < size; j++) {
                long i = row + at(LSTM, j);
                addPeephole(gates, i + 3 * PANEL_BYTES, peepholes, 2, j, get(gates, i));
            }
        }
        activate(f.output(), LSTM, gates, row + 3 * PANEL_BYTES, size);
    }

    private static void addPeephole(MemorySegment gates, long gate, View peepholes, int which, int j, float cell) {
        put(gates, gate, get(gates, gate) + get(peepholes.segment, row(peepholes, which) + j * 4L) * cell);
    }

    /** Applies f to one gate in place: whole panels, padding included. */
    private static void activate(Activation f, int groups, MemorySegment gates, long gate, int size) {
        long stride = (long) groups * PANEL_BYTES;
        if (!VectorActivations.apply(f, gates, gate, stride, gates, gate, stride, blocks(size), Weights.PANEL)) {
            for (int j = 0; j < size; j++) {
                long to = gate + at(groups, j);
                put(gates, to, (float) f.apply(get(gates, to)));
            }
        }
    }

    static void gru(GruGates f, View gatesX, View gatesH, View hPrev, View h) {
        boolean standard = f == GruGates.STANDARD || f.equals(GruGates.STANDARD);
        int size = h.cols;
        MemorySegment x = gatesX.segment;
        MemorySegment u = gatesH.segment;
        for (int m = 0; m < h.rows; m++) {
            long r = row(gatesX, m);
            addRecurrent(x, r, u, row(gatesH, m), size);
            if (standard) {
                sigmoid(GRU, x, r, size, 2 * PANEL_BYTES);
            } else {
                activate(f.reset(), GRU, x, r, size);
                activate(f.update(), GRU, x, r + PANEL_BYTES, size);
            }
            addReset(x, r, u, row(gatesH, m), size);
            candidate(f.candidate(), x, r, size);
            combine(x, r, hPrev.segment, row(hPrev, m), h.segment, row(h, m), size);
        }
    }

    /** x_r += u_r; x_z += u_z. */
    private static void addRecurrent(MemorySegment x, long xRow, MemorySegment u, long uRow, int size) {
        for (int j = 0; j < size; j += LANES) {
            long r = at(GRU, j);
            long z = r + PANEL_BYTES;
            fromMemorySegment(F, x, xRow + r, NATIVE)
                    .add(fromMemorySegment(F, u, uRow + r, NATIVE))
                    .intoMemorySegment(x, xRow + r, NATIVE);
            fromMemorySegment(F, x, xRow + z, NATIVE)
                    .add(fromMemorySegment(F, u, uRow + z, NATIVE))
                    .intoMemorySegment(x, xRow + z, NATIVE);
        }
    }

    /** x_n += r u_n. */
    private static void addReset(MemorySegment x, long xRow, MemorySegment u, long uRow, int size) {
        for (int j = 0; j < size; j += LANES) {
            long r = at(GRU, j);
            long n = r + 2 * PANEL_BYTES;
            fromMemorySegment(F, x, xRow + r, NATIVE)
                    .fma(fromMemorySegment(F, u, uRow + n, NATIVE), fromMemorySegment(F, x, xRow + n, NATIVE))
                    .intoMemorySegment(x, xRow + n, NATIVE);
        }
    }

    private static void candidate(Activation f, MemorySegment gates, long row, int size) {
        if (f.equals(Activation.TANH)) {
            tanh(GRU, gates, row + 2 * PANEL_BYTES, size);
        } else {
            activate(f, GRU, gates, row + 2 * PANEL_BYTES, size);
        }
    }

    /** h = z hPrev + (1 - z) n, of activated gates. */
    private static void combine(
            MemorySegment gates, long row, MemorySegment hPrev, long from, MemorySegment h, long to, int size) {
        FloatVector one = FloatVector.broadcast(F, 1);
        int j = 0;
        for (; j <= size - LANES; j += LANES) {
            long r = row + at(GRU, j);
            FloatVector z = fromMemorySegment(F, gates, r + PANEL_BYTES, NATIVE);
            FloatVector n = one.sub(z).mul(fromMemorySegment(F, gates, r + 2 * PANEL_BYTES, NATIVE));
            z.fma(fromMemorySegment(F, hPrev, from + j * 4L, NATIVE), n).intoMemorySegment(h, to + j * 4L, NATIVE);
        }
        for (; j < size; j++) {
            long r = row + at(GRU, j);
            float z = get(gates, r + PANEL_BYTES);
            float n = (1 - z) * get(gates, r + 2 * PANEL_BYTES);
            put(h, to + j * 4L, Math.fma(z, get(hPrev, from + j * 4L), n));
        }
    }

    static void gruReset(GruGates f, View gates, View hPrev, View resetHidden) {
        for (int m = 0; m < hPrev.rows; m++) {
            long r = row(gates, m);
            if (f.reset().equals(Activation.SIGMOID)) {
                sigmoid(GRU, gates.segment, r, hPrev.cols, PANEL_BYTES);
            } else {
                activate(f.reset(), GRU, gates.segment, r, hPrev.cols);
            }
            reset(gates.segment, r, hPrev.segment, row(hPrev, m), resetHidden.segment, row(resetHidden, m), hPrev.cols);
        }
    }

    /** out = r h, of an activated r. */
    private static void reset(
            MemorySegment gates, long row, MemorySegment h, long from, MemorySegment out, long to, int size) {
        int j = 0;
        for (; j <= size - LANES; j += LANES) {
            fromMemorySegment(F, gates, row + at(GRU, j), NATIVE)
                    .mul(fromMemorySegment(F, h, from + j * 4L, NATIVE))
                    .intoMemorySegment(out, to + j * 4L, NATIVE);
        }
        for (; j < size; j++) {
            put(out, to + j * 4L, get(gates, row + at(GRU, j)) * get(h, from + j * 4L));
        }
    }

    static void gruUpdate(GruGates f, View gates, View hPrev, View h) {
        for (int m = 0; m < h.rows; m++) {
            long r = row(gates, m);
            if (f.update().equals(Activation.SIGMOID)) {
                sigmoid(GRU, gates.segment, r + PANEL_BYTES, h.cols, PANEL_BYTES);
            } else {
                activate(f.update(), GRU, gates.segment, r + PANEL_BYTES, h.cols);
            }
            candidate(f.candidate(), gates.segment, r, h.cols);
            combine(gates.segment, r, hPrev.segment, row(hPrev, m), h.segment, row(h, m), h.cols);
        }
    }
}
