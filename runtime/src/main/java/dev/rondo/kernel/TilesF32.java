package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.F32;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.LANE;
import static dev.rondo.kernel.Vectors.LANES;
import static dev.rondo.kernel.Vectors.NATIVE;
import static dev.rondo.kernel.Vectors.STORED;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Products of many rows with f32 panels: out = bias + x W<sup>T</sup>, or out += x W<sup>T</sup>, in tiles of sums that stay in registers.
 *
 * <p>A tile has four rows by four vectors; by three where vectors of 256 bits mean the 16 registers of AVX2. Each sum goes on from its bias, or
 * from what stands in out, over all columns in order.
 *
 * <p>The rules of {@link PanelsF32} hold, and one more: C1 must be able to compile a tile with full profiling. A method for which it then runs out of
 * virtual registers, after it could do it with counters alone, stays with that version for good, and allocates every vector. 16 loads and stores
 * of sums are possible, or some five masked ones.
 */
final class TilesF32 {

    /** Tiles serve a multiple of so many rows. */
    static final int ROWS = 4;

    /** Vectors of a tile. */
    private static final int VECTORS = LANES == 8 ? 3 : 4;

    /** Bytes of x of a block of rows: a quarter of a second-level cache of 1 MB, next to the weights of a tile. */
    private static final int BLOCK_BYTES = 1 << 18;

    private static final int PANEL = Weights.PANEL;

    /** The bias of sums without one. */
    static final MemorySegment ZERO = Arena.global().allocate((long) VECTORS * BYTES, BYTES);

    private TilesF32() {}

    /**
     * out[m][n] = bias[n] + &Sigma;<sub>k</sub> x[m][k] w[n][k], or out[m][n] + that sum, for a multiple of {@link #ROWS} rows.
     *
     * @param at byte of the first weight; vectors of weights for one k follow each other {@code perBlock} at a time, then {@code block} bytes further
     * @param stride bytes from one column k of weights to the next
     * @param xAt byte of x; 16 rows lie {@code xRow} bytes apart, then {@code xBlock} bytes further; columns {@code xStep} bytes apart
     * @param bias a row, or {@link #ZERO}; null adds to out
     * @param to byte of the first sum of out, rows {@code row} bytes apart
     * @param lanes outputs of a row
     */
    static void product(
            MemorySegment w,
            long at,
            long block,
            int perBlock,
            long stride,
            int columns,
            MemorySegment x,
            long xAt,
            long xBlock,
            long xRow,
            long xStep,
            MemorySegment bias,
            long biasAt,
            MemorySegment out,
            long to,
            long row,
            int rows,
            int lanes) {
        int height = Math.max(1, BLOCK_BYTES / (4 * PANEL) / Math.max(1, columns)) * PANEL;
        int vectors = lanes / LANES;
        int tail = lanes % LANES;
        for (int top = 0; top < rows; top += height) {
            int bottom = Math.min(rows, top + height);
            for (int v = 0; v < vectors || v == vectors && tail > 0; ) {
                int count = Math.clamp(vectors - v, 1, VECTORS);
                int partial = v == vectors ? tail : 0;
                long w0 = vector(v, at, block, perBlock);
                long w1 = vector(v + 1, at, block, perBlock) - w0;
                long w2 = vector(v + 2, at, block, perBlock) - w0;
                long w3 = vector(v + 3, at, block, perBlock) - w0;
                long end = w0 + columns * stride;
                long shift = v * (long) BYTES;
                long from = bias == ZERO ? 0 : biasAt + shift;
                for (int m = top; m < bottom; m += ROWS) {
                    long xo = xAt + m / PANEL * xBlock + m % PANEL * xRow;
                    long o = to + m * row + shift;
                    for (int i = 0; i < ROWS && bias != null && partial == 0; i++) {
                        VectorProducts.copyRow(bias, from, out, o + i * row, count * LANES);
                    }
                    switch (count) {
                        case 4 -> fourByFour(w, w0, w1, w2, w3, end, stride, x, xo, xRow, xStep, out, o, row);
                        case 3 -> fourByThree(w, w0, w1, w2, end, stride, x, xo, xRow, xStep, out, o, row);
                        case 2 -> PanelsF32.fourByTwo(w, w0, w1, end, stride, x, xo, xRow, xStep, out, o, row);
                        default -> one(partial, w, w0, end, stride, x, xo, xRow, xStep, bias, from, out, o, row);
                    }
                }
                v += count;
            }
        }
    }

    /** Byte of the v-th vector of weights. */
    static long vector(int v, long at, long block, int perBlock) {
        return at + v / perBlock * block + v % perBlock * (long) BYTES;
    }

