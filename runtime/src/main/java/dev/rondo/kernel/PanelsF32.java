package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.F32;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.LANE;
import static dev.rondo.kernel.Vectors.NATIVE;
import static dev.rondo.kernel.Vectors.STORED;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Tiles of out[vector] += &Sigma; x[k] w[k][vector] with f32 weights: panels, and dense matrices, whose columns k lie {@code stride} bytes apart
 * and whose outputs are neighbouring vectors.
 *
 * <p>Every tile takes its weights from byte {@code at} to byte {@code end}, x from {@code xAt} (its rows {@code xRow} bytes apart) and adds to the
 * sums at {@code to} (rows {@code row} bytes apart). Some eight sums are in flight, which hides the latency of fma. Loops count
 * bytes in a long: an int loop over k would be unrolled by C2 until it runs out of registers.
 *
 * <p>Tiles call the Vector API itself and no method of ours: what is in the JDK's own package is always inlined, ours only until a compilation has grown to
 * C2's limit of nodes, after which vectors would be allocated to cross the call.
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
            tail(w, at + v, end + v, stride, x, xAt, 4, out, to + v, tail);
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
                fourByTwo(w, at + v, BYTES, end + v, stride, x, xAt + m * xRow, xRow, 4, out, to + m * row + v, row);
            }
            if (v < (long) vectors * BYTES) {
                fourByOne(w, at + v, end + v, stride, x, xAt + m * xRow, xRow, 4, out, to + m * row + v, row);
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
            tail(w, at + v, end + v, stride, x, xAt + m * xRow, 4, out, to + m * row + v, tail);
        }
    }

    /** Four gates of 256 bits, or half of four gates of 128. */
    private static void eight(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector a1 = fromMemorySegment(F, out, to + BYTES, NATIVE);
        FloatVector a2 = fromMemorySegment(F, out, to + 2 * BYTES, NATIVE);
        FloatVector a3 = fromMemorySegment(F, out, to + 3 * BYTES, NATIVE);
        FloatVector a4 = fromMemorySegment(F, out, to + 4 * BYTES, NATIVE);
        FloatVector a5 = fromMemorySegment(F, out, to + 5 * BYTES, NATIVE);
        FloatVector a6 = fromMemorySegment(F, out, to + 6 * BYTES, NATIVE);
        FloatVector a7 = fromMemorySegment(F, out, to + 7 * BYTES, NATIVE);
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 4) {
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = fromMemorySegment(F, w, o, STORED).fma(s, a0);
            a1 = fromMemorySegment(F, w, o + BYTES, STORED).fma(s, a1);
            a2 = fromMemorySegment(F, w, o + 2 * BYTES, STORED).fma(s, a2);
            a3 = fromMemorySegment(F, w, o + 3 * BYTES, STORED).fma(s, a3);
            a4 = fromMemorySegment(F, w, o + 4 * BYTES, STORED).fma(s, a4);
            a5 = fromMemorySegment(F, w, o + 5 * BYTES, STORED).fma(s, a5);
            a6 = fromMemorySegment(F, w, o + 6 * BYTES, STORED).fma(s, a6);
            a7 = fromMemorySegment(F, w, o + 7 * BYTES, STORED).fma(s, a7);
        }
        a0.intoMemorySegment(out, to, NATIVE);
        a1.intoMemorySegment(out, to + BYTES, NATIVE);
        a2.intoMemorySegment(out, to + 2 * BYTES, NATIVE);
        a3.intoMemorySegment(out, to + 3 * BYTES, NATIVE);
        a4.intoMemorySegment(out, to + 4 * BYTES, NATIVE);
        a5.intoMemorySegment(out, to + 5 * BYTES, NATIVE);
        a6.intoMemorySegment(out, to + 6 * BYTES, NATIVE);
        a7.intoMemorySegment(out, to + 7 * BYTES, NATIVE);
    }
    /** Three gates of 256 bits, or half of three gates of 128. */
    private static void six(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector a1 = fromMemorySegment(F, out, to + BYTES, NATIVE);
        FloatVector a2 = fromMemorySegment(F, out, to + 2 * BYTES, NATIVE);
        FloatVector a3 = fromMemorySegment(F, out, to + 3 * BYTES, NATIVE);
        FloatVector a4 = fromMemorySegment(F, out, to + 4 * BYTES, NATIVE);
        FloatVector a5 = fromMemorySegment(F, out, to + 5 * BYTES, NATIVE);
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 4) {
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = fromMemorySegment(F, w, o, STORED).fma(s, a0);
            a1 = fromMemorySegment(F, w, o + BYTES, STORED).fma(s, a1);
            a2 = fromMemorySegment(F, w, o + 2 * BYTES, STORED).fma(s, a2);
            a3 = fromMemorySegment(F, w, o + 3 * BYTES, STORED).fma(s, a3);
            a4 = fromMemorySegment(F, w, o + 4 * BYTES, STORED).fma(s, a4);
            a5 = fromMemorySegment(F, w, o + 5 * BYTES, STORED).fma(s, a5);
        }
        a0.intoMemorySegment(out, to, NATIVE);
        a1.intoMemorySegment(out, to + BYTES, NATIVE);
        a2.intoMemorySegment(out, to + 2 * BYTES, NATIVE);
        a3.intoMemorySegment(out, to + 3 * BYTES, NATIVE);
        a4.intoMemorySegment(out, to + 4 * BYTES, NATIVE);
        a5.intoMemorySegment(out, to + 5 * BYTES, NATIVE);
    }
    /** Four gates of 512 bits. */
    private static void four(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector a1 = fromMemorySegment(F, out, to + BYTES, NATIVE);
        FloatVector a2 = fromMemorySegment(F, out, to + 2 * BYTES, NATIVE);
        FloatVector a3 = fromMemorySegment(F, out, to + 3 * BYTES, NATIVE);
        FloatVector b0 = FloatVector.zero(F);
        FloatVector b1 = FloatVector.zero(F);
        FloatVector b2 = FloatVector.zero(F);
        FloatVector b3 = FloatVector.zero(F);
        long o = at;
        long xo = xAt;
        for (; o < end - stride; o += 2 * stride, xo += 8) {
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = fromMemorySegment(F, w, o, STORED).fma(s, a0);
            a1 = fromMemorySegment(F, w, o + BYTES, STORED).fma(s, a1);
            a2 = fromMemorySegment(F, w, o + 2 * BYTES, STORED).fma(s, a2);
            a3 = fromMemorySegment(F, w, o + 3 * BYTES, STORED).fma(s, a3);
            s = broadcast(F, x.get(F32, xo + 4));
            b0 = fromMemorySegment(F, w, o + stride, STORED).fma(s, b0);
            b1 = fromMemorySegment(F, w, o + stride + BYTES, STORED).fma(s, b1);
            b2 = fromMemorySegment(F, w, o + stride + 2 * BYTES, STORED).fma(s, b2);
            b3 = fromMemorySegment(F, w, o + stride + 3 * BYTES, STORED).fma(s, b3);
        }
        for (; o < end; o += stride, xo += 4) {
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = fromMemorySegment(F, w, o, STORED).fma(s, a0);
            a1 = fromMemorySegment(F, w, o + BYTES, STORED).fma(s, a1);
            a2 = fromMemorySegment(F, w, o + 2 * BYTES, STORED).fma(s, a2);
            a3 = fromMemorySegment(F, w, o + 3 * BYTES, STORED).fma(s, a3);
        }
        a0.add(b0).intoMemorySegment(out, to, NATIVE);
        a1.add(b1).intoMemorySegment(out, to + BYTES, NATIVE);
        a2.add(b2).intoMemorySegment(out, to + 2 * BYTES, NATIVE);
        a3.add(b3).intoMemorySegment(out, to + 3 * BYTES, NATIVE);
    }
    /** Four neighbouring vectors of two blocks, {@code apart} bytes apart: their weights come as two streams, and x is broadcast once. */
    static void fourApart(
            MemorySegment w,
            long at,
            long apart,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to) {
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector a1 = fromMemorySegment(F, out, to + BYTES, NATIVE);
        FloatVector a2 = fromMemorySegment(F, out, to + 2 * BYTES, NATIVE);
        FloatVector a3 = fromMemorySegment(F, out, to + 3 * BYTES, NATIVE);
        FloatVector a4 = fromMemorySegment(F, out, to + 4 * BYTES, NATIVE);
        FloatVector a5 = fromMemorySegment(F, out, to + 5 * BYTES, NATIVE);
        FloatVector a6 = fromMemorySegment(F, out, to + 6 * BYTES, NATIVE);
        FloatVector a7 = fromMemorySegment(F, out, to + 7 * BYTES, NATIVE);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += 4) {
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = fromMemorySegment(F, w, o, STORED).fma(s, a0);
            a1 = fromMemorySegment(F, w, o + BYTES, STORED).fma(s, a1);
            a2 = fromMemorySegment(F, w, o + 2 * BYTES, STORED).fma(s, a2);
            a3 = fromMemorySegment(F, w, o + 3 * BYTES, STORED).fma(s, a3);
            a4 = fromMemorySegment(F, w, o + apart, STORED).fma(s, a4);
            a5 = fromMemorySegment(F, w, o + apart + BYTES, STORED).fma(s, a5);
            a6 = fromMemorySegment(F, w, o + apart + 2 * BYTES, STORED).fma(s, a6);
            a7 = fromMemorySegment(F, w, o + apart + 3 * BYTES, STORED).fma(s, a7);
        }
        a0.intoMemorySegment(out, to, NATIVE);
        a1.intoMemorySegment(out, to + BYTES, NATIVE);
        a2.intoMemorySegment(out, to + 2 * BYTES, NATIVE);
        a3.intoMemorySegment(out, to + 3 * BYTES, NATIVE);
        a4.intoMemorySegment(out, to + 4 * BYTES, NATIVE);
        a5.intoMemorySegment(out, to + 5 * BYTES, NATIVE);
        a6.intoMemorySegment(out, to + 6 * BYTES, NATIVE);
        a7.intoMemorySegment(out, to + 7 * BYTES, NATIVE);
    }

    /** One vector of eight blocks. */
    static void oneApart(
            MemorySegment w,
            long at,
            long apart,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to) {
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector a1 = fromMemorySegment(F, out, to + BYTES, NATIVE);
        FloatVector a2 = fromMemorySegment(F, out, to + 2 * BYTES, NATIVE);
        FloatVector a3 = fromMemorySegment(F, out, to + 3 * BYTES, NATIVE);
        FloatVector a4 = fromMemorySegment(F, out, to + 4 * BYTES, NATIVE);
        FloatVector a5 = fromMemorySegment(F, out, to + 5 * BYTES, NATIVE);
        FloatVector a6 = fromMemorySegment(F, out, to + 6 * BYTES, NATIVE);
        FloatVector a7 = fromMemorySegment(F, out, to + 7 * BYTES, NATIVE);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += 4) {
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = fromMemorySegment(F, w, o, STORED).fma(s, a0);
            a1 = fromMemorySegment(F, w, o + apart, STORED).fma(s, a1);
            a2 = fromMemorySegment(F, w, o + 2 * apart, STORED).fma(s, a2);
            a3 = fromMemorySegment(F, w, o + 3 * apart, STORED).fma(s, a3);
            a4 = fromMemorySegment(F, w, o + 4 * apart, STORED).fma(s, a4);
            a5 = fromMemorySegment(F, w, o + 5 * apart, STORED).fma(s, a5);
            a6 = fromMemorySegment(F, w, o + 6 * apart, STORED).fma(s, a6);
            a7 = fromMemorySegment(F, w, o + 7 * apart, STORED).fma(s, a7);
        }
        a0.intoMemorySegment(out, to, NATIVE);
        a1.intoMemorySegment(out, to + BYTES, NATIVE);
        a2.intoMemorySegment(out, to + 2 * BYTES, NATIVE);
        a3.intoMemorySegment(out, to + 3 * BYTES, NATIVE);
        a4.intoMemorySegment(out, to + 4 * BYTES, NATIVE);
        a5.intoMemorySegment(out, to + 5 * BYTES, NATIVE);
        a6.intoMemorySegment(out, to + 6 * BYTES, NATIVE);
        a7.intoMemorySegment(out, to + 7 * BYTES, NATIVE);
    }

    /** Three gates of 512 bits. */
    static void three(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector a1 = fromMemorySegment(F, out, to + BYTES, NATIVE);
        FloatVector a2 = fromMemorySegment(F, out, to + 2 * BYTES, NATIVE);
        FloatVector b0 = FloatVector.zero(F);
        FloatVector b1 = FloatVector.zero(F);
        FloatVector b2 = FloatVector.zero(F);
        long o = at;
        long xo = xAt;
        for (; o < end - stride; o += 2 * stride, xo += 8) {
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = fromMemorySegment(F, w, o, STORED).fma(s, a0);
            a1 = fromMemorySegment(F, w, o + BYTES, STORED).fma(s, a1);
            a2 = fromMemorySegment(F, w, o + 2 * BYTES, STORED).fma(s, a2);
            s = broadcast(F, x.get(F32, xo + 4));
            b0 = fromMemorySegment(F, w, o + stride, STORED).fma(s, b0);
            b1 = fromMemorySegment(F, w, o + stride + BYTES, STORED).fma(s, b1);
            b2 = fromMemorySegment(F, w, o + stride + 2 * BYTES, STORED).fma(s, b2);
        }
        for (; o < end; o += stride, xo += 4) {
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = fromMemorySegment(F, w, o, STORED).fma(s, a0);
            a1 = fromMemorySegment(F, w, o + BYTES, STORED).fma(s, a1);
            a2 = fromMemorySegment(F, w, o + 2 * BYTES, STORED).fma(s, a2);
        }
        a0.add(b0).intoMemorySegment(out, to, NATIVE);
        a1.add(b1).intoMemorySegment(out, to + BYTES, NATIVE);
        a2.add(b2).intoMemorySegment(out, to + 2 * BYTES, NATIVE);
    }
    /** One gate of 256 bits. */
    private static void two(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector a1 = fromMemorySegment(F, out, to + BYTES, NATIVE);
        FloatVector b0 = FloatVector.zero(F);
        FloatVector b1 = FloatVector.zero(F);
        FloatVector c0 = FloatVector.zero(F);
        FloatVector c1 = FloatVector.zero(F);
        FloatVector d0 = FloatVector.zero(F);
        FloatVector d1 = FloatVector.zero(F);
        long o = at;
        long xo = xAt;
        for (; o < end - 3 * stride; o += 4 * stride, xo += 16) {
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = fromMemorySegment(F, w, o, STORED).fma(s, a0);
            a1 = fromMemorySegment(F, w, o + BYTES, STORED).fma(s, a1);
            s = broadcast(F, x.get(F32, xo + 4));
            b0 = fromMemorySegment(F, w, o + stride, STORED).fma(s, b0);
            b1 = fromMemorySegment(F, w, o + stride + BYTES, STORED).fma(s, b1);
            s = broadcast(F, x.get(F32, xo + 8));
            c0 = fromMemorySegment(F, w, o + 2 * stride, STORED).fma(s, c0);
            c1 = fromMemorySegment(F, w, o + 2 * stride + BYTES, STORED).fma(s, c1);
            s = broadcast(F, x.get(F32, xo + 12));
            d0 = fromMemorySegment(F, w, o + 3 * stride, STORED).fma(s, d0);
            d1 = fromMemorySegment(F, w, o + 3 * stride + BYTES, STORED).fma(s, d1);
        }
        for (; o < end; o += stride, xo += 4) {
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = fromMemorySegment(F, w, o, STORED).fma(s, a0);
            a1 = fromMemorySegment(F, w, o + BYTES, STORED).fma(s, a1);
        }
        a0.add(c0).add(b0.add(d0)).intoMemorySegment(out, to, NATIVE);
        a1.add(c1).add(b1.add(d1)).intoMemorySegment(out, to + BYTES, NATIVE);
    }
    /** One gate of 512 bits. */
    private static void one(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector b0 = FloatVector.zero(F);
        FloatVector c0 = FloatVector.zero(F);
        FloatVector d0 = FloatVector.zero(F);
        FloatVector e0 = FloatVector.zero(F);
        FloatVector f0 = FloatVector.zero(F);
        FloatVector g0 = FloatVector.zero(F);
        FloatVector h0 = FloatVector.zero(F);
        long o = at;
        long xo = xAt;
        for (; o < end - 7 * stride; o += 8 * stride, xo += 32) {
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = fromMemorySegment(F, w, o, STORED).fma(s, a0);
            s = broadcast(F, x.get(F32, xo + 4));
            b0 = fromMemorySegment(F, w, o + stride, STORED).fma(s, b0);
            s = broadcast(F, x.get(F32, xo + 8));
            c0 = fromMemorySegment(F, w, o + 2 * stride, STORED).fma(s, c0);
            s = broadcast(F, x.get(F32, xo + 12));
            d0 = fromMemorySegment(F, w, o + 3 * stride, STORED).fma(s, d0);
            s = broadcast(F, x.get(F32, xo + 16));
            e0 = fromMemorySegment(F, w, o + 4 * stride, STORED).fma(s, e0);
            s = broadcast(F, x.get(F32, xo + 20));
            f0 = fromMemorySegment(F, w, o + 5 * stride, STORED).fma(s, f0);
            s = broadcast(F, x.get(F32, xo + 24));
            g0 = fromMemorySegment(F, w, o + 6 * stride, STORED).fma(s, g0);
            s = broadcast(F, x.get(F32, xo + 28));
            h0 = fromMemorySegment(F, w, o + 7 * stride, STORED).fma(s, h0);
        }
        for (; o < end; o += stride, xo += 4) {
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = fromMemorySegment(F, w, o, STORED).fma(s, a0);
        }
        a0.add(e0).add(c0.add(g0)).add(b0.add(f0).add(d0.add(h0))).intoMemorySegment(out, to, NATIVE);
    }
    /** Four rows of x with two vectors of outputs. */
    static void fourByTwo(
            MemorySegment w,
            long at,
            long w1,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            long xRow,
            long xStep,
            MemorySegment out,
            long to,
            long row) {
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector a1 = fromMemorySegment(F, out, to + BYTES, NATIVE);
        FloatVector b0 = fromMemorySegment(F, out, to + row, NATIVE);
        FloatVector b1 = fromMemorySegment(F, out, to + row + BYTES, NATIVE);
        FloatVector c0 = fromMemorySegment(F, out, to + 2 * row, NATIVE);
        FloatVector c1 = fromMemorySegment(F, out, to + 2 * row + BYTES, NATIVE);
        FloatVector d0 = fromMemorySegment(F, out, to + 3 * row, NATIVE);
        FloatVector d1 = fromMemorySegment(F, out, to + 3 * row + BYTES, NATIVE);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += xStep) {
            FloatVector v0 = fromMemorySegment(F, w, o, STORED);
            FloatVector v1 = fromMemorySegment(F, w, o + w1, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = v0.fma(s, a0);
            a1 = v1.fma(s, a1);
            s = broadcast(F, x.get(F32, xo + xRow));
            b0 = v0.fma(s, b0);
            b1 = v1.fma(s, b1);
            s = broadcast(F, x.get(F32, xo + 2 * xRow));
            c0 = v0.fma(s, c0);
            c1 = v1.fma(s, c1);
            s = broadcast(F, x.get(F32, xo + 3 * xRow));
            d0 = v0.fma(s, d0);
            d1 = v1.fma(s, d1);
        }
        a0.intoMemorySegment(out, to, NATIVE);
        a1.intoMemorySegment(out, to + BYTES, NATIVE);
        b0.intoMemorySegment(out, to + row, NATIVE);
        b1.intoMemorySegment(out, to + row + BYTES, NATIVE);
        c0.intoMemorySegment(out, to + 2 * row, NATIVE);
        c1.intoMemorySegment(out, to + 2 * row + BYTES, NATIVE);
        d0.intoMemorySegment(out, to + 3 * row, NATIVE);
        d1.intoMemorySegment(out, to + 3 * row + BYTES, NATIVE);
    }
    /** Four rows of x with one vector of outputs. */
    static void fourByOne(
            MemorySegment w,
            long at,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            long xRow,
            long xStep,
            MemorySegment out,
            long to,
            long row) {
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector b0 = fromMemorySegment(F, out, to + row, NATIVE);
        FloatVector c0 = fromMemorySegment(F, out, to + 2 * row, NATIVE);
        FloatVector d0 = fromMemorySegment(F, out, to + 3 * row, NATIVE);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += xStep) {
            FloatVector w0 = fromMemorySegment(F, w, o, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = w0.fma(s, a0);
            s = broadcast(F, x.get(F32, xo + xRow));
            b0 = w0.fma(s, b0);
            s = broadcast(F, x.get(F32, xo + 2 * xRow));
            c0 = w0.fma(s, c0);
            s = broadcast(F, x.get(F32, xo + 3 * xRow));
            d0 = w0.fma(s, d0);
        }
        a0.intoMemorySegment(out, to, NATIVE);
        b0.intoMemorySegment(out, to + row, NATIVE);
        c0.intoMemorySegment(out, to + 2 * row, NATIVE);
        d0.intoMemorySegment(out, to + 3 * row, NATIVE);
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
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector a1 = fromMemorySegment(F, out, to + BYTES, NATIVE);
        FloatVector a2 = fromMemorySegment(F, out, to + 2 * BYTES, NATIVE);
        FloatVector a3 = fromMemorySegment(F, out, to + 3 * BYTES, NATIVE);
        FloatVector b0 = fromMemorySegment(F, out, to + row, NATIVE);
        FloatVector b1 = fromMemorySegment(F, out, to + row + BYTES, NATIVE);
        FloatVector b2 = fromMemorySegment(F, out, to + row + 2 * BYTES, NATIVE);
        FloatVector b3 = fromMemorySegment(F, out, to + row + 3 * BYTES, NATIVE);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += 4) {
            FloatVector w0 = fromMemorySegment(F, w, o, STORED);
            FloatVector w1 = fromMemorySegment(F, w, o + BYTES, STORED);
            FloatVector w2 = fromMemorySegment(F, w, o + 2 * BYTES, STORED);
            FloatVector w3 = fromMemorySegment(F, w, o + 3 * BYTES, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = w0.fma(s, a0);
            a1 = w1.fma(s, a1);
            a2 = w2.fma(s, a2);
            a3 = w3.fma(s, a3);
            s = broadcast(F, x.get(F32, xo + xRow));
            b0 = w0.fma(s, b0);
            b1 = w1.fma(s, b1);
            b2 = w2.fma(s, b2);
            b3 = w3.fma(s, b3);
        }
        a0.intoMemorySegment(out, to, NATIVE);
        a1.intoMemorySegment(out, to + BYTES, NATIVE);
        a2.intoMemorySegment(out, to + 2 * BYTES, NATIVE);
        a3.intoMemorySegment(out, to + 3 * BYTES, NATIVE);
        b0.intoMemorySegment(out, to + row, NATIVE);
        b1.intoMemorySegment(out, to + row + BYTES, NATIVE);
        b2.intoMemorySegment(out, to + row + 2 * BYTES, NATIVE);
        b3.intoMemorySegment(out, to + row + 3 * BYTES, NATIVE);
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
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector b0 = fromMemorySegment(F, out, to + row, NATIVE);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += 4) {
            FloatVector w0 = fromMemorySegment(F, w, o, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = w0.fma(s, a0);
            s = broadcast(F, x.get(F32, xo + xRow));
            b0 = w0.fma(s, b0);
        }
        a0.intoMemorySegment(out, to, NATIVE);
        b0.intoMemorySegment(out, to + row, NATIVE);
    }

    /**
     * The last lanes of a row; changes no sums beyond them. A mask only blends here: one that reads or writes memory is checked against the memory's end
     * by a call, and where C2 leaves that call it allocates the mask each time.
     */
    static void tail(
            MemorySegment w,
            long at,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            long xStep,
            MemorySegment out,
            long to,
            int lanes) {
        if (to + BYTES > out.byteSize() || end - stride + BYTES > w.byteSize()) {
            tailAtTheEnd(w, at, end, stride, x, xAt, xStep, out, to, lanes);
            return;
        }
        FloatVector before = fromMemorySegment(F, out, to, NATIVE);
        FloatVector a = before;
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += xStep) {
            a = fromMemorySegment(F, w, o, STORED).fma(broadcast(F, x.get(F32, xo)), a);
        }
        before.blend(a, LANE.compare(VectorOperators.LT, lanes)).intoMemorySegment(out, to, NATIVE);
    }

    /** The same where the weights or the sums end with these lanes. */
    private static void tailAtTheEnd(
            MemorySegment w,
            long at,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            long xStep,
            MemorySegment out,
            long to,
            int lanes) {
        VectorMask<Float> first = LANE.compare(VectorOperators.LT, lanes);
        FloatVector a = fromMemorySegment(F, out, to, NATIVE, first);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += xStep) {
            a = fromMemorySegment(F, w, o, STORED, first).fma(broadcast(F, x.get(F32, xo)), a);
        }
        a.intoMemorySegment(out, to, NATIVE, first);
    }
}
