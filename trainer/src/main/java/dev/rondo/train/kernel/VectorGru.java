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

/** Steps of a GRU, the units that fill vectors: passes over one row, which stays in the first-level cache. */
final class VectorGru {

    private VectorGru() {}

    static void traceAfter(View product, View x, View h, View gates, View recurrent, View y) {
        long gate = h.cols * 4L;
        long bytes = VectorElements.whole(h.cols) * 4L;
        MemorySegment g = gates.segment;
        for (int m = 0; m < h.rows && bytes > 0; m++) {
            long r = row(gates, m);
            long u = row(product, m);
            gates(product, x, gates, m, gate, bytes);
            long n = 2 * gate;
            candidate(
                    g,
                    r,
                    product.segment,
                    u + n,
                    x.segment,
                    row(x, m) + n,
                    recurrent.segment,
                    row(recurrent, m),
                    g,
                    r + n,
                    bytes);
            VectorElements.tanh(g, r + n, bytes);
            update(g, r + gate, gate, h.segment, row(h, m), y.segment, row(y, m), bytes);
        }
    }

    /** r and z after their activations. */
    private static void gates(View product, View x, View gates, int m, long gate, long bytes) {
        for (int k = 0; k < 2; k++) {
            VectorElements.sum(
                    product.segment,
                    row(product, m) + k * gate,
                    x.segment,
                    row(x, m) + k * gate,
                    gates.segment,
                    row(gates, m) + k * gate,
                    bytes);
        }
        VectorElements.sigmoid(gates.segment, row(gates, m), 2, gate, bytes);
    }