    /** One vector, or the first lanes of one. */
    private static void one(
            int partial,
            MemorySegment w,
            long at,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            long xRow,
            long xStep,
            MemorySegment bias,
            long biasAt,
            MemorySegment out,
            long to,
            long row) {
        if (partial == 0) {
            PanelsF32.fourByOne(w, at, end, stride, x, xAt, xRow, xStep, out, to, row);
        } else if (bias != null) {
            setFourByTail(w, at, end, stride, x, xAt, xRow, xStep, bias, biasAt, out, to, row, partial);
        } else {
            for (int m = 0; m < ROWS; m++) {
                PanelsF32.tail(w, at, end, stride, x, xAt + m * xRow, xStep, out, to + m * row, partial);
            }
        }
    }

    /** Four rows of four vectors. */
    private static void fourByFour(
            MemorySegment w,
            long at,
            long w1,
            long w2,
            long w3,
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
        FloatVector a1 = fromMemorySegment(F, out, to + BYTES, NATIVE);
        FloatVector b1 = fromMemorySegment(F, out, to + row + BYTES, NATIVE);
        FloatVector c1 = fromMemorySegment(F, out, to + 2 * row + BYTES, NATIVE);
        FloatVector d1 = fromMemorySegment(F, out, to + 3 * row + BYTES, NATIVE);
        FloatVector a2 = fromMemorySegment(F, out, to + 2 * BYTES, NATIVE);
        FloatVector b2 = fromMemorySegment(F, out, to + row + 2 * BYTES, NATIVE);
        FloatVector c2 = fromMemorySegment(F, out, to + 2 * row + 2 * BYTES, NATIVE);
        FloatVector d2 = fromMemorySegment(F, out, to + 3 * row + 2 * BYTES, NATIVE);
        FloatVector a3 = fromMemorySegment(F, out, to + 3 * BYTES, NATIVE);
        FloatVector b3 = fromMemorySegment(F, out, to + row + 3 * BYTES, NATIVE);
        FloatVector c3 = fromMemorySegment(F, out, to + 2 * row + 3 * BYTES, NATIVE);
        FloatVector d3 = fromMemorySegment(F, out, to + 3 * row + 3 * BYTES, NATIVE);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += xStep) {
            FloatVector v0 = fromMemorySegment(F, w, o, STORED);
            FloatVector v1 = fromMemorySegment(F, w, o + w1, STORED);
            FloatVector v2 = fromMemorySegment(F, w, o + w2, STORED);
            FloatVector v3 = fromMemorySegment(F, w, o + w3, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = v0.fma(s, a0);
            a1 = v1.fma(s, a1);
            a2 = v2.fma(s, a2);
            a3 = v3.fma(s, a3);
            s = broadcast(F, x.get(F32, xo + xRow));
            b0 = v0.fma(s, b0);
            b1 = v1.fma(s, b1);
            b2 = v2.fma(s, b2);
            b3 = v3.fma(s, b3);
            s = broadcast(F, x.get(F32, xo + 2 * xRow));
            c0 = v0.fma(s, c0);
            c1 = v1.fma(s, c1);
            c2 = v2.fma(s, c2);
            c3 = v3.fma(s, c3);
            s = broadcast(F, x.get(F32, xo + 3 * xRow));
            d0 = v0.fma(s, d0);
            d1 = v1.fma(s, d1);
            d2 = v2.fma(s, d2);
            d3 = v3.fma(s, d3);
        }
        a0.intoMemorySegment(out, to, NATIVE);
        a1.intoMemorySegment(out, to + BYTES, NATIVE);
        a2.intoMemorySegment(out, to + 2 * BYTES, NATIVE);
        a3.intoMemorySegment(out, to + 3 * BYTES, NATIVE);
        b0.intoMemorySegment(out, to + row, NATIVE);
        b1.intoMemorySegment(out, to + row + BYTES, NATIVE);
        b2.intoMemorySegment(out, to + row + 2 * BYTES, NATIVE);
        b3.intoMemorySegment(out, to + row + 3 * BYTES, NATIVE);
        c0.intoMemorySegment(out, to + 2 * row, NATIVE);
        c1.intoMemorySegment(out, to + 2 * row + BYTES, NATIVE);
        c2.intoMemorySegment(out, to + 2 * row + 2 * BYTES, NATIVE);
        c3.intoMemorySegment(out, to + 2 * row + 3 * BYTES, NATIVE);
        d0.intoMemorySegment(out, to + 3 * row, NATIVE);
        d1.intoMemorySegment(out, to + 3 * row + BYTES, NATIVE);
        d2.intoMemorySegment(out, to + 3 * row + 2 * BYTES, NATIVE);
        d3.intoMemorySegment(out, to + 3 * row + 3 * BYTES, NATIVE);
    }

