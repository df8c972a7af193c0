package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.F32;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.LANES;
import static dev.rondo.kernel.Vectors.NATIVE;
import static dev.rondo.kernel.Vectors.STORED;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * What {@link TilesF32} does, in tiles of five rows by three vectors: a beam of five reads all weights once, and fours and fives
 * together leave no row over. The rules of tiles hold.
 */
final class FiveRowTiles {
    static final int ROWS = 5;

    /** Vectors of a tile; there are always as many. */
    private static final int VECTORS = 3;

    private FiveRowTiles() {}

    /** How many tiles leave a multiple of {@link TilesF32#ROWS}; 0 where there are too few rows, or registers. */
    static int count(int rows) {
        int fives = rows % TilesF32.ROWS;
        return LANES == 16 && fives * ROWS <= rows ? fives : 0;
    }

    /** {@link TilesF32#product} for a multiple of {@link #ROWS} rows and of three vectors; rows of x follow each other. */
    static void product(
            MemorySegment w,
            long at,
            long block,
            int perBlock,
            long stride,
            int columns,
            MemorySegment x,
            long xAt,
            long xRow,
            MemorySegment bias,
            long biasAt,
            MemorySegment out,
            long to,
            long row,
            int rows,
            int vectors) {
        for (int v = 0; v < vectors; v += VECTORS) {
            long w0 = TilesF32.vector(v, at, block, perBlock);
            long w1 = TilesF32.vector(v + 1, at, block, perBlock) - w0;
            long w2 = TilesF32.vector(v + 2, at, block, perBlock) - w0;
            long end = w0 + columns * stride;
            long shift = v * (long) BYTES;
            long from = bias == TilesF32.ZERO ? 0 : biasAt + shift;
            for (int m = 0; m < rows; m += ROWS) {
                long o = to + m * row + shift;
                for (int i = 0; i < ROWS && bias != null; i++) {
                    VectorProducts.copyRow(bias, from, out, o + i * row, VECTORS * LANES);
                }
                fiveByThree(w, w0, w1, w2, end, stride, x, xAt + m * xRow, xRow, out, o, row);
            }
        }
    }

    /** out += x W<sup>T</sup>. */
    private static void fiveByThree(
            MemorySegment w,
            long at,
            long w1,
            long w2,
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
        FloatVector e0 = fromMemorySegment(F, out, to + 4 * row, NATIVE);
        FloatVector a1 = fromMemorySegment(F, out, to + BYTES, NATIVE);
        FloatVector b1 = fromMemorySegment(F, out, to + row + BYTES, NATIVE);
        FloatVector c1 = fromMemorySegment(F, out, to + 2 * row + BYTES, NATIVE);
        FloatVector d1 = fromMemorySegment(F, out, to + 3 * row + BYTES, NATIVE);
        FloatVector e1 = fromMemorySegment(F, out, to + 4 * row + BYTES, NATIVE);
        FloatVector a2 = fromMemorySegment(F, out, to + 2 * BYTES, NATIVE);
        FloatVector b2 = fromMemorySegment(F, out, to + row + 2 * BYTES, NATIVE);
        FloatVector c2 = fromMemorySegment(F, out, to + 2 * row + 2 * BYTES, NATIVE);
        FloatVector d2 = fromMemorySegment(F, out, to + 3 * row + 2 * BYTES, NATIVE);
        FloatVector e2 = fromMemorySegment(F, out, to + 4 * row + 2 * BYTES, NATIVE);
        long xo = xAt;
        for (long o = at; o < end; o += stride, xo += Float.BYTES) {
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
            s = broadcast(F, x.get(F32, xo + 4 * xRow));
            e0 = v0.fma(s, e0);
            e1 = v1.fma(s, e1);
            e2 = v2.fma(s, e2);
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
        e0.intoMemorySegment(out, to + 4 * row, NATIVE);
        e1.intoMemorySegment(out, to + 4 * row + BYTES, NATIVE);
        e2.intoMemorySegment(out, to + 4 * row + 2 * BYTES, NATIVE);
    }
}
