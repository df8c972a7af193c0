package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.VectorMath.HALF;
import static dev.rondo.kernel.VectorMath.ONE;
import static dev.rondo.kernel.VectorMath.P1;
import static dev.rondo.kernel.VectorMath.P2;
import static dev.rondo.kernel.VectorMath.P3;
import static dev.rondo.kernel.VectorMath.P4;
import static dev.rondo.kernel.VectorMath.P5;
import static dev.rondo.kernel.VectorMath.Q1;
import static dev.rondo.kernel.VectorMath.Q2;
import static dev.rondo.kernel.VectorMath.Q3;
import static dev.rondo.kernel.VectorMath.Q4;
import static dev.rondo.kernel.VectorMath.TANH_LIMIT;
import static dev.rondo.kernel.VectorMath.TANH_LOW;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
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
 * Recurrent cells after their products, over gates in panel order. The usual LSTM and GRU are one pass over whole panels; all others, and the rest of a
 * panel, are several: activate in place, combine with the state, squash the result.
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
        boolean standard = peepholes == null && isStandard(f);
        int done = standard ? h.cols / Weights.PANEL * Weights.PANEL : 0;
        int size = h.cols - done;
        for (int m = 0; m < h.rows; m++) {
            MemorySegment g = gates.segment;
            long i = row(gates, m);
            long from = row(cPrev, m);
            long toH = row(h, m);
            long toC = row(c, m);
            for (long v = 0; done > 0 && v < PANEL_BYTES; v += BYTES) {
                standardLstm(
                        g,
                        i + v,
                        cPrev.segment,
                        from + v,
                        h.segment,
                        toH + v,
                        c.segment,
                        toC + v,
                        i + v + done * 4L * LSTM,
                        (long) LSTM * PANEL_BYTES,
                        PANEL_BYTES);
            }
            if (size > 0) {
                long past = done * 4L;
                i += past * LSTM;
                lstm(
                        f,
                        g,
                        i,
                        peepholes,
                        cPrev.segment,
                        from + past,
                        h.segment,
                        toH + past,
                        c.segment,
                        toC + past,
                        size);
            }
        }
    }

    /** Any cell, and what is left of a standard one, in several passes. */
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

    /**
     * The whole standard cell in one pass, for one vector of every panel; the arithmetic is that of {@link VectorMath#squash}, written out because a
     * vector must not cross a call. The strides are arguments: with constant ones C2 counts the loop, hoists its range checks by profile, and in a
     * busy JVM throws the compilation away again and again.
     */
    private static void standardLstm(
            MemorySegment gates,
            long row,
            MemorySegment cPrev,
            long from,
            MemorySegment h,
            long toH,
            MemorySegment c,
            long toC,
            long end,
            long stride,
            long step) {
        long past = 0;
        for (long at = row; at < end; at += stride, past += step) {
            FloatVector i = fromMemorySegment(F, gates, at, NATIVE).mul(HALF);
            i = i.blend(TANH_LIMIT, i.compare(VectorOperators.GT, TANH_LIMIT));
            i = i.blend(TANH_LOW, i.compare(VectorOperators.LT, TANH_LOW));
            FloatVector square = i.mul(i);
            FloatVector p = square.fma(P5, P4)
                    .fma(square, P3)
                    .fma(square, P2)
                    .fma(square, P1)
                    .fma(square, ONE);
            FloatVector q = square.fma(Q4, Q3).fma(square, Q2).fma(square, Q1).fma(square, ONE);
            i = p.mul(i).div(q).fma(HALF, HALF);
            FloatVector f =
                    fromMemorySegment(F, gates, at + PANEL_BYTES, NATIVE).mul(HALF);
            f = f.blend(TANH_LIMIT, f.compare(VectorOperators.GT, TANH_LIMIT));
            f = f.blend(TANH_LOW, f.compare(VectorOperators.LT, TANH_LOW));
            square = f.mul(f);
            p = square.fma(P5, P4)
                    .fma(square, P3)
                    .fma(square, P2)
                    .fma(square, P1)
                    .fma(square, ONE);
            q = square.fma(Q4, Q3).fma(square, Q2).fma(square, Q1).fma(square, ONE);
            f = p.mul(f).div(q).fma(HALF, HALF);
            FloatVector g = fromMemorySegment(F, gates, at + 2 * PANEL_BYTES, NATIVE);
            g = g.blend(TANH_LIMIT, g.compare(VectorOperators.GT, TANH_LIMIT));
            g = g.blend(TANH_LOW, g.compare(VectorOperators.LT, TANH_LOW));
            square = g.mul(g);
            p = square.fma(P5, P4)
                    .fma(square, P3)
                    .fma(square, P2)
                    .fma(square, P1)
                    .fma(square, ONE);
            q = square.fma(Q4, Q3).fma(square, Q2).fma(square, Q1).fma(square, ONE);
            g = p.mul(g).div(q);
            FloatVector o =
                    fromMemorySegment(F, gates, at + 3 * PANEL_BYTES, NATIVE).mul(HALF);
            o = o.blend(TANH_LIMIT, o.compare(VectorOperators.GT, TANH_LIMIT));
            o = o.blend(TANH_LOW, o.compare(VectorOperators.LT, TANH_LOW));
            square = o.mul(o);
            p = square.fma(P5, P4)
                    .fma(square, P3)
                    .fma(square, P2)
                    .fma(square, P1)
                    .fma(square, ONE);
            q = square.fma(Q4, Q3).fma(square, Q2).fma(square, Q1).fma(square, ONE);
            o = p.mul(o).div(q).fma(HALF, HALF);
            FloatVector cell = f.fma(fromMemorySegment(F, cPrev, from + past, NATIVE), i.mul(g));
            cell.intoMemorySegment(c, toC + past, NATIVE);
            FloatVector t = cell;
            t = t.blend(TANH_LIMIT, t.compare(VectorOperators.GT, TANH_LIMIT));
            t = t.blend(TANH_LOW, t.compare(VectorOperators.LT, TANH_LOW));
            square = t.mul(t);
            p = square.fma(P5, P4)
                    .fma(square, P3)
                    .fma(square, P2)
                    .fma(square, P1)
                    .fma(square, ONE);
            q = square.fma(Q4, Q3).fma(square, Q2).fma(square, Q1).fma(square, ONE);
            t = p.mul(t).div(q);
            t.mul(o).intoMemorySegment(h, toH + past, NATIVE);
        }
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
        VectorMask<Float> first = F.indexInRange(0, lanes);
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
        int done = standard ? h.cols / Weights.PANEL * Weights.PANEL : 0;
        long past = done * 4L;
        int size = h.cols - done;
        MemorySegment x = gatesX.segment;
        MemorySegment u = gatesH.segment;
        for (int m = 0; m < h.rows; m++) {
            long r = row(gatesX, m);
            long ur = row(gatesH, m);
            long from = row(hPrev, m);
            long to = row(h, m);
            for (long v = 0; done > 0 && v < PANEL_BYTES; v += BYTES) {
                standardGru(
                        x,
                        r + v,
                        u,
                        ur + v,
                        hPrev.segment,
                        from + v,
                        h.segment,
                        to + v,
                        r + v + past * GRU,
                        (long) GRU * PANEL_BYTES,
                        PANEL_BYTES);
            }
            if (size > 0) {
                r += past * GRU;
                ur += past * GRU;
                addRecurrent(x, r, u, ur, size);
                if (standard) {
                    sigmoid(GRU, x, r, size, 2 * PANEL_BYTES);
                } else {
                    activate(f.reset(), GRU, x, r, size);
                    activate(f.update(), GRU, x, r + PANEL_BYTES, size);
                }
                addReset(x, r, u, ur, size);
                candidate(f.candidate(), x, r, size);
                combine(x, r, hPrev.segment, from + past, h.segment, to + past, size);
            }
        }
    }

    /** The whole standard cell for whole panels, as {@link #standardLstm}. */
    private static void standardGru(
            MemorySegment x,
            long xRow,
            MemorySegment u,
            long uRow,
            MemorySegment hPrev,
            long from,
            MemorySegment h,
            long to,
            long end,
            long stride,
            long step) {
        long uAt = uRow;
        long past = 0;
        for (long at = xRow; at < end; at += stride, uAt += stride, past += step) {
            FloatVector r = fromMemorySegment(F, x, at, NATIVE)
                    .add(fromMemorySegment(F, u, uAt, NATIVE))
                    .mul(HALF);
            r = r.blend(TANH_LIMIT, r.compare(VectorOperators.GT, TANH_LIMIT));
            r = r.blend(TANH_LOW, r.compare(VectorOperators.LT, TANH_LOW));
            FloatVector square = r.mul(r);
            FloatVector p = square.fma(P5, P4)
                    .fma(square, P3)
                    .fma(square, P2)
                    .fma(square, P1)
                    .fma(square, ONE);
            FloatVector q = square.fma(Q4, Q3).fma(square, Q2).fma(square, Q1).fma(square, ONE);
            r = p.mul(r).div(q).fma(HALF, HALF);
            FloatVector z = fromMemorySegment(F, x, at + PANEL_BYTES, NATIVE)
                    .add(fromMemorySegment(F, u, uAt + PANEL_BYTES, NATIVE))
                    .mul(HALF);
            z = z.blend(TANH_LIMIT, z.compare(VectorOperators.GT, TANH_LIMIT));
            z = z.blend(TANH_LOW, z.compare(VectorOperators.LT, TANH_LOW));
            square = z.mul(z);
            p = square.fma(P5, P4)
                    .fma(square, P3)
                    .fma(square, P2)
                    .fma(square, P1)
                    .fma(square, ONE);
            q = square.fma(Q4, Q3).fma(square, Q2).fma(square, Q1).fma(square, ONE);
            z = p.mul(z).div(q).fma(HALF, HALF);
            FloatVector n = fromMemorySegment(F, u, uAt + 2 * PANEL_BYTES, NATIVE)
                    .fma(r, fromMemorySegment(F, x, at + 2 * PANEL_BYTES, NATIVE));
            n = n.blend(TANH_LIMIT, n.compare(VectorOperators.GT, TANH_LIMIT));
            n = n.blend(TANH_LOW, n.compare(VectorOperators.LT, TANH_LOW));
            square = n.mul(n);
            p = square.fma(P5, P4)
                    .fma(square, P3)
                    .fma(square, P2)
                    .fma(square, P1)
                    .fma(square, ONE);
            q = square.fma(Q4, Q3).fma(square, Q2).fma(square, Q1).fma(square, ONE);
            n = p.mul(n).div(q);
            n = ONE.sub(z).mul(n);
            fromMemorySegment(F, hPrev, from + past, NATIVE).fma(z, n).intoMemorySegment(h, to + past, NATIVE);
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
