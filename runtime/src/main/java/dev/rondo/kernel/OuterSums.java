package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.Vectors.LANES;
import static dev.rondo.kernel.Vectors.NATIVE;
import static dev.rondo.kernel.Vectors.STORED;

import java.lang.foreign.MemorySegment;

/**
 * Sums of outer products, a<sup>T</sup> b: some rows at a time, both operands are laid out as panels and multiplied by the tiles. What a tile
 * needs of one row, neighbours of a and of b, lies side by side before and after; laid out, it also comes from few pages and cache sets.
 */
final class OuterSums {

    /** Rows of a and b at a time. */
    private static final int ROWS = 512;

    /** Columns of a at a time: 256 KB. */
    private static final int A_COLUMNS = 128;

    /** Columns of b at a time: 2 MB at most. */
    private static final int B_COLUMNS = 1024;

    private static final int PANEL = Weights.PANEL;
    private static final long PANEL_BYTES = 4L * PANEL;

    private OuterSums() {}

    /** Bytes of scratch: panels of a, panels of b, and the last columns of a as rows. */
    static long scratch(int columnsA, int columnsB) {
        return Memory.panelBytes(Math.min(A_COLUMNS, columnsA), ROWS)
                + Memory.panelBytes(Math.min(B_COLUMNS, columnsB), ROWS)
                + 4L * ROWS * TilesF32.ROWS;
    }

    static void outerSum(View a, View b, MemorySegment scratch, View out) {
        if (a.rows == 0) {
            VectorProducts.start(0, null, out);
            return;
        }
        long panelsB = Memory.panelBytes(Math.min(A_COLUMNS, a.cols), ROWS);
        for (int r = 0; r < a.rows; r += ROWS) {
            int rows = Math.min(ROWS, a.rows - r);
            for (int k = 0; k < b.cols; k += B_COLUMNS) {
                int columns = Math.min(B_COLUMNS, b.cols - k);
                PackingF32.transposed(b, r, rows, k, 1, columns, scratch, panelsB, STORED);
                for (int n = 0; n < a.cols; n += A_COLUMNS) {
                    block(a, r, rows, n, Math.min(A_COLUMNS, a.cols - n), scratch, panelsB, k, columns, out);
                }
            }
        }
    }

    /** Rows n &hellip; n + height - 1 of out, columns k &hellip; k + columns - 1; b is packed. */
    private static void block(
            View a,
            int r,
            int rows,
            int n,
            int height,
            MemorySegment scratch,
            long panelsB,
            int k,
            int columns,
            View out) {
        int whole = height / TilesF32.ROWS * TilesF32.ROWS;
        MemorySegment target = out.segment;
        long to = row(out, n) + k * 4L;
        if (whole > 0) {
            PackingF32.transposed(a, r, rows, n, 1, whole, scratch, 0, NATIVE);
            TilesF32.product(
                    scratch,
                    panelsB,
                    rows * PANEL_BYTES,
                    PANEL / LANES,
                    PANEL_BYTES,
                    rows,
                    scratch,
                    0,
                    rows * PANEL_BYTES,
                    4,
                    PANEL_BYTES,
                    r == 0 ? TilesF32.ZERO : null,
                    0,
                    target,
                    to,
                    out.rowStride,
                    whole,
                    columns);
        }
        if (whole < height) {
            long rowsAt = panelsB + Memory.panelBytes(columns, ROWS);
            for (int i = whole; i < height; i++) {
                for (int k0 = 0; r == 0 && k0 < columns; k0++) {
                    put(target, row(out, n + i) + (k + k0) * 4L, 0);
                }
                for (int q = 0; q < rows; q++) {
                    long from = row(a, r + q) + (n + i) * 4L;
                    put(scratch, rowsAt + ((long) (i - whole) * ROWS + q) * 4, get(a.segment, from));
                }
            }
            VectorProducts.addRest(
                    scratch,
                    panelsB,
                    rows * PANEL_BYTES,
                    scratch,
                    rowsAt,
                    4L * ROWS,
                    out,
                    n + whole,
                    k,
                    columns,
                    height - whole);
        }
    }
}
