package dev.rondo.kernel;

import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.load;
import static dev.rondo.kernel.Vectors.repeat;
import static dev.rondo.kernel.Vectors.store;
import static dev.rondo.kernel.Vectors.weights;
import static dev.rondo.kernel.Vectors.words;
import static dev.rondo.kernel.Vectors.zero;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Tiles of out[vector] += scale[vector] &Sigma; x[k] q[k][vector] with int8 panels. A 32-bit word of a lane holds four neighbouring columns, the lowest in the lowest bits. Every tile takes its words from byte {@code at} to byte
 * {@code end}, {@code stride} bytes apart, then the first {@code left} columns of one word more; the other arguments are those of {@link PanelsF32}.
 * The scales of the outputs lie at {@code scale}; the sum is multiplied once, at the end.
 */
final class PanelsInt8 {

    private PanelsInt8() {}

    /** One row of x with {@code vectors} whole vectors of outputs and {@code tail} lanes more. */
    static void row(
            MemorySegment w,
            long at,
            long end,
            long stride,
            int left,
            long scale,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to,
            int vectors,
            int tail) {
        long v = 0;
        long whole = (long) vectors * BYTES;
        for (; v <= whole - 4 * BYTES; v += 4 * BYTES) {
            four(w, at + v, end + v, stride, left, scale + v, x, xAt, out, to + v);
        }
        for (; v <= whole - 2 * BYTES; v += 2 * BYTES) {
            two(w, at + v, end + v, stride, left, scale + v, x, xAt, out, to + v);
        }
        for (; v < whole; v += BYTES) {
            one(w, at + v, end + v, stride, left, scale + v, x, xAt, out, to + v);
        }
        if (tail > 0) {
            tail(w, at + v, end + v, stride, left, scale + v, x, xAt, out, to + v, tail);
        }
    }

