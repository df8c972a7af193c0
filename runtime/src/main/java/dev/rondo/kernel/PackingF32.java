package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.NATIVE;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/** Lays f32 matrices out as panels [block][k][group][16]. */
final class PackingF32 {

    private static final int PANEL = Weights.PANEL;
    private static final long PANEL_BYTES = 4L * PANEL;

    private PackingF32() {}

    /**
     * Panels of the transpose: what lies side by side in a panel lies side by side in {@code dense}, so this only moves runs.
     *
     * @param dense [K, N]; used are its rows {@code firstRow} &hellip; and its columns {@code firstColumn} &hellip;, so many
     * @param columns groups times {@code size}
     */
    static void transposed(
            View dense,
            int firstRow,
            int rows,
            int firstColumn,
            int groups,
            int size,
            MemorySegment out,
            long at,
            ByteOrder order) {
        MemorySegment in = dense.segment;
        long stride = groups * PANEL_BYTES;
        long block = rows * stride;
        long whole = size / PANEL * PANEL_BYTES;
        for (int k = 0; k < rows; k++) {
            for (int group = 0; group < groups; group++) {
                long from = row(dense, firstRow + k) + (firstColumn + (long) group * size) * 4;
                long to = at + k * stride + group * PANEL_BYTES;
                for (long end = from + whole; from < end; from += PANEL_BYTES, to += block) {
                    for (long v = 0; v < PANEL_BYTES; v += BYTES) {
                        fromMemorySegment(F, in, from + v, NATIVE).intoMemorySegment(out, to + v, order);
                    }
                }
                int left = size % PANEL;
                if (left > 0) {
                    for (int lane = 0; lane < PANEL; lane++) {
                        int bits = lane < left ? in.get(Memory.I32, from + lane * 4L) : 0;
                        out.set(Memory.I32, to + lane * 4L, order == NATIVE ? bits : Integer.reverseBytes(bits));
                    }
                }
            }
        }
    }

    /** Panels of {@code dense} [groups times size, K] as it is. */
    static void straight(View dense, int groups, int size, MemorySegment out) {
        MemorySegment in = dense.segment;
        long stride = groups * PANEL_BYTES;
        int columns = dense.cols;
        long block = columns * stride;
        for (int group = 0; group < groups; group++) {
            for (int j = 0; j < size; j += PANEL) {
                int count = Math.min(PANEL, size - j);
                long from = row(dense, group * size + j);
                long to = j / PANEL * block + group * PANEL_BYTES;
                int lane = 0;
                for (; lane <= count - 4; lane += 4) {
                    fourRows(in, from + lane * dense.rowStride, dense.rowStride, columns, out, to + lane * 4L, stride);
                }
                for (; lane < PANEL; lane++) {
                    oneRow(in, lane < count ? from + lane * dense.rowStride : -1, columns, out, to + lane * 4L, stride);
                }
            }
        }
    }

    /** Four neighbouring lanes. */
    private static void fourRows(
            MemorySegment in, long from, long row, int columns, MemorySegment out, long to, long stride) {
        long end = from + 4L * columns;
        for (long o = from, t = to; o < end; o += 4, t += stride) {
            out.set(Memory.STORED_F32, t, get(in, o));
            out.set(Memory.STORED_F32, t + 4, get(in, o + row));
            out.set(Memory.STORED_F32, t + 8, get(in, o + 2 * row));
            out.set(Memory.STORED_F32, t + 12, get(in, o + 3 * row));
        }
    }

    /** One lane; zeros when {@code from} is negative. */
    private static void oneRow(MemorySegment in, long from, int columns, MemorySegment out, long to, long stride) {
        for (int k = 0; k < columns; k++) {
            out.set(Memory.STORED_F32, to + k * stride, from < 0 ? 0 : get(in, from + k * 4L));
        }
    }
}