    /** n = x + r u before its activation; u also where it is kept. */
    private static void candidate(
            MemorySegment gates,
            long r,
            MemorySegment product,
            long u,
            MemorySegment x,
            long xAt,
            MemorySegment recurrent,
            long recurrentAt,
            MemorySegment out,
            long to,
            long bytes) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, product, u + o, NATIVE);
            v.intoMemorySegment(recurrent, recurrentAt + o, NATIVE);
            fromMemorySegment(F, gates, r + o, NATIVE)
                    .fma(v, fromMemorySegment(F, x, xAt + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
    }

    /** h = y = z h + (1 - z) n. */
    private static void update(
            MemorySegment gates, long z, long gate, MemorySegment h, long hAt, MemorySegment y, long yAt, long bytes) {
        FloatVector one = broadcast(F, 1);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector update = fromMemorySegment(F, gates, z + o, NATIVE);
            FloatVector v = update.fma(
                    fromMemorySegment(F, h, hAt + o, NATIVE),
                    one.sub(update).mul(fromMemorySegment(F, gates, z + gate + o, NATIVE)));
            v.intoMemorySegment(h, hAt + o, NATIVE);
            v.intoMemorySegment(y, yAt + o, NATIVE);
        }
    }

    static void traceReset(View product, View x, View h, View gates, View recurrent, View reset) {
        long gate = h.cols * 4L;
        long bytes = VectorElements.whole(h.cols) * 4L;
        for (int m = 0; m < h.rows && bytes > 0; m++) {
            gates(product, x, gates, m, gate, bytes);
            reset(
                    gates.segment,
                    row(gates, m),
                    h.segment,
                    row(h, m),
                    recurrent.segment,
                    row(recurrent, m),
                    reset.segment,
                    row(reset, m),
                    bytes);
        }
    }

    /** r h, to both places. */
    private static void reset(
            MemorySegment gates,
            long r,
            MemorySegment h,
            long hAt,
            MemorySegment recurrent,
            long recurrentAt,
            MemorySegment out,
            long to,
            long bytes) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, gates, r + o, NATIVE).mul(fromMemorySegment(F, h, hAt + o, NATIVE));
            v.intoMemorySegment(recurrent, recurrentAt + o, NATIVE);
            v.intoMemorySegment(out, to + o, NATIVE);
        }
    }

    static void traceCandidate(View product, View x, View h, View gates, View y) {
        long gate = h.cols * 4L;
        long n = 2 * gate;
        long bytes = VectorElements.whole(h.cols) * 4L;
        MemorySegment g = gates.segment;
        for (int m = 0; m < h.rows && bytes > 0; m++) {
            long r = row(gates, m);
            VectorElements.sum(product.segment, row(product, m), x.segment, row(x, m) + n, g, r + n, bytes);
            VectorElements.tanh(g, r + n, bytes);
            update(g, r + gate, gate, h.segment, row(h, m), y.segment, row(y, m), bytes);
        }
    }

    static void backwardAfter(View gates, View recurrent, View before, View dy, View dh, View dz, View rows) {
        long gate = dh.cols * 4L;
        long bytes = VectorElements.whole(dh.cols) * 4L;
        for (int m = 0; m < dh.rows && bytes > 0; m++) {
            // dz_n stays in the rows until r is multiplied in.
            updateBackward(gates, before, dy, dh, dz, rows, m, gate, rows, row(rows, m) + 2 * gate, bytes);
            afterBackward(
                    gates.segment,
                    row(gates, m),
                    recurrent.segment,
                    row(recurrent, m),
                    dz.segment,
                    row(dz, m),
                    rows.segment,
                    row(rows, m),
                    2 * gate,
                    bytes);
        }
    }

    private static void updateBackward(
            View gates,
            View before,
            View dy,
            View dh,
            View dz,
            View rows,
            int m,
            long gate,
            View candidate,
            long candidateAt,
            long bytes) {
        updateBackward(
                gates.segment,
                row(gates, m) + gate,
                gate,
                before.segment,
                row(before, m),
                dy.segment,
                row(dy, m),
                dh.segment,
                row(dh, m),
                dz.segment,
                row(dz, m) + gate,
                rows.segment,
                row(rows, m) + gate,
                candidate.segment,
                candidateAt,
                bytes);
    }

    /** The gradients of z and n, and of the state before through z. */
    private static void updateBackward(
            MemorySegment gates,
            long zAt,
            long gate,
            MemorySegment before,
            long beforeAt,
            MemorySegment dy,
            long dyAt,
            MemorySegment dh,
            long dhAt,
            MemorySegment dz,
            long dzAt,
            MemorySegment rows,
            long rowAt,
            MemorySegment candidate,
            long candidateAt,
            long bytes) {
        FloatVector one = broadcast(F, 1);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector z = fromMemorySegment(F, gates, zAt + o, NATIVE);
            FloatVector n = fromMemorySegment(F, gates, zAt + gate + o, NATIVE);
            FloatVector hidden =
                    fromMemorySegment(F, dy, dyAt + o, NATIVE).add(fromMemorySegment(F, dh, dhAt + o, NATIVE));
            FloatVector kept = hidden.mul(z);
            kept.intoMemorySegment(dh, dhAt + o, NATIVE);
            FloatVector rest = one.sub(z);
            FloatVector gradient = fromMemorySegment(F, before, beforeAt + o, NATIVE)
                    .sub(n)
                    .mul(rest)
                    .mul(kept);
            gradient.intoMemorySegment(dz, dzAt + o, NATIVE);
            gradient.intoMemorySegment(rows, rowAt + o, NATIVE);
            gradient = one.sub(n.mul(n)).mul(rest).mul(hidden);
            gradient.intoMemorySegment(dz, dzAt + gate + o, NATIVE);
            gradient.intoMemorySegment(candidate, candidateAt + o, NATIVE);
        }
    }

    /** The gradient of r, and r multiplied into that of n. */
    private static void afterBackward(
            MemorySegment gates,
            long rAt,
            MemorySegment recurrent,
            long recurrentAt,
            MemorySegment dz,
            long dzAt,
            MemorySegment rows,
            long rowAt,
            long n,
            long bytes) {
        FloatVector one = broadcast(F, 1);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector r = fromMemorySegment(F, gates, rAt + o, NATIVE);
            FloatVector through =
                    fromMemorySegment(F, rows, rowAt + n + o, NATIVE).mul(r);
            through.intoMemorySegment(rows, rowAt + n + o, NATIVE);
            FloatVector gradient = one.sub(r)
                    .mul(fromMemorySegment(F, recurrent, recurrentAt + o, NATIVE))
                    .mul(through);
            gradient.intoMemorySegment(dz, dzAt + o, NATIVE);
            gradient.intoMemorySegment(rows, rowAt + o, NATIVE);
        }
    }

    static void backwardCandidate(View gates, View before, View dy, View dh, View dz, View rows, View candidate) {
        long gate = dh.cols * 4L;
        long bytes = VectorElements.whole(dh.cols) * 4L;
        for (int m = 0; m < dh.rows && bytes > 0; m++) {
            updateBackward(gates, before, dy, dh, dz, rows, m, gate, candidate, row(candidate, m), bytes);
        }
    }

    static void backwardReset(View gates, View before, View product, View dh, View dz, View rows) {
        long bytes = VectorElements.whole(dh.cols) * 4L;
        for (int m = 0; m < dh.rows && bytes > 0; m++) {
            resetBackward(
                    gates.segment,
                    row(gates, m),
                    before.segment,
                    row(before, m),
                    product.segment,
                    row(product, m),
                    dh.segment,
                    row(dh, m),
                    dz.segment,
                    row(dz, m),
                    rows.segment,
                    row(rows, m),
                    bytes);
        }
    }

    /** The gradient of r, and of the state before through r. */
    private static void resetBackward(
            MemorySegment gates,
            long rAt,
            MemorySegment before,
            long beforeAt,
            MemorySegment product,
            long productAt,
            MemorySegment dh,
            long dhAt,
            MemorySegment dz,
            long dzAt,
            MemorySegment rows,
            long rowAt,
            long bytes) {
        FloatVector one = broadcast(F, 1);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector r = fromMemorySegment(F, gates, rAt + o, NATIVE);
            FloatVector through =
                    fromMemorySegment(F, product, productAt + o, NATIVE).mul(r);
            FloatVector gradient = one.sub(r)
                    .mul(fromMemorySegment(F, before, beforeAt + o, NATIVE))
                    .mul(through);
            gradient.intoMemorySegment(dz, dzAt + o, NATIVE);
            gradient.intoMemorySegment(rows, rowAt + o, NATIVE);
            through.add(fromMemorySegment(F, dh, dhAt + o, NATIVE)).intoMemorySegment(dh, dhAt + o, NATIVE);
        }
    }
}
