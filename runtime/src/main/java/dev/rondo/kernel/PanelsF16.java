package dev.rondo.kernel;

import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.load;
import static dev.rondo.kernel.Vectors.repeat;
import static dev.rondo.kernel.Vectors.store;
import static dev.rondo.kernel.Vectors.words;
import static dev.rondo.kernel.Vectors.zero;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Tiles of out[vector] += &Sigma; x[k] w[k][vector] with f16 panels. A 32-bit word of a lane holds two neighbouring columns, the lowest in the lowest bits. Every tile takes its words from byte {@code at} to byte
 * {@code end}, {@code stride} bytes apart, then the first {@code left} columns of one word more; the other arguments are those of {@link PanelsF32}.
 */
final class PanelsF16 {

    /** Where an exponent of f16 lies in f32 once its bits are shifted there; all ones means infinity or NaN. */
    private static final int SPECIAL = 0x7c00 << 13;

    /** 2 to the difference of the biases, 127 - 15. */
    private static final float REBIAS = 0x1p112f;

    private PanelsF16() {}

    /** One row of x with {@code vectors} whole vectors of outputs and {@code tail} lanes more. */
    static void row(
            MemorySegment w,
            long at,
            long end,
            long stride,
            int left,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to,
            int vectors,
            int tail) {
        long v = 0;
        long whole = (long) vectors * BYTES;
        for (; v <= whole - 2 * BYTES; v += 2 * BYTES) {
            two(w, at + v, end + v, stride, left, x, xAt, out, to + v);
        }
        for (; v < whole; v += BYTES) {
            one(w, at + v, end + v, stride, left, x, xAt, out, to + v);
        }
        if (tail > 0) {
            tail(w, at + v, end + v, stride, left, x, xAt, out, to + v, tail);
        }
    }

