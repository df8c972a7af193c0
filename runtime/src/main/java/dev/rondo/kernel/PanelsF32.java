package dev.rondo.kernel;

import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.load;
import static dev.rondo.kernel.Vectors.repeat;
import static dev.rondo.kernel.Vectors.store;
import static dev.rondo.kernel.Vectors.weights;
import static dev.rondo.kernel.Vectors.zero;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Tiles of out[vector] += &Sigma; x[k] w[k][vector] with f32 weights: panels, and dense matrices, whose columns k lie {@code stride} bytes apart
 * and whose outputs are neighbouring vectors.
 *
 * <p>Every tile takes its weights from byte {@code at} to byte {@code end}, x from {@code xAt} (its rows {@code xRow} bytes apart) and adds to the
 * sums at {@code to} (rows {@code row} bytes apart). Some eight sums are in flight, which hides the latency of fma. Loops count
 * bytes in a long: an int loop over k would be unrolled by C2 until it runs out of registers.
 */
final class PanelsF32 {

    private PanelsF32() {}

    /** One row of x with {@code vectors} whole vectors of outputs and {@code tail} lanes more. */
    static void row(
            MemorySegment w,
            long at,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to,
            int vectors,
            int tail) {
        long v = 0;
        long whole = (long) vectors * BYTES;
        for (; v <= whole - 8 * BYTES; v += 8 * BYTES) {
            eight(w, at + v, end + v, stride, x, xAt, out, to + v);
        }
        if (v <= whole - 6 * BYTES) {
            six(w, at + v, end + v, stride, x, xAt, out, to + v);
            v += 6 * BYTES;
        }
        if (v <= whole - 4 * BYTES) {
            four(w, at + v, end + v, stride, x, xAt, out, to + v);
            v += 4 * BYTES;
        }
        if (v <= whole - 3 * BYTES) {
            three(w, at + v, end + v, stride, x, xAt, out, to + v);
            v += 3 * BYTES;
        }
        if (v <= whole - 2 * BYTES) {
            two(w, at + v, end + v, stride, x, xAt, out, to + v);
            v += 2 * BYTES;
        }
        if (v < whole) {
            one(w, at + v, end + v, stride, x, xAt, out, to + v);
            v += BYTES;
        }
        if (tail > 0) {
            tail(w, at + v, end + v, stride, x, xAt, out, to + v, tail);
        }
    }

    /** Several rows of x; a vector of weights is loaded once for four of them, or two. */
    static void rows(
            MemorySegment w,
            long at,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            long xRow,
            MemorySegment out,
            long to,
            long row,
            int rows,
            int vectors,
            int tail) {
        int m = 0;
        for (; m <= rows - 4; m += 4) {
            long v = 0;
            for (; v <= (vectors - 2L) * BYTES; v += 2 * BYTES) {
                fourByTwo(w, at + v, end + v, stride, x, xAt + m * xRow, xRow, out, to + m * row + v, row);
            }
            if (v < (long) vectors * BYTES) {
                fourByOne(w, at + v, end + v, stride, x, xAt + m * xRow, xRow, out, to + m * row + v, row);
            }
        }
        if (m <= rows - 2) {
            long v = 0;
            for (; v <= (vectors - 4L) * BYTES; v += 4 * BYTES) {
                twoByFour(w, at + v, end + v, stride, x, xAt + m * xRow, xRow, out, to + m * row + v, row);
            }
            for (; v < (long) vectors * BYTES; v += BYTES) {
                twoByOne(w, at + v, end + v, stride, x, xAt + m * xRow, xRow, out, to + m * row + v, row);
            }
            m += 2;
        }
        if (m < rows) {
            row(w, at, end, stride, x, xAt + m * xRow, out, to + m * row, vectors, 0);
        }
        long v = (long) vectors * BYTES;
        for (m = 0; tail > 0 && m < rows; m++) {
            tail(w, at + v, end + v, stride, x, xAt + m * xRow, out, to + m * row + v, tail);
        }
    }

