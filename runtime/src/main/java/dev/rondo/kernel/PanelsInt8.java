package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.STORED_F32;
import static dev.rondo.kernel.Memory.STORED_WORD;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.I;
import static dev.rondo.kernel.Vectors.NATIVE;
import static dev.rondo.kernel.Vectors.S;
import static dev.rondo.kernel.Vectors.STORED;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Tiles of out[vector] += scale[vector] s &Sigma; p[k] q[k][vector] with int8 panels, where x = s p is a row of x in whole numbers p of
 * -63 &hellip; 63.
 *
 * <p>A 16-bit half of a word is v = 256 q<sub>1</sub> + q<sub>0</sub> + 64 of two neighbouring columns, so q<sub>1</sub> = v &gt;&gt; 8, and modulo
 * 2<sup>16</sup>
 *
 * <pre>
 * q0 p0 + q1 p1 = v p0 + q1 (p1 - 256 p0) - 64 p0
 * </pre>
 *
 * The sum over the four words of 16 columns lies within &plusmn;4 &middot; 2 &middot; 63 &middot; 63 = &plusmn;31752 and is exact. Then the two halves t and u of each lane join
 * the 32-bit sums of all groups: with 2<sup>15</sup> added to the lower half u it cannot be negative, so the lane is 2<sup>16</sup> t + u, t is that shifted, and two
 * sums, of lanes and of t, are enough.
 *
 * <p>The other arguments are those of {@link PanelsF32}, and so is the rule to call nothing but the Vector API.
 */
final class PanelsInt8 {

    /** Bytes of 16 columns of x as {@link #quantise} leaves them: four times the two factors of a word, then what the sum starts from. */
    private static final int GROUP = 64;

    private static final int SUMS = Memory.SUMS_INT8;

    private static final int START = 32;
    private static final int SCALE = 36;
    /** Pairs of words 0, 2, 4 …, and 1, 3, 5 …; not of longs, whose 128 bits are rearranged in memory. */
    private static final VectorShuffle<Integer> EVEN =
            VectorShuffle.fromOp(I, i -> (i / 2 * 4 + i % 2) % Vectors.LANES);

    private static final VectorShuffle<Integer> ODD =
            VectorShuffle.fromOp(I, i -> (i / 2 * 4 + i % 2 + 2) % Vectors.LANES);

    /** t - 2<sup>16</sup> t: takes what belongs to the upper halves out of a sum of lanes. */
    private static final IntVector CARRY = IntVector.broadcast(I, -0xffff);

    private static final IntVector UPPER = IntVector.broadcast(I, 0x4b400000);
    private static final IntVector LOWER = IntVector.broadcast(I, 0x4b000000);
    private static final FloatVector UPPER_UNIT = FloatVector.broadcast(F, 0x1p16f);

    /** The class of vectors of i16: gives a sum that comes round a loop back its class. */
    @SuppressWarnings("unchecked")
    private static final Class<ShortVector> SHORTS = (Class<ShortVector>) (Class<?>) S.vectorType();

    private PanelsInt8() {}

    /** out[gates] += x W[gates]<sup>T</sup>. */
    static void add(View x, Weights w, int firstGroup, int groupCount, MemorySegment scratch, View out) {
        long rowBytes = Memory.int8Row(w.columns());
        for (int m = 0; m < x.rows; m += Memory.ROWS_INT8) {
            int rows = Math.min(Memory.ROWS_INT8, x.rows - m);
            for (int i = 0; i < rows; i++) {
                quantise(x.segment, Memory.row(x, m + i), w.columns(), scratch, SUMS + i * rowBytes);
            }
            blocks(w, firstGroup, groupCount, scratch, rowBytes, rows, out, Memory.row(out, m));
        }
    }

    private static void blocks(
            Weights w, int firstGroup, int groupCount, MemorySegment q, long rowBytes, int rows, View out, long outAt) {
        long stride = w.groups() * 64L;
        long blockBytes = (w.columns() + 15) / 16 * 4 * stride;
        long first = firstGroup * 64L;
        long scales = Memory.scales(w);
        int begun = 0;
        if (w.groups() == 1 && Vectors.LANES == Weights.PANEL) {
            for (; (begun + 4) * Weights.PANEL <= out.cols; begun += 4) {
                long from = begun * blockBytes;
                long to = begun * stride;
                for (int m = 0; m < rows; m++) {
                    long row = SUMS + m * rowBytes;
                    four(w.data(), from, blockBytes, from + blockBytes, stride, q, row);
                    finish(w.data(), scales + to, q, 0, row, out.segment, outAt + m * out.rowStride + to, 4 * BYTES);
                }
            }
        }
        for (int block = begun; block < w.blocks(); block++) {
            // Only in natural order is there a last block of which not every lane may be written.
            int lanes = w.groups() == 1
                    ? Math.min(Weights.PANEL, out.cols - block * Weights.PANEL)
                    : groupCount * Weights.PANEL;
            long at = block * blockBytes + first;
            long to = block * stride + first;
            rows(
                    w.data(),
                    at,
                    at + blockBytes - first,
                    stride,
                    scales + to,
                    q,
                    rowBytes,
                    out.segment,
                    outAt + to,
                    out.rowStride,
                    rows,
                    lanes / Vectors.LANES,
                    lanes % Vectors.LANES);
        }
    }