    /** Several rows of x; a vector of weights is loaded and decoded once for four of them. */
    static void rows(
            MemorySegment w,
            long at,
            long end,
            long stride,
            int left,
            long scale,
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
            long xTo = xAt + m * xRow;
            long mTo = to + m * row;
            long v = 0;
            for (; v < (long) vectors * BYTES; v += BYTES) {
                fourByOne(w, at + v, end + v, stride, left, scale + v, x, xTo, xRow, out, mTo + v, row);
            }
            for (int i = 0; tail > 0 && i < 4; i++) {
                tail(w, at + v, end + v, stride, left, scale + v, x, xTo + i * xRow, out, mTo + i * row + v, tail);
            }
        }
        for (; m < rows; m++) {
            row(w, at, end, stride, left, scale, x, xAt + m * xRow, out, to + m * row, vectors, tail);
        }
    }

    /** Four gates of 512 bits. */
    private static void four(
            MemorySegment w,
            long at,
            long end,
            long stride,
            int left,
            long scale,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to) {
        FloatVector a0 = zero();
        FloatVector a1 = zero();
        FloatVector a2 = zero();
        FloatVector a3 = zero();
        FloatVector b0 = zero();
        FloatVector b1 = zero();
        FloatVector b2 = zero();
        FloatVector b3 = zero();
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 16) {
            IntVector w0 = words(w, o);
            IntVector w1 = words(w, o + BYTES);
            IntVector w2 = words(w, o + 2 * BYTES);
            IntVector w3 = words(w, o + 3 * BYTES);
            FloatVector s = repeat(x, xo);
            a0 = first(w0).fma(s, a0);
            a1 = first(w1).fma(s, a1);
            a2 = first(w2).fma(s, a2);
            a3 = first(w3).fma(s, a3);
            s = repeat(x, xo + 4);
            b0 = second(w0).fma(s, b0);
            b1 = second(w1).fma(s, b1);
            b2 = second(w2).fma(s, b2);
            b3 = second(w3).fma(s, b3);
            s = repeat(x, xo + 8);
            a0 = third(w0).fma(s, a0);
            a1 = third(w1).fma(s, a1);
            a2 = third(w2).fma(s, a2);
            a3 = third(w3).fma(s, a3);
            s = repeat(x, xo + 12);
            b0 = fourth(w0).fma(s, b0);
            b1 = fourth(w1).fma(s, b1);
            b2 = fourth(w2).fma(s, b2);
            b3 = fourth(w3).fma(s, b3);
        }
        if (left > 0) {
            FloatVector s = repeat(x, xo);
            a0 = first(words(w, o)).fma(s, a0);
            a1 = first(words(w, o + BYTES)).fma(s, a1);
            a2 = first(words(w, o + 2 * BYTES)).fma(s, a2);
            a3 = first(words(w, o + 3 * BYTES)).fma(s, a3);
        }
        if (left > 1) {
            FloatVector s = repeat(x, xo + 4);
            b0 = second(words(w, o)).fma(s, b0);
            b1 = second(words(w, o + BYTES)).fma(s, b1);
            b2 = second(words(w, o + 2 * BYTES)).fma(s, b2);
            b3 = second(words(w, o + 3 * BYTES)).fma(s, b3);
        }
        if (left > 2) {
            FloatVector s = repeat(x, xo + 8);
            a0 = third(words(w, o)).fma(s, a0);
            a1 = third(words(w, o + BYTES)).fma(s, a1);
            a2 = third(words(w, o + 2 * BYTES)).fma(s, a2);
            a3 = third(words(w, o + 3 * BYTES)).fma(s, a3);
        }
        FloatVector sum0 = a0.add(b0);
        store(sum0.fma(weights(w, scale), load(out, to)), out, to);
        FloatVector sum1 = a1.add(b1);
        store(sum1.fma(weights(w, scale + BYTES), load(out, to + BYTES)), out, to + BYTES);
        FloatVector sum2 = a2.add(b2);
        store(sum2.fma(weights(w, scale + 2 * BYTES), load(out, to + 2 * BYTES)), out, to + 2 * BYTES);
        FloatVector sum3 = a3.add(b3);
        store(sum3.fma(weights(w, scale + 3 * BYTES), load(out, to + 3 * BYTES)), out, to + 3 * BYTES);
    }

    /** One gate of 256 bits. */
    private static void two(
            MemorySegment w,
            long at,
            long end,
            long stride,
            int left,
            long scale,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to) {
        FloatVector a0 = zero();
        FloatVector a1 = zero();
        FloatVector b0 = zero();
        FloatVector b1 = zero();
        FloatVector c0 = zero();
        FloatVector c1 = zero();
        FloatVector d0 = zero();
        FloatVector d1 = zero();
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 16) {
            IntVector w0 = words(w, o);
            IntVector w1 = words(w, o + BYTES);
            FloatVector s = repeat(x, xo);
            a0 = first(w0).fma(s, a0);
            a1 = first(w1).fma(s, a1);
            s = repeat(x, xo + 4);
            b0 = second(w0).fma(s, b0);
            b1 = second(w1).fma(s, b1);
            s = repeat(x, xo + 8);
            c0 = third(w0).fma(s, c0);
            c1 = third(w1).fma(s, c1);
            s = repeat(x, xo + 12);
            d0 = fourth(w0).fma(s, d0);
            d1 = fourth(w1).fma(s, d1);
        }
        if (left > 0) {
            FloatVector s = repeat(x, xo);
            a0 = first(words(w, o)).fma(s, a0);
            a1 = first(words(w, o + BYTES)).fma(s, a1);
        }
        if (left > 1) {
            FloatVector s = repeat(x, xo + 4);
            b0 = second(words(w, o)).fma(s, b0);
            b1 = second(words(w, o + BYTES)).fma(s, b1);
        }
        if (left > 2) {
            FloatVector s = repeat(x, xo + 8);
            c0 = third(words(w, o)).fma(s, c0);
            c1 = third(words(w, o + BYTES)).fma(s, c1);
        }
        FloatVector sum0 = a0.add(c0).add(b0.add(d0));
        store(sum0.fma(weights(w, scale), load(out, to)), out, to);
        FloatVector sum1 = a1.add(c1).add(b1.add(d1));
        store(sum1.fma(weights(w, scale + BYTES), load(out, to + BYTES)), out, to + BYTES);
    }

    /** One gate of 512 bits. */
    private static void one(
            MemorySegment w,
            long at,
            long end,
            long stride,
            int left,
            long scale,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to) {
        FloatVector a0 = zero();
        FloatVector b0 = zero();
        FloatVector c0 = zero();
        FloatVector d0 = zero();
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 16) {
            IntVector w0 = words(w, o);
            FloatVector s = repeat(x, xo);
            a0 = first(w0).fma(s, a0);
            s = repeat(x, xo + 4);
            b0 = second(w0).fma(s, b0);
            s = repeat(x, xo + 8);
            c0 = third(w0).fma(s, c0);
            s = repeat(x, xo + 12);
            d0 = fourth(w0).fma(s, d0);
        }
        if (left > 0) {
            FloatVector s = repeat(x, xo);
            a0 = first(words(w, o)).fma(s, a0);
        }
        if (left > 1) {
            FloatVector s = repeat(x, xo + 4);
            b0 = second(words(w, o)).fma(s, b0);
        }
        if (left > 2) {
            FloatVector s = repeat(x, xo + 8);
            c0 = third(words(w, o)).fma(s, c0);
        }
        FloatVector sum0 = a0.add(c0).add(b0.add(d0));
        store(sum0.fma(weights(w, scale), load(out, to)), out, to);
    }

    /** The last lanes of a row; the weights are padded to whole vectors, the sums are not. */
    private static void tail(
            MemorySegment w,
            long at,
            long end,
            long stride,
            int left,
            long scale,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to,
            int lanes) {
        VectorMask<Float> first = Vectors.first(lanes);
        FloatVector a0 = zero();
        FloatVector b0 = zero();
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 16) {
            IntVector w0 = words(w, o);
            FloatVector s = repeat(x, xo);
            a0 = first(w0).fma(s, a0);
            s = repeat(x, xo + 4);
            b0 = second(w0).fma(s, b0);
            s = repeat(x, xo + 8);
            a0 = third(w0).fma(s, a0);
            s = repeat(x, xo + 12);
            b0 = fourth(w0).fma(s, b0);
        }
        if (left > 0) {
            FloatVector s = repeat(x, xo);
            a0 = first(words(w, o)).fma(s, a0);
        }
        if (left > 1) {
            FloatVector s = repeat(x, xo + 4);
            b0 = second(words(w, o)).fma(s, b0);
        }
        if (left > 2) {
            FloatVector s = repeat(x, xo + 8);
            a0 = third(words(w, o)).fma(s, a0);
        }
        FloatVector sum0 = a0.add(b0);
        store(sum0.fma(weights(w, scale), load(out, to, first)), out, to, first);
    }

    /** Four rows of x with one vector of outputs. */
    private static void fourByOne(
            MemorySegment w,
            long at,
            long end,
            long stride,
            int left,
            long scale,
            MemorySegment x,
            long xAt,
            long xRow,
            MemorySegment out,
            long to,
            long row) {
        FloatVector a0 = zero();
        FloatVector b0 = zero();
        FloatVector c0 = zero();
        FloatVector d0 = zero();
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 16) {
            IntVector w0 = words(w, o);
            FloatVector v00 = first(w0);
            FloatVector s = repeat(x, xo);
            a0 = v00.fma(s, a0);
            s = repeat(x, xo + xRow);
            b0 = v00.fma(s, b0);
            s = repeat(x, xo + 2 * xRow);
            c0 = v00.fma(s, c0);
            s = repeat(x, xo + 3 * xRow);
            d0 = v00.fma(s, d0);
            FloatVector v10 = second(w0);
            s = repeat(x, xo + 4);
            a0 = v10.fma(s, a0);
            s = repeat(x, xo + xRow + 4);
            b0 = v10.fma(s, b0);
            s = repeat(x, xo + 2 * xRow + 4);
            c0 = v10.fma(s, c0);
            s = repeat(x, xo + 3 * xRow + 4);
            d0 = v10.fma(s, d0);
            FloatVector v20 = third(w0);
            s = repeat(x, xo + 8);
            a0 = v20.fma(s, a0);
            s = repeat(x, xo + xRow + 8);
            b0 = v20.fma(s, b0);
            s = repeat(x, xo + 2 * xRow + 8);
            c0 = v20.fma(s, c0);
            s = repeat(x, xo + 3 * xRow + 8);
            d0 = v20.fma(s, d0);
            FloatVector v30 = fourth(w0);
            s = repeat(x, xo + 12);
            a0 = v30.fma(s, a0);
            s = repeat(x, xo + xRow + 12);
            b0 = v30.fma(s, b0);
            s = repeat(x, xo + 2 * xRow + 12);
            c0 = v30.fma(s, c0);
            s = repeat(x, xo + 3 * xRow + 12);
            d0 = v30.fma(s, d0);
        }
        if (left > 0) {
            FloatVector v0 = first(words(w, o));
            a0 = v0.fma(repeat(x, xo), a0);
            b0 = v0.fma(repeat(x, xo + xRow), b0);
            c0 = v0.fma(repeat(x, xo + 2 * xRow), c0);
            d0 = v0.fma(repeat(x, xo + 3 * xRow), d0);
        }
        if (left > 1) {
            FloatVector v0 = second(words(w, o));
            a0 = v0.fma(repeat(x, xo + 4), a0);
            b0 = v0.fma(repeat(x, xo + xRow + 4), b0);
            c0 = v0.fma(repeat(x, xo + 2 * xRow + 4), c0);
            d0 = v0.fma(repeat(x, xo + 3 * xRow + 4), d0);
        }
        if (left > 2) {
            FloatVector v0 = third(words(w, o));
            a0 = v0.fma(repeat(x, xo + 8), a0);
            b0 = v0.fma(repeat(x, xo + xRow + 8), b0);
            c0 = v0.fma(repeat(x, xo + 2 * xRow + 8), c0);
            d0 = v0.fma(repeat(x, xo + 3 * xRow + 8), d0);
        }
        FloatVector s0 = weights(w, scale);
        store(a0.fma(s0, load(out, to)), out, to);
        store(b0.fma(s0, load(out, to + row)), out, to + row);
        store(c0.fma(s0, load(out, to + 2 * row)), out, to + 2 * row);
        store(d0.fma(s0, load(out, to + 3 * row)), out, to + 3 * row);
    }
    /** The value of the lowest byte. */
    private static FloatVector first(IntVector words) {
        return value(words.lanewise(VectorOperators.LSHL, 24));
    }

    private static FloatVector second(IntVector words) {
        return value(words.lanewise(VectorOperators.LSHL, 16));
    }

    private static FloatVector third(IntVector words) {
        return value(words.lanewise(VectorOperators.LSHL, 8));
    }

    /** The value of the highest byte. */
    private static FloatVector fourth(IntVector words) {
        return value(words);
    }

    /** The value of the highest byte of each lane. */
    private static FloatVector value(IntVector high) {
        return (FloatVector) high.lanewise(VectorOperators.ASHR, 24).convert(VectorOperators.I2F, 0);
    }
}