    /** Four gates of 256 bits, or half of four gates of 128. */
    private static void eight(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a0 = load(out, to);
        FloatVector a1 = load(out, to + BYTES);
        FloatVector a2 = load(out, to + 2 * BYTES);
        FloatVector a3 = load(out, to + 3 * BYTES);
        FloatVector a4 = load(out, to + 4 * BYTES);
        FloatVector a5 = load(out, to + 5 * BYTES);
        FloatVector a6 = load(out, to + 6 * BYTES);
        FloatVector a7 = load(out, to + 7 * BYTES);
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 4) {
            FloatVector s = repeat(x, xo);
            a0 = weights(w, o).fma(s, a0);
            a1 = weights(w, o + BYTES).fma(s, a1);
            a2 = weights(w, o + 2 * BYTES).fma(s, a2);
            a3 = weights(w, o + 3 * BYTES).fma(s, a3);
            a4 = weights(w, o + 4 * BYTES).fma(s, a4);
            a5 = weights(w, o + 5 * BYTES).fma(s, a5);
            a6 = weights(w, o + 6 * BYTES).fma(s, a6);
            a7 = weights(w, o + 7 * BYTES).fma(s, a7);
        }
        store(a0, out, to);
        store(a1, out, to + BYTES);
        store(a2, out, to + 2 * BYTES);
        store(a3, out, to + 3 * BYTES);
        store(a4, out, to + 4 * BYTES);
        store(a5, out, to + 5 * BYTES);
        store(a6, out, to + 6 * BYTES);
        store(a7, out, to + 7 * BYTES);
    }
    /** Three gates of 256 bits, or half of three gates of 128. */
    private static void six(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a0 = load(out, to);
        FloatVector a1 = load(out, to + BYTES);
        FloatVector a2 = load(out, to + 2 * BYTES);
        FloatVector a3 = load(out, to + 3 * BYTES);
        FloatVector a4 = load(out, to + 4 * BYTES);
        FloatVector a5 = load(out, to + 5 * BYTES);
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 4) {
            FloatVector s = repeat(x, xo);
            a0 = weights(w, o).fma(s, a0);
            a1 = weights(w, o + BYTES).fma(s, a1);
            a2 = weights(w, o + 2 * BYTES).fma(s, a2);
            a3 = weights(w, o + 3 * BYTES).fma(s, a3);
            a4 = weights(w, o + 4 * BYTES).fma(s, a4);
            a5 = weights(w, o + 5 * BYTES).fma(s, a5);
        }
        store(a0, out, to);
        store(a1, out, to + BYTES);
        store(a2, out, to + 2 * BYTES);
        store(a3, out, to + 3 * BYTES);
        store(a4, out, to + 4 * BYTES);
        store(a5, out, to + 5 * BYTES);
    }
    /** Four gates of 512 bits. */
    private static void four(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a0 = load(out, to);
        FloatVector a1 = load(out, to + BYTES);
        FloatVector a2 = load(out, to + 2 * BYTES);
        FloatVector a3 = load(out, to + 3 * BYTES);
        FloatVector b0 = zero();
        FloatVector b1 = zero();
        FloatVector b2 = zero();
        FloatVector b3 = zero();
        long o = at;
        long xo = xAt;
        for (; o < end - stride; o += 2 * stride, xo += 8) {
            FloatVector s = repeat(x, xo);
            a0 = weights(w, o).fma(s, a0);
            a1 = weights(w, o + BYTES).fma(s, a1);
            a2 = weights(w, o + 2 * BYTES).fma(s, a2);
            a3 = weights(w, o + 3 * BYTES).fma(s, a3);
            s = repeat(x, xo + 4);
            b0 = weights(w, o + stride).fma(s, b0);
            b1 = weights(w, o + stride + BYTES).fma(s, b1);
            b2 = weights(w, o + stride + 2 * BYTES).fma(s, b2);
            b3 = weights(w, o + stride + 3 * BYTES).fma(s, b3);
        }
        for (; o < end; o += stride, xo += 4) {
            FloatVector s = repeat(x, xo);
            a0 = weights(w, o).fma(s, a0);
            a1 = weights(w, o + BYTES).fma(s, a1);
            a2 = weights(w, o + 2 * BYTES).fma(s, a2);
            a3 = weights(w, o + 3 * BYTES).fma(s, a3);
        }
        store(a0.add(b0), out, to);
        store(a1.add(b1), out, to + BYTES);
        store(a2.add(b2), out, to + 2 * BYTES);
        store(a3.add(b3), out, to + 3 * BYTES);
    }
    /** Three gates of 512 bits. */
    private static void three(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a0 = load(out, to);
        FloatVector a1 = load(out, to + BYTES);
        FloatVector a2 = load(out, to + 2 * BYTES);
        FloatVector b0 = zero();
        FloatVector b1 = zero();
        FloatVector b2 = zero();
        long o = at;
        long xo = xAt;
        for (; o < end - stride; o += 2 * stride, xo += 8) {
            FloatVector s = repeat(x, xo);
            a0 = weights(w, o).fma(s, a0);
            a1 = weights(w, o + BYTES).fma(s, a1);
            a2 = weights(w, o + 2 * BYTES).fma(s, a2);
            s = repeat(x, xo + 4);
            b0 = weights(w, o + stride).fma(s, b0);
            b1 = weights(w, o + stride + BYTES).fma(s, b1);
            b2 = weights(w, o + stride + 2 * BYTES).fma(s, b2);
        }
        for (; o < end; o += stride, xo += 4) {
            FloatVector s = repeat(x, xo);
            a0 = weights(w, o).fma(s, a0);
            a1 = weights(w, o + BYTES).fma(s, a1);
            a2 = weights(w, o + 2 * BYTES).fma(s, a2);
        }
        store(a0.add(b0), out, to);
        store(a1.add(b1), out, to + BYTES);
        store(a2.add(b2), out, to + 2 * BYTES);
    }
    /** One gate of 256 bits. */
    private static void two(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a0 = load(out, to);
        FloatVector a1 = load(out, to + BYTES);
        FloatVector b0 = zero();
        FloatVector b1 = zero();
        FloatVector c0 = zero();
        FloatVector c1 = zero();
        FloatVector d0 = zero();
        FloatVector d1 = zero();
        long o = at;
        long xo = xAt;
        for (; o < end - 3 * stride; o += 4 * stride, xo += 16) {
            FloatVector s = repeat(x, xo);
            a0 = weights(w, o).fma(s, a0);
            a1 = weights(w, o + BYTES).fma(s, a1);
            s = repeat(x, xo + 4);
            b0 = weights(w, o + stride).fma(s, b0);
            b1 = weights(w, o + stride + BYTES).fma(s, b1);
            s = repeat(x, xo + 8);
            c0 = weights(w, o + 2 * stride).fma(s, c0);
            c1 = weights(w, o + 2 * stride + BYTES).fma(s, c1);
            s = repeat(x, xo + 12);
            d0 = weights(w, o + 3 * stride).fma(s, d0);
            d1 = weights(w, o + 3 * stride + BYTES).fma(s, d1);
        }
        for (; o < end; o += stride, xo += 4) {
            FloatVector s = repeat(x, xo);
            a0 = weights(w, o).fma(s, a0);
            a1 = weights(w, o + BYTES).fma(s, a1);
        }
        store(a0.add(c0).add(b0.add(d0)), out, to);
        store(a1.add(c1).add(b1.add(d1)), out, to + BYTES);
    }
    /** One gate of 512 bits. */
    private static void one(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a0 = load(out, to);
        FloatVector b0 = zero();
        FloatVector c0 = zero();
        FloatVector d0 = zero();
        FloatVector e0 = zero();
        FloatVector f0 = zero();
        FloatVector g0 = zero();
        FloatVector h0 = zero();
        long o = at;
        long xo = xAt;
        for (; o < end - 7 * stride; o += 8 * stride, xo += 32) {
            FloatVector s = repeat(x, xo);
            a0 = weights(w, o).fma(s, a0);
            s = repeat(x, xo + 4);
            b0 = weights(w, o + stride).fma(s, b0);
            s = repeat(x, xo + 8);
            c0 = weights(w, o + 2 * stride).fma(s, c0);
            s = repeat(x, xo + 12);
            d0 = weights(w, o + 3 * stride).fma(s, d0);
            s = repeat(x, xo + 16);
            e0 = weights(w, o + 4 * stride).fma(s, e0);
            s = repeat(x, xo + 20);
            f0 = weights(w, o + 5 * stride).fma(s, f0);
            s = repeat(x, xo + 24);
            g0 = weights(w, o + 6 * stride).fma(s, g0);
            s = repeat(x, xo + 28);
            h0 = weights(w, o + 7 * stride).fma(s, h0);
        }
        for (; o < end; o += stride, xo += 4) {
            FloatVector s = repeat(x, xo);
            a0 = weights(w, o).fma(s, a0);
        }
        store(a0.add(e0).add(c0.add(g0)).add(b0.add(f0).add(d0.add(h0))), out, to);
    }
    /** Four rows of x with two vectors of outputs. */
    private static void fourByTwo(
            MemorySegment w,
            long at,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            long xRow,
            MemorySegment out,
            long to,
            long row) {
        FloatVector a0 = load(out, to);
        FloatVector a1 = load(out, to + BYTES);
        FloatVector b0 = load(out, to + row);
        FloatVector b1 = load(out, to + row + BYTES);
        FloatVector c0 = load(out, to + 2 * row);
        FloatVector c1 = load(out, to + 2 * row + BYTES);
        FloatVector d0 = load(out, to + 3 * row);
        FloatVector d1 = load(out, to + 3 * row + BYTES);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += 4) {
            FloatVector w0 = weights(w, o);
            FloatVector w1 = weights(w, o + BYTES);
            FloatVector s = repeat(x, xo);
            a0 = w0.fma(s, a0);
            a1 = w1.fma(s, a1);
            s = repeat(x, xo + xRow);
            b0 = w0.fma(s, b0);
            b1 = w1.fma(s, b1);
            s = repeat(x, xo + 2 * xRow);
            c0 = w0.fma(s, c0);
            c1 = w1.fma(s, c1);
            s = repeat(x, xo + 3 * xRow);
            d0 = w0.fma(s, d0);
            d1 = w1.fma(s, d1);
        }
        store(a0, out, to);
        store(a1, out, to + BYTES);
        store(b0, out, to + row);
        store(b1, out, to + row + BYTES);
        store(c0, out, to + 2 * row);
        store(c1, out, to + 2 * row + BYTES);
        store(d0, out, to + 3 * row);
        store(d1, out, to + 3 * row + BYTES);
    }
    /** Four rows of x with one vector of outputs. */
    private static void fourByOne(
            MemorySegment w,
            long at,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            long xRow,
            MemorySegment out,
            long to,
            long row) {
        FloatVector a0 = load(out, to);
        FloatVector b0 = load(out, to + row);
        FloatVector c0 = load(out, to + 2 * row);
        FloatVector d0 = load(out, to + 3 * row);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += 4) {
            FloatVector w0 = weights(w, o);
            FloatVector s = repeat(x, xo);
            a0 = w0.fma(s, a0);
            s = repeat(x, xo + xRow);
            b0 = w0.fma(s, b0);
            s = repeat(x, xo + 2 * xRow);
            c0 = w0.fma(s, c0);
            s = repeat(x, xo + 3 * xRow);
            d0 = w0.fma(s, d0);
        }
        store(a0, out, to);
        store(b0, out, to + row);
        store(c0, out, to + 2 * row);
        store(d0, out, to + 3 * row);
    }
    /** Two rows of x with four vectors of outputs. */
    private static void twoByFour(
            MemorySegment w,
            long at,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            long xRow,
            MemorySegment out,
            long to,
            long row) {
        FloatVector a0 = load(out, to);
        FloatVector a1 = load(out, to + BYTES);
        FloatVector a2 = load(out, to + 2 * BYTES);
        FloatVector a3 = load(out, to + 3 * BYTES);
        FloatVector b0 = load(out, to + row);
        FloatVector b1 = load(out, to + row + BYTES);
        FloatVector b2 = load(out, to + row + 2 * BYTES);
        FloatVector b3 = load(out, to + row + 3 * BYTES);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += 4) {
            FloatVector w0 = weights(w, o);
            FloatVector w1 = weights(w, o + BYTES);
            FloatVector w2 = weights(w, o + 2 * BYTES);
            FloatVector w3 = weights(w, o + 3 * BYTES);
            FloatVector s = repeat(x, xo);
            a0 = w0.fma(s, a0);
            a1 = w1.fma(s, a1);
            a2 = w2.fma(s, a2);
            a3 = w3.fma(s, a3);
            s = repeat(x, xo + xRow);
            b0 = w0.fma(s, b0);
            b1 = w1.fma(s, b1);
            b2 = w2.fma(s, b2);
            b3 = w3.fma(s, b3);
        }
        store(a0, out, to);
        store(a1, out, to + BYTES);
        store(a2, out, to + 2 * BYTES);
        store(a3, out, to + 3 * BYTES);
        store(b0, out, to + row);
        store(b1, out, to + row + BYTES);
        store(b2, out, to + row + 2 * BYTES);
        store(b3, out, to + row + 3 * BYTES);
    }
    /** Two rows of x with one vector of outputs. */
    private static void twoByOne(
            MemorySegment w,
            long at,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            long xRow,
            MemorySegment out,
            long to,
            long row) {
        FloatVector a0 = load(out, to);
        FloatVector b0 = load(out, to + row);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += 4) {
            FloatVector w0 = weights(w, o);
            FloatVector s = repeat(x, xo);
            a0 = w0.fma(s, a0);
            s = repeat(x, xo + xRow);
            b0 = w0.fma(s, b0);
        }
        store(a0, out, to);
        store(b0, out, to + row);
    }
    /** The last lanes of a row; touches neither weights nor sums beyond them. */
    private static void tail(
            MemorySegment w,
            long at,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to,
            int lanes) {
        VectorMask<Float> first = Vectors.first(lanes);
        FloatVector a = load(out, to, first);
        FloatVector b = zero();
        long o = at;
        long xo = xAt;
        for (; o < end - stride; o += 2 * stride, xo += 8) {
            a = FloatVector.fromMemorySegment(Vectors.F, w, o, Vectors.STORED, first)
                    .fma(repeat(x, xo), a);
            b = FloatVector.fromMemorySegment(Vectors.F, w, o + stride, Vectors.STORED, first)
                    .fma(repeat(x, xo + 4), b);
        }
        if (o < end) {
            a = FloatVector.fromMemorySegment(Vectors.F, w, o, Vectors.STORED, first)
                    .fma(repeat(x, xo), a);
        }
        store(a.add(b), out, to, first);
    }
}
