package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.EIGHTH;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.HALF;
import static dev.rondo.kernel.Vectors.LANES;
import static dev.rondo.kernel.Vectors.NATIVE;
import static dev.rondo.kernel.Vectors.QUARTER;
import static dev.rondo.kernel.Vectors.SIXTEENTH;
import static dev.rondo.kernel.Vectors.STORED;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Products with an f32 matrix whose rows lie along k: dot products, four rows of weights at a time. Lanes are summed as a tree, then the last columns
 * that fill no vector are added one by one.
 *
 * <p>Arguments of the dots: weights from byte {@code at}, their rows {@code stride} bytes apart; x from {@code xAt}; {@code columns} of both;
 * four sums, or one, added to from byte {@code to} on.
 */
final class RowProducts {

    private RowProducts() {}

    /** out += x W<sup>T</sup> with f32 weights. */
    static void add(View x, Weights w, View out) {
        int columns = w.columns();
        long stride = (long) columns * Float.BYTES;
        for (int n = 0; n < w.rows(); ) {
            // For a single x the weights come from memory, and one long stream comes faster than four.
            int rows = x.rows > 1 && n <= w.rows() - 4 ? 4 : 1;
            for (int m = 0; m < x.rows; m++) {
                f32(
                        w.data(),
                        n * stride,
                        stride,
                        rows,
                        x.segment,
                        row(x, m),
                        columns,
                        out.segment,
                        row(out, m) + n * 4L);
            }
            n += rows;
        }
    }

    /** out += a b<sup>T</sup>. */
    static void addDense(View a, View b, View out) {
        for (int n = 0; n < out.cols; ) {
            int rows = n <= out.cols - 4 ? 4 : 1;
            for (int m = 0; m < out.rows; m++) {
                f32(
                        b.segment,
                        row(b, n),
                        b.rowStride,
                        rows,
                        a.segment,
                        row(a, m),
                        a.cols,
                        out.segment,
                        row(out, m) + n * 4L);
            }
            n += rows;
        }
    }

    private static void f32(
            MemorySegment w,
            long at,
            long stride,
            int rows,
            MemorySegment x,
            long xAt,
            int columns,
            MemorySegment out,
            long to) {
        if (rows == 4) {
            fourF32(w, at, stride, x, xAt, columns, out, to);
        } else {
            oneF32(w, at, x, xAt, columns, out, to);
        }
    }

