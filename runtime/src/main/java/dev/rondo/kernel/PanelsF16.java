package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.F32;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.I;
import static dev.rondo.kernel.Vectors.LANE;
import static dev.rondo.kernel.Vectors.NATIVE;
import static dev.rondo.kernel.Vectors.STORED;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Tiles of out[vector] += &Sigma; x[k] w[k][vector] with f16 panels. A 32-bit word of a lane holds two neighbouring columns, the lowest in the lowest bits. Every tile takes its words from byte {@code at} to byte
 * {@code end}, {@code stride} bytes apart; {@code left} columns of one word more are added by {@code last}. The other arguments are those of
 * {@link PanelsF32}, and so is the rule to call nothing but the Vector API; that is why four methods decode alike: exponent and fraction where f32 has
 * them, times 2<sup>112</sup>, which is right for subnormal numbers too, then the sign.
 */
final class PanelsF16 {

    static final IntVector SIGN = IntVector.broadcast(I, 0x80000000);

    /** Exponent and fraction of f16, where f32 has them. */
    static final IntVector MAGNITUDE = IntVector.broadcast(I, 0x7fff << 13);

    /** The exponent of infinity and NaN. */
    static final IntVector SPECIAL = IntVector.broadcast(I, 0x7c00 << 13);

    /** The same in f32. */
    static final IntVector F32_SPECIAL = IntVector.broadcast(I, 0x7f800000);