    /** Four rows of three vectors. */
    private static void fourByThree(
            MemorySegment w,
            long at,
            long w1,
            long w2,
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
        FloatVector a1 = fromMemorySegment(F, out, to + BYTES, NATIVE);
        FloatVector b1 = fromMemorySegment(F, out, to + row + BYTES, NATIVE);
        FloatVector c1 = fromMemorySegment(F, out, to + 2 * row + BYTES, NATIVE);
        FloatVector d1 = fromMemorySegment(F, out, to + 3 * row + BYTES, NATIVE);
        FloatVector a2 = fromMemorySegment(F, out, to + 2 * BYTES, NATIVE);
        FloatVector b2 = fromMemorySegment(F, out, to + row + 2 * BYTES, NATIVE);
        FloatVector c2 = fromMemorySegment(F, out, to + 2 * row + 2 * BYTES, NATIVE);
        FloatVector d2 = fromMemorySegment(F, out, to + 3 * row + 2 * BYTES, NATIVE);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += xStep) {
            FloatVector v0 = fromMemorySegment(F, w, o, STORED);
            FloatVector v1 = fromMemorySegment(F, w, o + w1, STORED);
            FloatVector v2 = fromMemorySegment(F, w, o + w2, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = v0.fma(s, a0);
            a1 = v1.fma(s, a1);
            a2 = v2.fma(s, a2);
            s = broadcast(F, x.get(F32, xo + xRow));
            b0 = v0.fma(s, b0);
            b1 = v1.fma(s, b1);
            b2 = v2.fma(s, b2);
            s = broadcast(F, x.get(F32, xo + 2 * xRow));
            c0 = v0.fma(s, c0);
            c1 = v1.fma(s, c1);
            c2 = v2.fma(s, c2);
            s = broadcast(F, x.get(F32, xo + 3 * xRow));
            d0 = v0.fma(s, d0);
            d1 = v1.fma(s, d1);
            d2 = v2.fma(s, d2);
        }
        a0.intoMemorySegment(out, to, NATIVE);
        a1.intoMemorySegment(out, to + BYTES, NATIVE);
        a2.intoMemorySegment(out, to + 2 * BYTES, NATIVE);
        b0.intoMemorySegment(out, to + row, NATIVE);
        b1.intoMemorySegment(out, to + row + BYTES, NATIVE);
        b2.intoMemorySegment(out, to + row + 2 * BYTES, NATIVE);
        c0.intoMemorySegment(out, to + 2 * row, NATIVE);
        c1.intoMemorySegment(out, to + 2 * row + BYTES, NATIVE);
        c2.intoMemorySegment(out, to + 2 * row + 2 * BYTES, NATIVE);
        d0.intoMemorySegment(out, to + 3 * row, NATIVE);
        d1.intoMemorySegment(out, to + 3 * row + BYTES, NATIVE);
        d2.intoMemorySegment(out, to + 3 * row + 2 * BYTES, NATIVE);
    }

    /** Four rows of the first lanes of a vector, begun with the bias; changes no sums beyond them ({@link PanelsF32#tail}). */
    private static void setFourByTail(
            MemorySegment w,
            long at,
            long end,
            long stride,
            MemorySegment x,
            long xAt,
            long xRow,
            long xStep,
            MemorySegment bias,
            long biasAt,
            MemorySegment out,
            long to,
            long row,
            int lanes) {
        if (biasAt + BYTES > bias.byteSize() || to + 3 * row + BYTES > out.byteSize()) {
            for (int m = 0; m < ROWS; m++) {
                VectorProducts.copyRow(bias, biasAt, out, to + m * row, lanes);
                PanelsF32.tail(w, at, end, stride, x, xAt + m * xRow, xStep, out, to + m * row, lanes);
            }
            return;
        }
        FloatVector a0 = fromMemorySegment(F, bias, biasAt, NATIVE);
        FloatVector b0 = a0;
        FloatVector c0 = a0;
        FloatVector d0 = a0;
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += xStep) {
            FloatVector v0 = fromMemorySegment(F, w, o, STORED);
            FloatVector s = broadcast(F, x.get(F32, xo));
            a0 = v0.fma(s, a0);
            s = broadcast(F, x.get(F32, xo + xRow));
            b0 = v0.fma(s, b0);
            s = broadcast(F, x.get(F32, xo + 2 * xRow));
            c0 = v0.fma(s, c0);
            s = broadcast(F, x.get(F32, xo + 3 * xRow));
            d0 = v0.fma(s, d0);
        }
        VectorMask<Float> first = LANE.compare(VectorOperators.LT, lanes);
        fromMemorySegment(F, out, to, NATIVE).blend(a0, first).intoMemorySegment(out, to, NATIVE);
        fromMemorySegment(F, out, to + row, NATIVE).blend(b0, first).intoMemorySegment(out, to + row, NATIVE);
        fromMemorySegment(F, out, to + 2 * row, NATIVE).blend(c0, first).intoMemorySegment(out, to + 2 * row, NATIVE);
        fromMemorySegment(F, out, to + 3 * row, NATIVE).blend(d0, first).intoMemorySegment(out, to + 3 * row, NATIVE);
    }
}