    private static void fourF32(
            MemorySegment w, long at, long stride, MemorySegment x, long xAt, int columns, MemorySegment out, long to) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        FloatVector a3 = FloatVector.zero(F);
        FloatVector b0 = FloatVector.zero(F);
        FloatVector b1 = FloatVector.zero(F);
        FloatVector b2 = FloatVector.zero(F);
        FloatVector b3 = FloatVector.zero(F);
        long o = at;
        long xo = xAt;
        long end = at + 4L * columns;
        for (; o <= end - 2 * BYTES; o += 2 * BYTES, xo += 2 * BYTES) {
            FloatVector v = fromMemorySegment(F, x, xo, NATIVE);
            a0 = fromMemorySegment(F, w, o, STORED).fma(v, a0);
            a1 = fromMemorySegment(F, w, o + stride, STORED).fma(v, a1);
            a2 = fromMemorySegment(F, w, o + 2 * stride, STORED).fma(v, a2);
            a3 = fromMemorySegment(F, w, o + 3 * stride, STORED).fma(v, a3);
            v = fromMemorySegment(F, x, xo + BYTES, NATIVE);
            b0 = fromMemorySegment(F, w, o + BYTES, STORED).fma(v, b0);
            b1 = fromMemorySegment(F, w, o + stride + BYTES, STORED).fma(v, b1);
            b2 = fromMemorySegment(F, w, o + 2 * stride + BYTES, STORED).fma(v, b2);
            b3 = fromMemorySegment(F, w, o + 3 * stride + BYTES, STORED).fma(v, b3);
        }
        if (o <= end - BYTES) {
            FloatVector v = fromMemorySegment(F, x, xo, NATIVE);
            a0 = fromMemorySegment(F, w, o, STORED).fma(v, a0);
            a1 = fromMemorySegment(F, w, o + stride, STORED).fma(v, a1);
            a2 = fromMemorySegment(F, w, o + 2 * stride, STORED).fma(v, a2);
            a3 = fromMemorySegment(F, w, o + 3 * stride, STORED).fma(v, a3);
            o += BYTES;
            xo += BYTES;
        }
        a0 = a0.add(b0);
        a1 = a1.add(b1);
        a2 = a2.add(b2);
        a3 = a3.add(b3);
        a0 = a0.add(a0.rearrange(HALF));
        a1 = a1.add(a1.rearrange(HALF));
        a2 = a2.add(a2.rearrange(HALF));
        a3 = a3.add(a3.rearrange(HALF));
        a0 = a0.add(a0.rearrange(QUARTER));
        a1 = a1.add(a1.rearrange(QUARTER));
        a2 = a2.add(a2.rearrange(QUARTER));
        a3 = a3.add(a3.rearrange(QUARTER));
        if (LANES >= 8) {
            a0 = a0.add(a0.rearrange(EIGHTH));
            a1 = a1.add(a1.rearrange(EIGHTH));
            a2 = a2.add(a2.rearrange(EIGHTH));
            a3 = a3.add(a3.rearrange(EIGHTH));
        }
        if (LANES >= 16) {
            a0 = a0.add(a0.rearrange(SIXTEENTH));
            a1 = a1.add(a1.rearrange(SIXTEENTH));
            a2 = a2.add(a2.rearrange(SIXTEENTH));
            a3 = a3.add(a3.rearrange(SIXTEENTH));
        }
        float s0 = a0.lane(0);
        float s1 = a1.lane(0);
        float s2 = a2.lane(0);
        float s3 = a3.lane(0);
        for (; o < end; o += 4, xo += 4) {
            float v = get(x, xo);
            s0 = Math.fma(w.get(Memory.STORED_F32, o), v, s0);
            s1 = Math.fma(w.get(Memory.STORED_F32, o + stride), v, s1);
            s2 = Math.fma(w.get(Memory.STORED_F32, o + 2 * stride), v, s2);
            s3 = Math.fma(w.get(Memory.STORED_F32, o + 3 * stride), v, s3);
        }
        put(out, to, get(out, to) + s0);
        put(out, to + 4, get(out, to + 4) + s1);
        put(out, to + 8, get(out, to + 8) + s2);
        put(out, to + 12, get(out, to + 12) + s3);
    }

    private static void oneF32(
            MemorySegment w, long at, MemorySegment x, long xAt, int columns, MemorySegment out, long to) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = FloatVector.zero(F);
        FloatVector c = FloatVector.zero(F);
        FloatVector d = FloatVector.zero(F);
        long o = at;
        long xo = xAt;
        long end = at + 4L * columns;
        for (; o <= end - 4 * BYTES; o += 4 * BYTES, xo += 4 * BYTES) {
            a = fromMemorySegment(F, w, o, STORED).fma(fromMemorySegment(F, x, xo, NATIVE), a);
            b = fromMemorySegment(F, w, o + BYTES, STORED).fma(fromMemorySegment(F, x, xo + BYTES, NATIVE), b);
            c = fromMemorySegment(F, w, o + 2 * BYTES, STORED).fma(fromMemorySegment(F, x, xo + 2 * BYTES, NATIVE), c);
            d = fromMemorySegment(F, w, o + 3 * BYTES, STORED).fma(fromMemorySegment(F, x, xo + 3 * BYTES, NATIVE), d);
        }
        for (; o <= end - BYTES; o += BYTES, xo += BYTES) {
            a = fromMemorySegment(F, w, o, STORED).fma(fromMemorySegment(F, x, xo, NATIVE), a);
        }
        a = a.add(c).add(b.add(d));
        a = a.add(a.rearrange(HALF));
        a = a.add(a.rearrange(QUARTER));
        if (LANES >= 8) {
            a = a.add(a.rearrange(EIGHTH));
        }
        if (LANES >= 16) {
            a = a.add(a.rearrange(SIXTEENTH));
        }
        float s = a.lane(0);
        for (; o < end; o += 4, xo += 4) {
            s = Math.fma(w.get(Memory.STORED_F32, o), get(x, xo), s);
        }
        put(out, to, get(out, to) + s);
    }
}
