package dev.rondo.train.kernel;

import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.NATIVE;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.rondo.kernel.View;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Steps of an LSTM, the units that fill vectors: passes over one row, which stays in the first-level cache. */
final class VectorLstm {

    private VectorLstm() {}

    static void trace(View recurrent, View x, View c, View gates, View cells, View h, View y) {
        long gate = h.cols * 4L;
        long bytes = VectorElements.whole(h.cols) * 4L;
        MemorySegment g = gates.segment;
        for (int m = 0; m < h.rows && bytes > 0; m++) {
            long i = row(gates, m);
            for (int k = 0; k < 4; k++) {
                long at = k * gate;
                VectorElements.sum(
                        recurrent.segment, row(recurrent, m) + at, x.segment, row(x, m) + at, g, i + at, bytes);
            }
            VectorElements.sigmoid(g, i, 2, gate, bytes);
            VectorElements.tanh(g, i + 2 * gate, bytes);
            VectorElements.sigmoid(g, i + 3 * gate, 1, gate, bytes);
            cell(g, i, gate, c.segment, row(c, m), cells.segment, row(cells, m), h.segment, row(h, m), bytes);
            VectorElements.tanh(h.segment, row(h, m), bytes);
            hidden(g, i + 3 * gate, h.segment, row(h, m), y.segment, row(y, m), bytes);
        }
    }

    /** c = f c + i g, also to two other places. */
    private static void cell(
            MemorySegment gates,
            long i,
            long gate,
            MemorySegment c,
            long cAt,
            MemorySegment cells,
            long cellsAt,
            MemorySegment h,
            long hAt,
            long bytes) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector in = fromMemorySegment(F, gates, i + o, NATIVE)
                    .mul(fromMemorySegment(F, gates, i + 2 * gate + o, NATIVE));
            FloatVector cell =
                    fromMemorySegment(F, gates, i + gate + o, NATIVE).fma(fromMemorySegment(F, c, cAt + o, NATIVE), in);
            cell.intoMemorySegment(c, cAt + o, NATIVE);
            cell.intoMemorySegment(cells, cellsAt + o, NATIVE);
            cell.intoMemorySegment(h, hAt + o, NATIVE);
        }
    }

    /** h = y = o h. */
    private static void hidden(
            MemorySegment gates, long output, MemorySegment h, long hAt, MemorySegment y, long yAt, long bytes) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v =
                    fromMemorySegment(F, gates, output + o, NATIVE).mul(fromMemorySegment(F, h, hAt + o, NATIVE));
            v.intoMemorySegment(h, hAt + o, NATIVE);
            v.intoMemorySegment(y, yAt + o, NATIVE);
        }
    }

    static void backward(View gates, View cells, View cPrev, View dy, View dh, View dc, View dz, View rows) {
        long gate = cells.cols * 4L;
        long bytes = VectorElements.whole(cells.cols) * 4L;
        for (int m = 0; m < cells.rows && bytes > 0; m++) {
            long z = row(rows, m);
            // tanh c waits where the gradient of i will stand.
            VectorElements.copy(cells.segment, row(cells, m), rows.segment, z, bytes);
            VectorElements.tanh(rows.segment, z, bytes);
            output(
                    gates.segment,
                    row(gates, m),
                    gate,
                    dy.segment,
                    row(dy, m),
                    dh.segment,
                    row(dh, m),
                    dc.segment,
                    row(dc, m),
                    dz.segment,
                    row(dz, m),
                    rows.segment,
                    z,
                    bytes);
            inputs(
                    gates.segment,
                    row(gates, m),
                    gate,
                    cPrev.segment,
                    row(cPrev, m),
                    dc.segment,
                    row(dc, m),
                    dz.segment,
                    row(dz, m),
                    rows.segment,
                    z,
                    bytes);
        }
    }

    /** δh = dy + dh, dc += δh o (1 - tanh² c), and the gradient of o. */
    private static void output(
            MemorySegment gates,
            long i,
            long gate,
            MemorySegment dy,
            long dyAt,
            MemorySegment dh,
            long dhAt,
            MemorySegment dc,
            long dcAt,
            MemorySegment dz,
            long dzAt,
            MemorySegment rows,
            long rowAt,
            long bytes) {
        FloatVector one = broadcast(F, 1);
        long last = 3 * gate;
        for (long p = 0; p < bytes; p += BYTES) {
            FloatVector tanh = fromMemorySegment(F, rows, rowAt + p, NATIVE);
            FloatVector o = fromMemorySegment(F, gates, i + last + p, NATIVE);
            FloatVector through = fromMemorySegment(F, dy, dyAt + p, NATIVE)
                    .add(fromMemorySegment(F, dh, dhAt + p, NATIVE))
                    .mul(o);
            through.fma(one.sub(tanh.mul(tanh)), fromMemorySegment(F, dc, dcAt + p, NATIVE))
                    .intoMemorySegment(dc, dcAt + p, NATIVE);
            FloatVector gradient = one.sub(o).mul(through).mul(tanh);
            gradient.intoMemorySegment(dz, dzAt + last + p, NATIVE);
            gradient.intoMemorySegment(rows, rowAt + last + p, NATIVE);
        }
    }

    /** The gradients of i, f and g, and dc of the step before. */
    private static void inputs(
            MemorySegment gates,
            long i,
            long gate,
            MemorySegment cPrev,
            long cAt,
            MemorySegment dc,
            long dcAt,
            MemorySegment dz,
            long dzAt,
            MemorySegment rows,
            long rowAt,
            long bytes) {
        FloatVector one = broadcast(F, 1);
        for (long p = 0; p < bytes; p += BYTES) {
            FloatVector cell = fromMemorySegment(F, dc, dcAt + p, NATIVE);
            FloatVector in = fromMemorySegment(F, gates, i + p, NATIVE);
            FloatVector g = fromMemorySegment(F, gates, i + 2 * gate + p, NATIVE);
            FloatVector fromIn = cell.mul(in);
            FloatVector gradient = one.sub(in).mul(fromIn).mul(g);
            gradient.intoMemorySegment(dz, dzAt + p, NATIVE);
            gradient.intoMemorySegment(rows, rowAt + p, NATIVE);
            gradient = one.sub(g.mul(g)).mul(fromIn);
            gradient.intoMemorySegment(dz, dzAt + 2 * gate + p, NATIVE);
            gradient.intoMemorySegment(rows, rowAt + 2 * gate + p, NATIVE);
            FloatVector f = fromMemorySegment(F, gates, i + gate + p, NATIVE);
            FloatVector fromForget = cell.mul(f);
            fromForget.intoMemorySegment(dc, dcAt + p, NATIVE);
            gradient = one.sub(f).mul(fromForget).mul(fromMemorySegment(F, cPrev, cAt + p, NATIVE));
            gradient.intoMemorySegment(dz, dzAt + gate + p, NATIVE);
            gradient.intoMemorySegment(rows, rowAt + gate + p, NATIVE);
        }
    }
}