    /** Several rows of x; a vector of weights is loaded and decoded once for four of them. */
    static void rows(
            MemorySegment w,
            long at,
            long end,
            long stride,
            int left,
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
                fourByOne(w, at + v, end + v, stride, left, x, xTo, xRow, out, mTo + v, row);
            }
            for (int i = 0; tail > 0 && i < 4; i++) {
                tail(w, at + v, end + v, stride, left, x, xTo + i * xRow, out, mTo + i * row + v, tail);
            }
        }
        for (; m < rows; m++) {
            row(w, at, end, stride, left, x, xAt + m * xRow, out, to + m * row, vectors, tail);
        }
    }

    /** One gate of 256 bits. */
    private static void two(
            MemorySegment w,
            long at,
            long end,
            long stride,
            int left,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to) {
        FloatVector a0 = load(out, to);
        FloatVector a1 = load(out, to + BYTES);
        FloatVector b0 = zero();
        FloatVector b1 = zero();
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 8) {
            IntVector w0 = words(w, o);
            IntVector w1 = words(w, o + BYTES);
            FloatVector s = repeat(x, xo);
            a0 = low(w0).fma(s, a0);
            a1 = low(w1).fma(s, a1);
            s = repeat(x, xo + 4);
            b0 = high(w0).fma(s, b0);
            b1 = high(w1).fma(s, b1);
        }
        if (left > 0) {
            FloatVector s = repeat(x, xo);
            a0 = low(words(w, o)).fma(s, a0);
            a1 = low(words(w, o + BYTES)).fma(s, a1);
        }
        store(a0.add(b0), out, to);
        store(a1.add(b1), out, to + BYTES);
    }

    /** One gate of 512 bits. */
    private static void one(
            MemorySegment w,
            long at,
            long end,
            long stride,
            int left,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to) {
        FloatVector a0 = load(out, to);
        FloatVector b0 = zero();
        FloatVector c0 = zero();
        FloatVector d0 = zero();
        long o = at;
        long xo = xAt;
        for (; o < end - stride; o += 2 * stride, xo += 16) {
            IntVector w0 = words(w, o);
            FloatVector s = repeat(x, xo);
            a0 = low(w0).fma(s, a0);
            s = repeat(x, xo + 4);
            b0 = high(w0).fma(s, b0);
            w0 = words(w, o + stride);
            s = repeat(x, xo + 8);
            c0 = low(w0).fma(s, c0);
            s = repeat(x, xo + 12);
            d0 = high(w0).fma(s, d0);
        }
        if (o < end) {
            IntVector w0 = words(w, o);
            FloatVector s = repeat(x, xo);
            a0 = low(w0).fma(s, a0);
            s = repeat(x, xo + 4);
            b0 = high(w0).fma(s, b0);
            o += stride;
            xo += 8;
        }
        if (left > 0) {
            FloatVector s = repeat(x, xo);
            a0 = low(words(w, o)).fma(s, a0);
        }
        store(a0.add(c0).add(b0.add(d0)), out, to);
    }

    /** The last lanes of a row; the weights are padded to whole vectors, the sums are not. */
    private static void tail(
            MemorySegment w,
            long at,
            long end,
            long stride,
            int left,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to,
            int lanes) {
        VectorMask<Float> first = Vectors.first(lanes);
        FloatVector a0 = load(out, to, first);
        FloatVector b0 = zero();
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 8) {
            IntVector w0 = words(w, o);
            FloatVector s = repeat(x, xo);
            a0 = low(w0).fma(s, a0);
            s = repeat(x, xo + 4);
            b0 = high(w0).fma(s, b0);
        }
        if (left > 0) {
            FloatVector s = repeat(x, xo);
            a0 = low(words(w, o)).fma(s, a0);
        }
        store(a0.add(b0), out, to, first);
    }

    /** Four rows of x with one vector of outputs. */
    private static void fourByOne(
            MemorySegment w,
            long at,
            long end,
            long stride,
            int left,
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
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 8) {
            IntVector w0 = words(w, o);
            FloatVector v00 = low(w0);
            FloatVector s = repeat(x, xo);
            a0 = v00.fma(s, a0);
            s = repeat(x, xo + xRow);
            b0 = v00.fma(s, b0);
            s = repeat(x, xo + 2 * xRow);
            c0 = v00.fma(s, c0);
            s = repeat(x, xo + 3 * xRow);
            d0 = v00.fma(s, d0);
            FloatVector v10 = high(w0);
            s = repeat(x, xo + 4);
            a0 = v10.fma(s, a0);
            s = repeat(x, xo + xRow + 4);
            b0 = v10.fma(s, b0);
            s = repeat(x, xo + 2 * xRow + 4);
            c0 = v10.fma(s, c0);
            s = repeat(x, xo + 3 * xRow + 4);
            d0 = v10.fma(s, d0);
        }
        if (left > 0) {
            FloatVector v0 = low(words(w, o));
            a0 = v0.fma(repeat(x, xo), a0);
            b0 = v0.fma(repeat(x, xo + xRow), b0);
            c0 = v0.fma(repeat(x, xo + 2 * xRow), c0);
            d0 = v0.fma(repeat(x, xo + 3 * xRow), d0);
        }
        store(a0, out, to);
        store(b0, out, to + row);
        store(c0, out, to + 2 * row);
        store(d0, out, to + 3 * row);
    }
    /** The value of the lower half. */
    static FloatVector low(IntVector words) {
        IntVector magnitude = words.and(0x7fff).lanewise(VectorOperators.LSHL, 13);
        return value(magnitude, words.lanewise(VectorOperators.LSHL, 16).and(0x80000000));
    }

    /** The value of the upper half. */
    private static FloatVector high(IntVector words) {
        IntVector magnitude = words.lanewise(VectorOperators.LSHR, 3).and(0x7fff << 13);
        return value(magnitude, words.and(0x80000000));
    }

    /** Exponent and fraction where f32 has them, times 2<sup>112</sup>: right for subnormal numbers too. */
    private static FloatVector value(IntVector magnitude, IntVector sign) {
        IntVector scaled = magnitude.reinterpretAsFloats().mul(REBIAS).reinterpretAsInts();
        VectorMask<Integer> special = magnitude.compare(VectorOperators.GE, SPECIAL);
        IntVector bits = scaled.blend(magnitude.or(0x7f800000), special);
        return bits.or(sign).reinterpretAsFloats();
    }
}