    private static void rows(
            MemorySegment w,
            long at,
            long end,
            long stride,
            long scale,
            MemorySegment q,
            long rowBytes,
            MemorySegment out,
            long to,
            long outRow,
            int rows,
            int vectors,
            int tail) {
        for (int m = 0; m < rows; m++) {
            row(w, at, end, stride, scale, q, SUMS + m * rowBytes, out, to + m * outRow, vectors, tail);
        }
    }

    /** Makes whole numbers of a row of x, as the factors of each word of weights. */
    static void quantise(MemorySegment x, long xAt, int columns, MemorySegment q, long at) {
        long bytes = 4L * columns;
        long whole = bytes - bytes % GROUP;
        float scale = scale(x, xAt, bytes);
        factors(x, xAt, whole, 1 / scale, q, at);
        if (whole < bytes) {
            long rest = at + whole;
            VectorProducts.copyRow(x, xAt + whole, q, rest, (int) (bytes - whole) / 4);
            for (long o = rest + bytes - whole; o < rest + GROUP; o += 4) {
                q.set(Memory.I32, o, 0);
            }
            factors(q, rest, GROUP, 1 / scale, q, rest);
        }
        q.set(STORED_F32, at + SCALE, scale);
    }

    /** max|x| / 63; zero when that would be subnormal, NaN when an element is not finite. */
    private static float scale(MemorySegment x, long xAt, long bytes) {
        IntVector largest = IntVector.zero(I);
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            largest = IntVector.fromMemorySegment(I, x, xAt + o, NATIVE)
                    .and(Integer.MAX_VALUE)
                    .max(largest);
        }
        int max = IntVector.zero(I).max(largest).reduceLanes(VectorOperators.MAX);
        for (; o < bytes; o += 4) {
            max = Math.max(max, x.get(Memory.I32, xAt + o) & Integer.MAX_VALUE);
        }
        float scale = Float.intBitsToFloat(max) / 63;
        return scale < Float.MIN_NORMAL ? 0 : scale < Float.POSITIVE_INFINITY ? scale : Float.NaN;
    }

    /** May work in place: what is written lies behind what has been read. */
    private static void factors(MemorySegment x, long xAt, long bytes, float inverse, MemorySegment q, long at) {
        long step = BYTES;
        for (long o = 0; o < bytes; o += step) {
            // Rounded by adding 1.5 * 2^23: the lower 16 bits are p modulo 2^16, also where inverse is infinite.
            LongVector p = fromMemorySegment(F, x, xAt + o, NATIVE)
                    .mul(inverse)
                    .add(0x1.8p23f)
                    .reinterpretAsLongs();
            // Lower word p0, upper word p1 - 256 p0, and the same of p2 and p3 in the next lane
            IntVector f = p.sub(p.lanewise(LSHL, 40)).reinterpretAsInts();
            f.rearrange(EVEN)
                    .and(0xffff)
                    .or(f.rearrange(ODD).lanewise(LSHL, 16))
                    .intoMemorySegment(q, at + (o & -GROUP) + (o & GROUP - 1) / 2, STORED);
        }
        for (long g = at; g < at + bytes; g += GROUP) {
            int a = q.get(STORED_WORD, g);
            int b = q.get(STORED_WORD, g + 8);
            int c = q.get(STORED_WORD, g + 16);
            int d = q.get(STORED_WORD, g + 24);
            int high = (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16);
            q.set(STORED_WORD, g + START, (0x8000 - 64 * (a + b + c + d)) & 0xffff | -64 * high << 16);
        }
    }

    /** One row of x with {@code vectors} whole vectors of outputs and {@code tail} lanes more. */
    static void row(
            MemorySegment w,
            long at,
            long end,
            long stride,
            long scale,
            MemorySegment q,
            long qAt,
            MemorySegment out,
            long to,
            int vectors,
            int tail) {
        long v = 0;
        long whole = (long) vectors * BYTES;
        for (; v <= whole - 4 * BYTES; v += 4 * BYTES) {
            four(w, at + v, BYTES, end + v, stride, q, qAt);
            finish(w, scale + v, q, 0, qAt, out, to + v, 4 * BYTES);
        }
        if (v <= whole - 3 * BYTES) {
            three(w, at + v, end + v, stride, q, qAt);
            finish(w, scale + v, q, 0, qAt, out, to + v, 3 * BYTES);
            v += 3 * BYTES;
        }
        for (; v < whole; v += BYTES) {
            one(w, at + v, end + v, stride, q, qAt);
            finish(w, scale + v, q, 0, qAt, out, to + v, BYTES);
        }
        if (tail > 0) {
            one(w, at + v, end + v, stride, q, qAt);
            finish(w, scale + v, q, 0, qAt, out, to + v, tail * 4L);
        }
    }

    /** Four vectors, {@code inner} bytes apart in the weights: gates of 512 bits, or blocks of one gate. */
    private static void four(MemorySegment w, long at, long inner, long end, long stride, MemorySegment q, long qAt) {
        IntVector s0 = IntVector.zero(I);
        IntVector s1 = IntVector.zero(I);
        IntVector s2 = IntVector.zero(I);
        IntVector s3 = IntVector.zero(I);
        IntVector t0 = IntVector.zero(I);
        IntVector t1 = IntVector.zero(I);
        IntVector t2 = IntVector.zero(I);
        IntVector t3 = IntVector.zero(I);
        long qo = qAt;
        for (long o = at; o < end; qo += GROUP) {
            ShortVector start =
                    IntVector.broadcast(I, q.get(STORED_WORD, qo + START)).reinterpretAsShorts();
            ShortVector a0 = start;
            ShortVector a1 = start;
            ShortVector a2 = start;
            ShortVector a3 = start;
            long next = o + 4 * stride;
            for (long k = qo; o < next; k += 8, o += stride) {
                ShortVector x0 = IntVector.broadcast(I, q.get(STORED_WORD, k)).reinterpretAsShorts();
                ShortVector x1 =
                        IntVector.broadcast(I, q.get(STORED_WORD, k + 4)).reinterpretAsShorts();
                ShortVector v0 = ShortVector.fromMemorySegment(S, w, o, STORED);
                ShortVector v1 = ShortVector.fromMemorySegment(S, w, o + inner, STORED);
                ShortVector v2 = ShortVector.fromMemorySegment(S, w, o + 2 * inner, STORED);
                ShortVector v3 = ShortVector.fromMemorySegment(S, w, o + 3 * inner, STORED);
                a0 = v0.lanewise(ASHR, 8).mul(x1).add(v0.mul(x0).add(a0));
                a1 = v1.lanewise(ASHR, 8).mul(x1).add(v1.mul(x0).add(a1));
                a2 = v2.lanewise(ASHR, 8).mul(x1).add(v2.mul(x0).add(a2));
                a3 = v3.lanewise(ASHR, 8).mul(x1).add(v3.mul(x0).add(a3));
            }
            IntVector i0 = SHORTS.cast(a0).reinterpretAsInts();
            IntVector i1 = SHORTS.cast(a1).reinterpretAsInts();
            IntVector i2 = SHORTS.cast(a2).reinterpretAsInts();
            IntVector i3 = SHORTS.cast(a3).reinterpretAsInts();
            s0 = i0.add(s0);
            s1 = i1.add(s1);
            s2 = i2.add(s2);
            s3 = i3.add(s3);
            t0 = i0.lanewise(ASHR, 16).add(t0);
            t1 = i1.lanewise(ASHR, 16).add(t1);
            t2 = i2.lanewise(ASHR, 16).add(t2);
            t3 = i3.lanewise(ASHR, 16).add(t3);
        }
        IntVector bias = IntVector.broadcast(I, (int) ((qo - qAt) / GROUP << 15));
        CARRY.mul(t0).add(s0).sub(bias).intoMemorySegment(q, 0, NATIVE);
        CARRY.mul(t1).add(s1).sub(bias).intoMemorySegment(q, BYTES, NATIVE);
        CARRY.mul(t2).add(s2).sub(bias).intoMemorySegment(q, 2 * BYTES, NATIVE);
        CARRY.mul(t3).add(s3).sub(bias).intoMemorySegment(q, 3 * BYTES, NATIVE);
    }

    /** Three gates of 512 bits. */
    private static void three(MemorySegment w, long at, long end, long stride, MemorySegment q, long qAt) {
        IntVector s0 = IntVector.zero(I);
        IntVector s1 = IntVector.zero(I);
        IntVector s2 = IntVector.zero(I);
        IntVector t0 = IntVector.zero(I);
        IntVector t1 = IntVector.zero(I);
        IntVector t2 = IntVector.zero(I);
        long qo = qAt;
        for (long o = at; o < end; qo += GROUP) {
            ShortVector start =
                    IntVector.broadcast(I, q.get(STORED_WORD, qo + START)).reinterpretAsShorts();
            ShortVector a0 = start;
            ShortVector a1 = start;
            ShortVector a2 = start;
            long next = o + 4 * stride;
            for (long k = qo; o < next; k += 8, o += stride) {
                ShortVector x0 = IntVector.broadcast(I, q.get(STORED_WORD, k)).reinterpretAsShorts();
                ShortVector x1 =
                        IntVector.broadcast(I, q.get(STORED_WORD, k + 4)).reinterpretAsShorts();
                ShortVector v0 = ShortVector.fromMemorySegment(S, w, o, STORED);
                ShortVector v1 = ShortVector.fromMemorySegment(S, w, o + BYTES, STORED);
                ShortVector v2 = ShortVector.fromMemorySegment(S, w, o + 2 * BYTES, STORED);
                a0 = v0.lanewise(ASHR, 8).mul(x1).add(v0.mul(x0).add(a0));
                a1 = v1.lanewise(ASHR, 8).mul(x1).add(v1.mul(x0).add(a1));
                a2 = v2.lanewise(ASHR, 8).mul(x1).add(v2.mul(x0).add(a2));
            }
            IntVector i0 = SHORTS.cast(a0).reinterpretAsInts();
            IntVector i1 = SHORTS.cast(a1).reinterpretAsInts();
            IntVector i2 = SHORTS.cast(a2).reinterpretAsInts();
            s0 = i0.add(s0);
            s1 = i1.add(s1);
            s2 = i2.add(s2);
            t0 = i0.lanewise(ASHR, 16).add(t0);
            t1 = i1.lanewise(ASHR, 16).add(t1);
            t2 = i2.lanewise(ASHR, 16).add(t2);
        }
        IntVector bias = IntVector.broadcast(I, (int) ((qo - qAt) / GROUP << 15));
        CARRY.mul(t0).add(s0).sub(bias).intoMemorySegment(q, 0, NATIVE);
        CARRY.mul(t1).add(s1).sub(bias).intoMemorySegment(q, BYTES, NATIVE);
        CARRY.mul(t2).add(s2).sub(bias).intoMemorySegment(q, 2 * BYTES, NATIVE);
    }

    /** One vector, or its first lanes; the weights are padded to whole vectors, the sums are not. */
    private static void one(MemorySegment w, long at, long end, long stride, MemorySegment q, long qAt) {
        IntVector s0 = IntVector.zero(I);
        IntVector t0 = IntVector.zero(I);
        long qo = qAt;
        for (long o = at; o < end; qo += GROUP) {
            ShortVector start =
                    IntVector.broadcast(I, q.get(STORED_WORD, qo + START)).reinterpretAsShorts();
            ShortVector a0 = start;
            long next = o + 4 * stride;
            for (long k = qo; o < next; k += 8, o += stride) {
                ShortVector x0 = IntVector.broadcast(I, q.get(STORED_WORD, k)).reinterpretAsShorts();
                ShortVector x1 =
                        IntVector.broadcast(I, q.get(STORED_WORD, k + 4)).reinterpretAsShorts();
                ShortVector v0 = ShortVector.fromMemorySegment(S, w, o, STORED);
                a0 = v0.lanewise(ASHR, 8).mul(x1).add(v0.mul(x0).add(a0));
            }
            IntVector i0 = SHORTS.cast(a0).reinterpretAsInts();
            s0 = i0.add(s0);
            t0 = i0.lanewise(ASHR, 16).add(t0);
        }
        IntVector bias = IntVector.broadcast(I, (int) ((qo - qAt) / GROUP << 15));
        CARRY.mul(t0).add(s0).sub(bias).intoMemorySegment(q, 0, NATIVE);
    }

    /**
     * out += scale s &middot; the sums of a tile. A loop of its own and called by no tile, because C1 runs out of registers when tiles do it, and C2 of nodes when it is inlined there; an i32 becomes a float by bits, its
     * halves below the exponent of 2<sup>23</sup>, because the API's conversion is not always inlined.
     */
    private static void finish(
            MemorySegment w, long scale, MemorySegment q, long sums, long qAt, MemorySegment out, long to, long bytes) {
        float x = q.get(STORED_F32, qAt + SCALE);
        FloatVector factor = FloatVector.broadcast(F, x);
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            IntVector sum = IntVector.fromMemorySegment(I, q, sums + o, NATIVE);
            sum.lanewise(ASHR, 16)
                    .add(UPPER)
                    .reinterpretAsFloats()
                    .sub(0x1.8p23f)
                    .fma(
                            UPPER_UNIT,
                            sum.and(0xffff).or(LOWER).reinterpretAsFloats().sub(0x1p23f))
                    .mul(fromMemorySegment(F, w, scale + o, STORED))
                    .fma(factor, fromMemorySegment(F, out, to + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            float product = q.get(Memory.I32, sums + o) * w.get(STORED_F32, scale + o);
            Memory.put(out, to + o, Math.fma(product, x, Memory.get(out, to + o)));
        }
    }
}
