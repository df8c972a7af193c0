package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.LANES;
import static dev.rondo.kernel.Vectors.NATIVE;
import static dev.rondo.kernel.Vectors.STORED;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.rondo.format.Encoding;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Products and look-ups of weights: walks the blocks of a matrix and leaves the arithmetic to the tiles of its encoding. */
final class VectorProducts {

    private static final int PANEL_BYTES = Weights.PANEL * Float.BYTES;

    private VectorProducts() {}

    /** Every row of out = bias, or zero. */
    static void start(View bias, View out) {
        for (int m = 0; m < out.rows; m++) {
            if (bias == null) {
                fill(out.segment, row(out, m), out.cols);
            } else {
                copyRow(bias.segment, bias.offset, out.segment, row(out, m), out.cols);
            }
        }
    }

    private static void fill(MemorySegment out, long to, int count) {
        long end = to + 4L * count;
        long o = to;
        for (; o <= end - BYTES; o += BYTES) {
            FloatVector.zero(F).intoMemorySegment(out, o, NATIVE);
        }
        for (; o < end; o += 4) {
            put(out, o, 0);
        }
    }

    /** Not MemorySegment.copy: for rows of some hundred elements its set-up costs more than the loop. */
    static void copyRow(MemorySegment x, long from, MemorySegment out, long to, int count) {
        long bytes = 4L * count;
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, x, from + o, NATIVE).intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            out.set(Memory.I32, to + o, x.get(Memory.I32, from + o));
        }
    }

    static void addLinear(View x, Weights w, int firstGroup, int groupCount, View out) {
        if (w.panels()) {
            addPanels(x, w, firstGroup, groupCount, out);
        } else {
            RowProducts.add(x, w, out);
        }
    }

    private static void addPanels(View x, Weights w, int firstGroup, int groupCount, View out) {
        Encoding encoding = w.encoding();
        int perWord = 4 / encoding.byteSize();
        int blocks = w.blocks();
        int groups = w.groups();
        int units = w.columns() / perWord;
        int left = w.columns() % perWord;
        long stride = (long) groups * PANEL_BYTES;
        long blockBytes = (left == 0 ? units : units + 1) * stride;
        long first = (long) firstGroup * PANEL_BYTES;
        for (int block = 0; block < blocks; block++) {
            // Only in natural order is there a last block of which not every lane may be written.
            int lanes = groups == 1
                    ? Math.min(Weights.PANEL, out.cols - block * Weights.PANEL)
                    : groupCount * Weights.PANEL;
            long at = block * blockBytes + first;
            long end = at + units * stride;
            long to = block * stride + first;
            block(x, w, at, end, stride, left, to, out, lanes / LANES, lanes % LANES);
        }
    }

    private static void block(
            View x, Weights w, long at, long end, long stride, int left, long to, View out, int vectors, int tail) {
        if (x.rows == 1) {
            oneRow(x, w, at, end, stride, left, to, out, vectors, tail);
        } else {
            moreRows(x, w, at, end, stride, left, to, out, vectors, tail);
        }
    }

    private static void oneRow(
            View x, Weights w, long at, long end, long stride, int left, long to, View out, int vectors, int tail) {
        MemorySegment data = w.data();
        MemorySegment xs = x.segment;
        MemorySegment outs = out.segment;
        long xAt = x.offset;
        long sums = out.offset + to;
        switch (w.encoding()) {
            case F32 -> PanelsF32.row(data, at, end, stride, xs, xAt, outs, sums, vectors, tail);
            case BF16 -> PanelsBf16.row(data, at, end, stride, left, xs, xAt, outs, sums, vectors, tail);
            case F16 -> PanelsF16.row(data, at, end, stride, left, xs, xAt, outs, sums, vectors, tail);
            case INT8 ->
                PanelsInt8.row(data, at, end, stride, left, Memory.scales(w) + to, xs, xAt, outs, sums, vectors, tail);
            case F64, I32, I64, BOOL -> throw PlainProducts.notWeights(w);
        }
    }

    private static void moreRows(
            View x, Weights w, long at, long end, long stride, int left, long to, View out, int vectors, int tail) {
        MemorySegment data = w.data();
        MemorySegment xs = x.segment;
        MemorySegment outs = out.segment;
        long xAt = x.offset;
        long xRow = x.rowStride;
        long sums = out.offset + to;
        long row = out.rowStride;
        int rows = x.rows;
        switch (w.encoding()) {
            case F32 -> PanelsF32.rows(data, at, end, stride, xs, xAt, xRow, outs, sums, row, rows, vectors, tail);
            case BF16 ->
                PanelsBf16.rows(data, at, end, stride, left, xs, xAt, xRow, outs, sums, row, rows, vectors, tail);
            case F16 ->
                PanelsF16.rows(data, at, end, stride, left, xs, xAt, xRow, outs, sums, row, rows, vectors, tail);
            case INT8 ->
                PanelsInt8.rows(
                        data,
                        at,
                        end,
                        stride,
                        left,
                        Memory.scales(w) + to,
                        xs,
                        xAt,
                        xRow,
                        outs,
                        sums,
                        row,
                        rows,
                        vectors,
                        tail);
            case F64, I32, I64, BOOL -> throw PlainProducts.notWeights(w);
        }
    }

    /** a b with the tiles of f32 panels: the rows of b are the columns of a very wide panel. */
    static void matmul(View a, View b, boolean transposeB, View out) {
        start(null, out);
        if (transposeB) {
            RowProducts.addDense(a, b, out);
            return;
        }
        if (b.rowStride <= 0) {
            PlainProducts.matmul(a, b, false, out);
            return;
        }
        // A strip of columns at a time, so that what is read of b stays in the first-level cache for all rows of a.
        long stride = b.rowStride;
        int strip = 4 * LANES;
        for (int n = 0; n < out.cols; n += strip) {
            int lanes = Math.min(strip, out.cols - n);
            long at = b.offset + n * 4L;
            PanelsF32.rows(
                    b.segment,
                    at,
                    at + a.cols * stride,
                    stride,
                    a.segment,
                    a.offset,
                    a.rowStride,
                    out.segment,
                    out.offset + n * 4L,
                    out.rowStride,
                    out.rows,
                    lanes / LANES,
                    lanes % LANES);
        }
    }

    static void gather(Weights table, View indices, View out) {
        if (table.encoding() != Encoding.F32 || table.panels()) {
            PlainProducts.gather(table, indices, out);
            return;
        }
        for (int m = 0; m < out.rows; m++) {
            long index = indices.segment.get(Memory.I32, row(indices, m));
            gatherRow(table.data(), index * table.columns() * 4, out.segment, row(out, m), out.cols);
        }
    }

    private static void gatherRow(MemorySegment table, long from, MemorySegment out, long to, int count) {
        long bytes = 4L * count;
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, table, from + o, STORED).intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, table.get(Memory.STORED_F32, from + o));
        }
    }
}
