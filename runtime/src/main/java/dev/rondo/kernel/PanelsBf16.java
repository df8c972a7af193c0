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
 * Tiles of out[vector] += &Sigma; x[k] w[k][vector] with bf16 panels. A 32-bit word of a lane holds two neighbouring columns, the lowest in the lowest bits. Every tile takes its words from byte {@code at} to byte
 * {@code end}, {@code stride} bytes apart; {@code left} columns of one word more are added by {@code last}. The other arguments are those of
 * {@link PanelsF32}, and so is the rule to call nothing but the Vector API.
 */
final class PanelsBf16 {

    /** Leaves the upper half of a word: the value of its second column. */
    private static final IntVector HIGH = IntVector.broadcast(I, 0xffff0000);

    private PanelsBf16() {}

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
        for (; v <= whole - 4 * BYTES; v += 4 * BYTES) {
            four(w, at + v, end + v, stride, x, xAt, out, to + v);
        }
        for (; v <= whole - 3 * BYTES; v += 3 * BYTES) {
            three(w, at + v, end + v, stride, x, xAt, out, to + v);
        }
        for (; v <= whole - 2 * BYTES; v += 2 * BYTES) {
            two(w, at + v, end + v, stride, x, xAt, out, to + v);
        }
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
        // Vectors of 512 bits are busy enough alone; the larger tile allocates in some JVMs.
        for (; Vectors.LANES < 16 && v <= (vectors - 2L) * BYTES; v += 2 * BYTES) {
            fourByTwo(w, at + v, end + v, stride, x, xAt, xRow, out, to + v, row);
        }
        for (; v < (long) vectors * BYTES; v += BYTES) {
            fourByOne(w, at + v, end + v, stride, x, xAt, xRow, out, to + v, row);
        }
        for (int i = 0; tail > 0 && i < 4; i++) {
            tail(w, at + v, end + v, stride, x, xAt + i * xRow, out, to + i * row + v, tail);
        }
    }

    /** Four gates of 512 bits. */
    static void four(
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
        for (; o < end; o += stride, xo += 8) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o + BYTES, STORED);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o + 2 * BYTES, STORED);
            IntVector w3 = IntVector.fromMemorySegment(I, w, o + 3 * BYTES, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = w0.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a0);
            a1 = w1.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a1);
            a2 = w2.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a2);
            a3 = w3.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a3);
            s = broadcast(F, x.get(F32, xo + 4));
            b0 = w0.and(HIGH).reinterpretAsFloats().fma(s, b0);
            b1 = w1.and(HIGH).reinterpretAsFloats().fma(s, b1);
            b2 = w2.and(HIGH).reinterpretAsFloats().fma(s, b2);
            b3 = w3.and(HIGH).reinterpretAsFloats().fma(s, b3);
        }
        a0.add(b0).intoMemorySegment(out, to, NATIVE);
        a1.add(b1).intoMemorySegment(out, to + BYTES, NATIVE);
        a2.add(b2).intoMemorySegment(out, to + 2 * BYTES, NATIVE);
        a3.add(b3).intoMemorySegment(out, to + 3 * BYTES, NATIVE);
    }

    /** One vector of four blocks, {@code apart} bytes apart. The same with neighbours costs a tenth more than {@link #four}. */
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
        FloatVector b0 = FloatVector.zero(F);
        FloatVector b1 = FloatVector.zero(F);
        FloatVector b2 = FloatVector.zero(F);
        FloatVector b3 = FloatVector.zero(F);
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 8) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o + apart, STORED);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o + 2 * apart, STORED);
            IntVector w3 = IntVector.fromMemorySegment(I, w, o + 3 * apart, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = w0.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a0);
            a1 = w1.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a1);
            a2 = w2.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a2);
            a3 = w3.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a3);
            s = broadcast(F, x.get(F32, xo + 4));
            b0 = w0.and(HIGH).reinterpretAsFloats().fma(s, b0);
            b1 = w1.and(HIGH).reinterpretAsFloats().fma(s, b1);
            b2 = w2.and(HIGH).reinterpretAsFloats().fma(s, b2);
            b3 = w3.and(HIGH).reinterpretAsFloats().fma(s, b3);
        }
        a0.add(b0).intoMemorySegment(out, to, NATIVE);
        a1.add(b1).intoMemorySegment(out, to + BYTES, NATIVE);
        a2.add(b2).intoMemorySegment(out, to + 2 * BYTES, NATIVE);
        a3.add(b3).intoMemorySegment(out, to + 3 * BYTES, NATIVE);
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
        for (; o < end; o += stride, xo += 8) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o + BYTES, STORED);
            IntVector w2 = IntVector.fromMemorySegment(I, w, o + 2 * BYTES, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = w0.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a0);
            a1 = w1.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a1);
            a2 = w2.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a2);
            s = broadcast(F, x.get(F32, xo + 4));
            b0 = w0.and(HIGH).reinterpretAsFloats().fma(s, b0);
            b1 = w1.and(HIGH).reinterpretAsFloats().fma(s, b1);
            b2 = w2.and(HIGH).reinterpretAsFloats().fma(s, b2);
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
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 8) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o + BYTES, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = w0.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a0);
            a1 = w1.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a1);
            s = broadcast(F, x.get(F32, xo + 4));
            b0 = w0.and(HIGH).reinterpretAsFloats().fma(s, b0);
            b1 = w1.and(HIGH).reinterpretAsFloats().fma(s, b1);
        }
        a0.add(b0).intoMemorySegment(out, to, NATIVE);
        a1.add(b1).intoMemorySegment(out, to + BYTES, NATIVE);
    }

    /** One gate of 512 bits. */
    private static void one(
            MemorySegment w, long at, long end, long stride, MemorySegment x, long xAt, MemorySegment out, long to) {
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector b0 = FloatVector.zero(F);
        FloatVector c0 = FloatVector.zero(F);
        FloatVector d0 = FloatVector.zero(F);
        long o = at;
        long xo = xAt;
        for (; o < end - stride; o += 2 * stride, xo += 16) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = w0.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a0);
            s = broadcast(F, x.get(F32, xo + 4));
            b0 = w0.and(HIGH).reinterpretAsFloats().fma(s, b0);
            w0 = IntVector.fromMemorySegment(I, w, o + stride, STORED);
            s = broadcast(F, x.get(F32, xo + 8));
            c0 = w0.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, c0);
            s = broadcast(F, x.get(F32, xo + 12));
            d0 = w0.and(HIGH).reinterpretAsFloats().fma(s, d0);
        }
        for (; o < end; o += stride, xo += 8) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = w0.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a0);
            s = broadcast(F, x.get(F32, xo + 4));
            b0 = w0.and(HIGH).reinterpretAsFloats().fma(s, b0);
        }
        a0.add(c0).add(b0.add(d0)).intoMemorySegment(out, to, NATIVE);
    }

    /** The last lanes of a row, as {@link PanelsF32#tail}; the weights are padded to whole vectors, the sums are not. */
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
        if (to + BYTES > out.byteSize()) {
            tailAtTheEnd(w, at, end, stride, x, xAt, out, to, lanes);
            return;
        }
        FloatVector before = fromMemorySegment(F, out, to, NATIVE);
        FloatVector a0 = before;
        FloatVector b0 = FloatVector.zero(F);
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 8) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = w0.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a0);
            s = broadcast(F, x.get(F32, xo + 4));
            b0 = w0.and(HIGH).reinterpretAsFloats().fma(s, b0);
        }
        VectorMask<Float> first = LANE.compare(VectorOperators.LT, lanes);
        before.blend(a0.add(b0), first).intoMemorySegment(out, to, NATIVE);
    }

    /** The same where the sums end with these lanes. */
    private static void tailAtTheEnd(
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
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE, first);
        FloatVector b0 = FloatVector.zero(F);
        long o = at;
        long xo = xAt;
        for (; o < end; o += stride, xo += 8) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = w0.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(s, a0);
            s = broadcast(F, x.get(F32, xo + 4));
            b0 = w0.and(HIGH).reinterpretAsFloats().fma(s, b0);
        }
        a0.add(b0).intoMemorySegment(out, to, NATIVE, first);
    }

    /** The first column of one word of one vector: the second lies beyond the matrix. */
    private static void last(
            MemorySegment w, long at, MemorySegment x, long xAt, MemorySegment out, long to, int lanes) {
        VectorMask<Float> first = LANE.compare(VectorOperators.LT, lanes);
        IntVector words = IntVector.fromMemorySegment(I, w, at, STORED);
        FloatVector sum =
                words.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().mul(broadcast(F, x.get(F32, xAt)));
        sum = sum.add(fromMemorySegment(F, out, to, NATIVE, first));
        sum.intoMemorySegment(out, to, NATIVE, first);
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
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector a1 = fromMemorySegment(F, out, to + BYTES, NATIVE);
        FloatVector b0 = fromMemorySegment(F, out, to + row, NATIVE);
        FloatVector b1 = fromMemorySegment(F, out, to + row + BYTES, NATIVE);
        FloatVector c0 = fromMemorySegment(F, out, to + 2 * row, NATIVE);
        FloatVector c1 = fromMemorySegment(F, out, to + 2 * row + BYTES, NATIVE);
        FloatVector d0 = fromMemorySegment(F, out, to + 3 * row, NATIVE);
        FloatVector d1 = fromMemorySegment(F, out, to + 3 * row + BYTES, NATIVE);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += 8) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED);
            IntVector w1 = IntVector.fromMemorySegment(I, w, o + BYTES, STORED);
            FloatVector v0 = w0.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector v1 = w1.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
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
            v0 = w0.and(HIGH).reinterpretAsFloats();
            v1 = w1.and(HIGH).reinterpretAsFloats();
            s = broadcast(F, x.get(F32, xo + 4));
            a0 = v0.fma(s, a0);
            a1 = v1.fma(s, a1);
            s = broadcast(F, x.get(F32, xo + xRow + 4));
            b0 = v0.fma(s, b0);
            b1 = v1.fma(s, b1);
            s = broadcast(F, x.get(F32, xo + 2 * xRow + 4));
            c0 = v0.fma(s, c0);
            c1 = v1.fma(s, c1);
            s = broadcast(F, x.get(F32, xo + 3 * xRow + 4));
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
        FloatVector a0 = fromMemorySegment(F, out, to, NATIVE);
        FloatVector b0 = fromMemorySegment(F, out, to + row, NATIVE);
        FloatVector c0 = fromMemorySegment(F, out, to + 2 * row, NATIVE);
        FloatVector d0 = fromMemorySegment(F, out, to + 3 * row, NATIVE);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += 8) {
            IntVector w0 = IntVector.fromMemorySegment(I, w, o, STORED);
            FloatVector v0 = w0.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = v0.fma(s, a0);
            s = broadcast(F, x.get(F32, xo + xRow));
            b0 = v0.fma(s, b0);
            s = broadcast(F, x.get(F32, xo + 2 * xRow));
            c0 = v0.fma(s, c0);
            s = broadcast(F, x.get(F32, xo + 3 * xRow));
            d0 = v0.fma(s, d0);
            v0 = w0.and(HIGH).reinterpretAsFloats();
            s = broadcast(F, x.get(F32, xo + 4));
            a0 = v0.fma(s, a0);
            s = broadcast(F, x.get(F32, xo + xRow + 4));
            b0 = v0.fma(s, b0);
            s = broadcast(F, x.get(F32, xo + 2 * xRow + 4));
            c0 = v0.fma(s, c0);
            s = broadcast(F, x.get(F32, xo + 3 * xRow + 4));
            d0 = v0.fma(s, d0);
        }
        a0.intoMemorySegment(out, to, NATIVE);
        b0.intoMemorySegment(out, to + row, NATIVE);
        c0.intoMemorySegment(out, to + 2 * row, NATIVE);
        d0.intoMemorySegment(out, to + 3 * row, NATIVE);
    }

    /** Makes f32 of a block: words {@code stride} bytes apart become two columns of as many bytes. */
    static void decode(MemorySegment w, long at, long stride, int columns, MemorySegment out, long to) {
        long words = columns / 2 * stride;
        for (long v = 0; v < stride; v += BYTES) {
            if (words > 0) {
                decodeLanes(w, at + v, at + words, stride, out, to + v);
            }
            if (columns % 2 > 0) {
                IntVector last = IntVector.fromMemorySegment(I, w, at + words + v, STORED);
                last.lanewise(VectorOperators.LSHL, 16).intoMemorySegment(out, to + 2 * words + v, STORED);
            }
        }
    }

    /** Inside, the loop over columns: it is the long one. */
    private static void decodeLanes(MemorySegment w, long at, long end, long stride, MemorySegment out, long to) {
        long t = to;
        for (long o = at; o < end; o += stride, t += 2 * stride) {
            IntVector words = IntVector.fromMemorySegment(I, w, o, STORED);
            words.lanewise(VectorOperators.LSHL, 16).intoMemorySegment(out, t, STORED);
            words.and(HIGH).intoMemorySegment(out, t + stride, STORED);
        }
    }
}