    /** 2 to the difference of the biases, 127 - 15. */
    static final FloatVector REBIAS = broadcast(F, 0x1p112f);

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
        long whole = (long) vectors * BYTES;
        // Not even a call without a word: a loop that C2 has seen run zero times becomes half as fast.
        long v = at < end ? 0 : whole;
        for (; v < whole; v += BYTES) {
            one(w, at + v, end + v, stride, x, xAt, out, to + v);
        }
        if (tail > 0 && at < end) {
            tail(w, at + v, end + v, stride, x, xAt, out, to + v, tail);
        }
        long xLeft = xAt + 8 * ((end - at) / stride);
        for (v = 0; left > 0 && v < whole; v += BYTES) {
            last(w, end + v, x, xLeft, out, to + v, Vectors.LANES);
        }
        if (left > 0 && tail > 0) {
            last(w, end + v, x, xLeft, out, to + v, tail);
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
            fourRows(w, at, end, stride, x, xAt + m * xRow, xRow, out, to + m * row, row, vectors, tail);
            if (left > 0) {
                for (int i = m; i < m + 4; i++) {
                    // From end to end: nothing but the columns left over.
                    row(
                            w,
                            end,
                            end,
                            stride,
                            left,
                            x,
                            xAt + i * xRow + 8 * ((end - at) / stride),
                            out,
                            to + i * row,
                            vectors,
                            tail);
                }
            }
        }
        for (; m < rows; m++) {
            row(w, at, end, stride, left, x, xAt + m * xRow, out, to + m * row, vectors, tail);
        }
    }

    private static void fourRows(
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
            int vectors,
            int tail) {
        long v = 0;
        for (; v < (long) vectors * BYTES; v += BYTES) {
            fourByOne(w, at + v, end + v, stride, x, xAt, xRow, out, to + v, row);
        }
        for (int i = 0; tail > 0 && i < 4; i++) {
            tail(w, at + v, end + v, stride, x, xAt + i * xRow, out, to + i * row + v, tail);
        }
    }

    /** One gate of 512 bits. */
    private static void one(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a = fromMemorySegment(F, out, to, NATIVE);
        long xo = xAt;
        for (long o = at; o < end; o += stride) {
            IntVector words = IntVector.fromMemorySegment(I, w, o, STORED);
            for (int shift = 16; shift >= 0; shift -= 16, xo += 4) {
                IntVector h = words.lanewise(VectorOperators.LSHL, shift);
                IntVector magnitude = h.lanewise(VectorOperators.LSHR, 3).and(MAGNITUDE);
                IntVector scaled = magnitude.reinterpretAsFloats().mul(REBIAS).reinterpretAsInts();
                scaled = scaled.blend(magnitude.or(F32_SPECIAL), magnitude.compare(VectorOperators.GE, SPECIAL));
                FloatVector v = scaled.or(h.and(SIGN)).reinterpretAsFloats();
                a = v.fma(broadcast(F, x.get(F32, xo)), a);
            }
        }
        a.intoMemorySegment(out, to, NATIVE);
    }

    /** The last lanes of a row; the weights are padded to whole vectors, the sums are not. */
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
        VectorMask<Float> first = LANE.compare(VectorOperators.LT, lanes);
        FloatVector a = fromMemorySegment(F, out, to, NATIVE, first);
        long xo = xAt;
        for (long o = at; o < end; o += stride) {
            IntVector words = IntVector.fromMemorySegment(I, w, o, STORED);
            for (int shift = 16; shift >= 0; shift -= 16, xo += 4) {
                IntVector h = words.lanewise(VectorOperators.LSHL, shift);
                IntVector magnitude = h.lanewise(VectorOperators.LSHR, 3).and(MAGNITUDE);
                IntVector scaled = magnitude.reinterpretAsFloats().mul(REBIAS).reinterpretAsInts();
                scaled = scaled.blend(magnitude.or(F32_SPECIAL), magnitude.compare(VectorOperators.GE, SPECIAL));
                FloatVector v = scaled.or(h.and(SIGN)).reinterpretAsFloats();
                a = v.fma(broadcast(F, x.get(F32, xo)), a);
            }
        }
        a.intoMemorySegment(out, to, NATIVE, first);
    }

    /** The first column of one word of one vector: the second lies beyond the matrix. */
    private static void last(
            MemorySegment w, long at, MemorySegment x, long xAt, MemorySegment out, long to, int lanes) {
        VectorMask<Float> first = LANE.compare(VectorOperators.LT, lanes);
        IntVector h = IntVector.fromMemorySegment(I, w, at, STORED).lanewise(VectorOperators.LSHL, 16);
        IntVector magnitude = h.lanewise(VectorOperators.LSHR, 3).and(MAGNITUDE);
        IntVector scaled = magnitude.reinterpretAsFloats().mul(REBIAS).reinterpretAsInts();
        scaled = scaled.blend(magnitude.or(F32_SPECIAL), magnitude.compare(VectorOperators.GE, SPECIAL));
        FloatVector v = scaled.or(h.and(SIGN)).reinterpretAsFloats();
        FloatVector sum = v.fma(broadcast(F, x.get(F32, xAt)), fromMemorySegment(F, out, to, NATIVE, first));
        sum.intoMemorySegment(out, to, NATIVE, first);
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
        FloatVector a = fromMemorySegment(F, out, to, NATIVE);
        FloatVector b = fromMemorySegment(F, out, to + row, NATIVE);
        FloatVector c = fromMemorySegment(F, out, to + 2 * row, NATIVE);
        FloatVector d = fromMemorySegment(F, out, to + 3 * row, NATIVE);
        long xo = xAt;
        for (long o = at; o < end; o += stride) {
            IntVector words = IntVector.fromMemorySegment(I, w, o, STORED);
            for (int shift = 16; shift >= 0; shift -= 16, xo += 4) {
                IntVector h = words.lanewise(VectorOperators.LSHL, shift);
                IntVector magnitude = h.lanewise(VectorOperators.LSHR, 3).and(MAGNITUDE);
                IntVector scaled = magnitude.reinterpretAsFloats().mul(REBIAS).reinterpretAsInts();
                scaled = scaled.blend(magnitude.or(F32_SPECIAL), magnitude.compare(VectorOperators.GE, SPECIAL));
                FloatVector v = scaled.or(h.and(SIGN)).reinterpretAsFloats();
                a = v.fma(broadcast(F, x.get(F32, xo)), a);
                b = v.fma(broadcast(F, x.get(F32, xo + xRow)), b);
                c = v.fma(broadcast(F, x.get(F32, xo + 2 * xRow)), c);
                d = v.fma(broadcast(F, x.get(F32, xo + 3 * xRow)), d);
            }
        }
        a.intoMemorySegment(out, to, NATIVE);
        b.intoMemorySegment(out, to + row, NATIVE);
        c.intoMemorySegment(out, to + 2 * row, NATIVE);
        d.intoMemorySegment(out, to + 3 * row, NATIVE);
    }
}
