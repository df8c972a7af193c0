package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.F32;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.I;
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
 * Tiles of out[vector] += scale[vector] &Sigma; x[k] q[k][vector] with int8 panels. A 32-bit word of a lane holds four neighbouring columns, the lowest in the lowest bits. Every tile takes its words from byte {@code at} to byte
 * {@code end}, {@code stride} bytes apart; {@code left} columns of one word more are added by {@code last}. The other arguments are those of
 * {@link PanelsF32}, and so is the rule to call nothing but the Vector API.
 * The scales of the outputs lie at {@code scale}; the sum is multiplied once, at the end. The four bytes of a word are a loop: written out, they would exceed what C2
 * inlines at once.
 */
final class PanelsInt8 {

    /**
     * A byte b becomes a float by bits: b + 128 under the exponent of 2<sup>23</sup>, less 2<sup>23</sup> + 128. Exact, and
     * simpler for the compiler than a conversion between lane types, which it does not always inline.
     */
    private static final IntVector FLIP = IntVector.broadcast(I, 0x80808080);

    private static final IntVector BYTE = IntVector.broadcast(I, 0xff);
    private static final IntVector MAGIC_BITS = IntVector.broadcast(I, 0x4b000000);
    private static final FloatVector MAGIC = broadcast(F, 0x1p23f + 128);

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
            four(w, at + v, end + v, stride, scale + v, x, xAt, out, to + v);
        }
        for (; v <= whole - 2 * BYTES; v += 2 * BYTES) {
            two(w, at + v, end + v, stride, scale + v, x, xAt, out, to + v);
        }
        for (; v < whole; v += BYTES) {
            one(w, at + v, end + v, stride, scale + v, x, xAt, out, to + v);
        }
        if (tail > 0) {
            tail(w, at + v, end + v, stride, scale + v, x, xAt, out, to + v, tail);
        }
        long xLeft = xAt + 16 * ((end - at) / stride);
        for (v = 0; left > 0 && v < whole; v += BYTES) {
            last(w, end + v, left, scale + v, x, xLeft, out, to + v, Vectors.LANES);
        }
        if (left > 0 && tail > 0) {
            last(w, end + v, left, scale + v, x, xLeft, out, to + v, tail);
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
            fourRows(w, at, end, stride, scale, x, xAt + m * xRow, xRow, out, to + m * row, row, vectors, tail);
            if (left > 0) {
                for (int i = m; i < m + 4; i++) {
                    // From end to end: nothing but the columns left over.
                    row(
                            w,
                            end,
                            end,
                            stride,
                            left,
                            scale,
                            x,
                            xAt + i * xRow + 16 * ((end - at) / stride),
                            out,
                            to + i * row,
                            vectors,
                            tail);
                }
            }
        }
        for (; m < rows; m++) {
            row(w, at, end, stride, left, scale, x, xAt + m * xRow, out, to + m * row, vectors, tail);
        }
    }

    private static void fourRows(
            MemorySegment w,
            long at,
            long end,
            long stride,
            long scale,
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
            fourByOne(w, at + v, end + v, stride, scale + v, x, xAt, xRow, out, to + v, row);
        }
        for (int i = 0; tail > 0 && i < 4; i++) {
            tail(w, at + v, end + v, stride, scale + v, x, xAt + i * xRow, out, to + i * row + v, tail);
        }
    }

    /** Four gates of 512 bits. */
    private static void four(
            MemorySegment w,
            long at,
            long end,
            long stride,
            long scale,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        FloatVector a3 = FloatVector.zero(F);
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED).lanewise(VectorOperators.XOR, FLIP);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o + BYTES, STORED).lanewise(VectorOperators.XOR, FLIP);
            IntVector w2 =
                    IntVector.fromMemorySegment(I, w, o + 2 * BYTES, STORED).lanewise(VectorOperators.XOR, FLIP);
            IntVector w3 =
                    IntVector.fromMemorySegment(I, w, o + 3 * BYTES, STORED).lanewise(VectorOperators.XOR, FLIP);
            for (int shift = 0; shift < 32; shift += 8, xo += 4) {
                FloatVector s = broadcast(F, x.get(F32, xo));
                a0 = w0.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(s, a0);
                a1 = w1.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(s, a1);
                a2 = w2.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(s, a2);
                a3 = w3.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(s, a3);
            }
        }
        a0.fma(fromMemorySegment(F, w, scale, STORED), fromMemorySegment(F, out, to, NATIVE))
                .intoMemorySegment(out, to, NATIVE);
        a1.fma(fromMemorySegment(F, w, scale + BYTES, STORED), fromMemorySegment(F, out, to + BYTES, NATIVE))
                .intoMemorySegment(out, to + BYTES, NATIVE);
        a2.fma(fromMemorySegment(F, w, scale + 2 * BYTES, STORED), fromMemorySegment(F, out, to + 2 * BYTES, NATIVE))
                .intoMemorySegment(out, to + 2 * BYTES, NATIVE);
        a3.fma(fromMemorySegment(F, w, scale + 3 * BYTES, STORED), fromMemorySegment(F, out, to + 3 * BYTES, NATIVE))
                .intoMemorySegment(out, to + 3 * BYTES, NATIVE);
    }

    /** One gate of 256 bits. */
    private static void two(
            MemorySegment w,
            long at,
            long end,
            long stride,
            long scale,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector b0 = FloatVector.zero(F);
        FloatVector b1 = FloatVector.zero(F);
        long o = at;
        long xo = xAt;
        for (; o < end - stride; o += 2 * stride, xo += 16) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED).lanewise(VectorOperators.XOR, FLIP);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o + BYTES, STORED).lanewise(VectorOperators.XOR, FLIP);
            IntVector v0 = IntVector.fromMemorySegment(I, w, o + stride, STORED).lanewise(VectorOperators.XOR, FLIP);
            IntVector v1 = IntVector.fromMemorySegment(I, w, o + stride + BYTES, STORED)
                    .lanewise(VectorOperators.XOR, FLIP);
            for (int shift = 0; shift < 32; shift += 8, xo += 4) {
                FloatVector s = broadcast(F, x.get(F32, xo));
                a0 = w0.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(s, a0);
                a1 = w1.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(s, a1);
                s = broadcast(F, x.get(F32, xo + 16));
                b0 = v0.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(s, b0);
                b1 = v1.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(s, b1);
            }
        }
        if (o < end) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED).lanewise(VectorOperators.XOR, FLIP);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o + BYTES, STORED).lanewise(VectorOperators.XOR, FLIP);
            for (int shift = 0; shift < 32; shift += 8, xo += 4) {
                FloatVector s = broadcast(F, x.get(F32, xo));
                a0 = w0.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(s, a0);
                a1 = w1.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(s, a1);
            }
        }
        a0.add(b0)
                .fma(fromMemorySegment(F, w, scale, STORED), fromMemorySegment(F, out, to, NATIVE))
                .intoMemorySegment(out, to, NATIVE);
        a1.add(b1)
                .fma(fromMemorySegment(F, w, scale + BYTES, STORED), fromMemorySegment(F, out, to + BYTES, NATIVE))
                .intoMemorySegment(out, to + BYTES, NATIVE);
    }

    /** One gate of 512 bits. */
    private static void one(
            MemorySegment w,
            long at,
            long end,
            long stride,
            long scale,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = FloatVector.zero(F);
        long o = at;
        long xo = xAt;
        for (; o < end - stride; o += 2 * stride, xo += 16) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED).lanewise(VectorOperators.XOR, FLIP);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o + stride, STORED).lanewise(VectorOperators.XOR, FLIP);
            for (int shift = 0; shift < 32; shift += 8, xo += 4) {
                a = w0.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(broadcast(F, x.get(F32, xo)), a);
                b = w1.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(broadcast(F, x.get(F32, xo + 16)), b);
            }
        }
        if (o < end) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED).lanewise(VectorOperators.XOR, FLIP);
            for (int shift = 0; shift < 32; shift += 8, xo += 4) {
                a = w0.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(broadcast(F, x.get(F32, xo)), a);
            }
        }
        a.add(b)
                .fma(fromMemorySegment(F, w, scale, STORED), fromMemorySegment(F, out, to, NATIVE))
                .intoMemorySegment(out, to, NATIVE);
    }

    /** The last lanes of a row; the weights are padded to whole vectors, the sums are not. */
    private static void tail(
            MemorySegment w,
            long at,
            long end,
            long stride,
            long scale,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to,
            int lanes) {
        VectorMask<Float> first = F.indexInRange(0, lanes);
        FloatVector a = FloatVector.zero(F);
        long xo = xAt;
        for (long o = at; o < end; o += stride) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED).lanewise(VectorOperators.XOR, FLIP);
            for (int shift = 0; shift < 32; shift += 8, xo += 4) {
                a = w0.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC)
                        .fma(broadcast(F, x.get(F32, xo)), a);
            }
        }
        FloatVector sum = a.fma(fromMemorySegment(F, w, scale, STORED), fromMemorySegment(F, out, to, NATIVE, first));
        sum.intoMemorySegment(out, to, NATIVE, first);
    }

    /** The first {@code left} columns of one word of one vector. */
    private static void last(
            MemorySegment w,
            long at,
            int left,
            long scale,
            MemorySegment x,
            long xAt,
            MemorySegment out,
            long to,
            int lanes) {
        VectorMask<Float> first = F.indexInRange(0, lanes);
        IntVector words = IntVector.fromMemorySegment(I, w, at, STORED).lanewise(VectorOperators.XOR, FLIP);
        FloatVector sum = FloatVector.zero(F);
        for (int shift = 0, k = 0; k < left; shift += 8, k++) {
            sum = words.lanewise(VectorOperators.LSHR, shift)
                    .and(BYTE)
                    .or(MAGIC_BITS)
                    .reinterpretAsFloats()
                    .sub(MAGIC)
                    .fma(broadcast(F, x.get(F32, xAt + k * 4L)), sum);
        }
        sum = sum.fma(fromMemorySegment(F, w, scale, STORED), fromMemorySegment(F, out, to, NATIVE, first));
        sum.intoMemorySegment(out, to, NATIVE, first);
    }

    /** Four rows of x with one vector of outputs. */
    private static void fourByOne(
            MemorySegment w,
            long at,
            long end,
            long stride,
            long scale,
            MemorySegment x,
            long xAt,
            long xRow,
            MemorySegment out,
            long to,
            long row) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector b0 = FloatVector.zero(F);
        FloatVector c0 = FloatVector.zero(F);
        FloatVector d0 = FloatVector.zero(F);
        long xo = xAt;
        for (long o = at; o < end; o += stride) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED).lanewise(VectorOperators.XOR, FLIP);
            for (int shift = 0; shift < 32; shift += 8, xo += 4) {
                FloatVector v = w0.lanewise(VectorOperators.LSHR, shift)
                        .and(BYTE)
                        .or(MAGIC_BITS)
                        .reinterpretAsFloats()
                        .sub(MAGIC);
                a0 = v.fma(broadcast(F, x.get(F32, xo)), a0);
                b0 = v.fma(broadcast(F, x.get(F32, xo + xRow)), b0);
                c0 = v.fma(broadcast(F, x.get(F32, xo + 2 * xRow)), c0);
                d0 = v.fma(broadcast(F, x.get(F32, xo + 3 * xRow)), d0);
            }
        }
        FloatVector s0 = fromMemorySegment(F, w, scale, STORED);
        a0.fma(s0, fromMemorySegment(F, out, to, NATIVE)).intoMemorySegment(out, to, NATIVE);
        b0.fma(s0, fromMemorySegment(F, out, to + row, NATIVE)).intoMemorySegment(out, to + row, NATIVE);
        c0.fma(s0, fromMemorySegment(F, out, to + 2 * row, NATIVE)).intoMemorySegment(out, to + 2 * row, NATIVE);
        d0.fma(s0, fromMemorySegment(F, out, to + 3 * row, NATIVE)).intoMemorySegment(out, to + 3 * row, NATIVE);
    }
}
