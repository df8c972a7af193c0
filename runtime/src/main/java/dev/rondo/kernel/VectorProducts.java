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

    /** Bytes of the second-level cache of a usual core. Weights somewhat larger than that gain by being read to and fro. */
    private static final long CACHE = 1 << 20;

    /** Blocks of one gate that {@link #several} takes at once. */
    private static final int TURN = 8;

    /** Rows from which on it pays to make f32 of bf16 weights first. */
    private static final int DECODED = 12;

    private VectorProducts() {}

    /** Every row of out from {@code first} on = bias, or zero. */
    static void start(int first, View bias, View out) {
        for (int m = first; m < out.rows; m++) {
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

    static void linear(View x, Weights w, View bias, MemorySegment scratch, View out) {
        if (!tiled(x, w)) {
            start(0, bias, out);
            addLinear(x, w, 0, w.groups(), scratch, out);
            return;
        }
        MemorySegment from = bias == null ? TilesF32.ZERO : bias.segment;
        tiles(x, w, 0, w.groups(), from, bias, out);
    }

    static void addLinear(View x, Weights w, int firstGroup, int groupCount, MemorySegment scratch, View out) {
        if (tiled(x, w)) {
            tiles(x, w, firstGroup, groupCount, null, null, out);
        } else if (w.encoding() == Encoding.BF16 && w.panels() && scratch != null && x.rows >= DECODED) {
            addDecoded(x, w, firstGroup, groupCount, scratch, out);
        } else if (w.panels() && w.encoding() == Encoding.INT8) {
            PanelsInt8.add(x, w, firstGroup, groupCount, scratch, out);
        } else if (w.panels()) {
            addPanels(x, 0, w, firstGroup, groupCount, 0, w.blocks(), out);
        } else if (w.encoding() == Encoding.F32) {
            RowProducts.add(x, w, out);
        } else {
            // Rare: what a plan multiplies with it packs into panels.
            PlainProducts.addLinear(x, w, firstGroup, groupCount, scratch, out);
        }
    }

    /** {@link Kernels#linearPair} for weights whose order matters; false, and nothing done, for all others. */
    static boolean takeTurns(Product first, Product second, boolean backwards) {
        Weights w = first.weights();
        Weights u = second.weights();
        long bytes = w.data().byteSize() + u.data().byteSize();
        boolean worthwhile = bytes > CACHE && bytes <= 3 * CACHE && w.blocks() == u.blocks();
        if (!worthwhile || !takesTurns(first) || !takesTurns(second)) {
            return false;
        }
        start(0, first.bias(), first.out());
        if (second.out() != first.out()) {
            start(0, second.bias(), second.out());
        }
        // As many blocks at a time as several() likes.
        int turn = w.groups() == 1 ? TURN : 2;
        int turns = (w.blocks() + turn - 1) / turn;
        for (int i = 0; i < turns; i++) {
            int from = (backwards ? turns - 1 - i : i) * turn;
            int to = Math.min(from + turn, w.blocks());
            addPanels(first.x(), 0, w, 0, w.groups(), from, to, first.out());
            addPanels(second.x(), 0, u, 0, u.groups(), from, to, second.out());
        }
        return true;
    }

    /** int8 makes whole numbers of all of x first, and is small. */
    private static boolean takesTurns(Product product) {
        return product.x().rows == 1
                && product.weights().panels()
                && product.weights().encoding() != Encoding.INT8;
    }

    private static boolean tiled(View x, Weights w) {
        return x.rows >= TilesF32.ROWS && w.panels() && w.encoding() == Encoding.F32;
    }

    /**
     * Whole tiles of rows, then the rows that are left. These read all weights again, and so large matrices go by some blocks at a time.
     *
     * @param from what sums start from: null is out itself; a bias, or zeros, is for all gates
     */
    private static void tiles(
            View x, Weights w, int firstGroup, int groupCount, MemorySegment from, View bias, View out) {
        int done = x.rows / TilesF32.ROWS * TilesF32.ROWS;
        int blocks = w.blocks();
        int chunk = done == x.rows || w.data().byteSize() <= CACHE ? blocks : TURN;
        if (from != null) {
            start(done, bias, out);
        }
        int first = groupCount == w.groups() ? fives(x, w, from, bias, out) : 0;
        for (int block = first; block < blocks; block += chunk) {
            int end = Math.min(block + chunk, blocks);
            // All gates together are one run of outputs; some of them leave gaps, and every block is a run.
            if (groupCount == w.groups()) {
                tiles(x, w, 0, groupCount, block, end, done, from, bias, out);
            } else {
                for (int run = block; run < end; run++) {
                    tiles(x, w, firstGroup, groupCount, run, run + 1, done, from, bias, out);
                }
            }
            addPanels(x, done, w, firstGroup, groupCount, block, end, out);
        }
    }

    /** Takes as many blocks as it can in tiles of four and five rows, which leave no row over; how many it took. */
    private static int fives(View x, Weights w, MemorySegment from, View bias, View out) {
        int fives = FiveRowTiles.count(x.rows);
        if (fives == 0) {
            return 0;
        }
        int perBlock = w.groups() * Weights.PANEL / LANES;
        int whole = w.groups() == 1 ? out.cols / Weights.PANEL : w.blocks();
        int blocks = perBlock % 3 == 0 ? whole : whole / 3 * 3;
        int fours = x.rows - fives * FiveRowTiles.ROWS;
        int chunk = fours == 0 ? blocks : TURN + 1;
        long stride = (long) w.groups() * PANEL_BYTES;
        long blockBytes = w.columns() * stride;
        for (int block = 0; block < blocks; block += chunk) {
            int end = Math.min(block + chunk, blocks);
            if (fours > 0) {
                tiles(x, w, 0, w.groups(), block, end, fours, from, bias, out);
            }
            long shift = block * stride;
            FiveRowTiles.product(
                    w.data(),
                    block * blockBytes,
                    blockBytes,
                    perBlock,
                    stride,
                    w.columns(),
                    x.segment,
                    row(x, fours),
                    x.rowStride,
                    from,
                    bias == null ? 0 : bias.offset + shift,
                    out.segment,
                    row(out, fours) + shift,
                    out.rowStride,
                    fives * FiveRowTiles.ROWS,
                    (end - block) * perBlock);
        }
        return blocks;
    }

    private static void tiles(
            View x,
            Weights w,
            int firstGroup,
            int groupCount,
            int firstBlock,
            int endBlock,
            int rows,
            MemorySegment from,
            View bias,
            View out) {
        long stride = (long) w.groups() * PANEL_BYTES;
        long blockBytes = w.columns() * stride;
        long first = (long) firstGroup * PANEL_BYTES;
        long shift = firstBlock * stride + first;
        int lanes = (endBlock - firstBlock) * groupCount * Weights.PANEL;
        TilesF32.product(
                w.data(),
                firstBlock * blockBytes + first,
                blockBytes,
                groupCount * Weights.PANEL / LANES,
                stride,
                w.columns(),
                x.segment,
                x.offset,
                Weights.PANEL * x.rowStride,
                x.rowStride,
                Float.BYTES,
                from,
                bias == null ? 0 : bias.offset + shift,
                out.segment,
                out.offset + shift,
                out.rowStride,
                rows,
                w.groups() == 1 ? Math.min(lanes, out.cols - firstBlock * Weights.PANEL) : lanes);
    }

    /** Many rows with bf16 weights: some blocks at a time become f32 in scratch. */
    private static void addDecoded(View x, Weights w, int firstGroup, int groupCount, MemorySegment scratch, View out) {
        int groups = w.groups();
        int columns = w.columns();
        long stride = (long) groups * PANEL_BYTES;
        long stored = (columns + 1) / 2 * stride;
        long first = (long) firstGroup * PANEL_BYTES;
        int done = x.rows / TilesF32.ROWS * TilesF32.ROWS;
        int chunk = groups == 1 ? Memory.DECODED_BLOCKS : 1;
        for (int block = 0; block < w.blocks(); block += chunk) {
            int count = Math.min(chunk, w.blocks() - block);
            for (int b = 0; b < count; b++) {
                PanelsBf16.decode(w.data(), (block + b) * stored, stride, columns, scratch, b * columns * stride);
            }
            int lanes = count * groupCount * Weights.PANEL;
            TilesF32.product(
                    scratch,
                    first,
                    columns * stride,
                    groupCount * Weights.PANEL / LANES,
                    stride,
                    columns,
                    x.segment,
                    x.offset,
                    Weights.PANEL * x.rowStride,
                    x.rowStride,
                    Float.BYTES,
                    null,
                    0,
                    out.segment,
                    out.offset + block * stride + first,
                    out.rowStride,
                    done,
                    groups == 1 ? Math.min(lanes, out.cols - block * Weights.PANEL) : lanes);
        }
        addPanels(x, done, w, firstGroup, groupCount, 0, w.blocks(), out);
    }

    /** out += x W<sup>T</sup>, from row {@code start} on, for some blocks of outputs. */
    private static void addPanels(
            View x, int start, Weights w, int firstGroup, int groupCount, int firstBlock, int endBlock, View out) {
        if (start == x.rows) {
            return;
        }
        Encoding encoding = w.encoding();
        int perWord = 4 / encoding.byteSize();
        int groups = w.groups();
        int units = w.columns() / perWord;
        int left = w.columns() % perWord;
        long stride = (long) groups * PANEL_BYTES;
        long blockBytes = (left == 0 ? units : units + 1) * stride;
        long first = (long) firstGroup * PANEL_BYTES;
        int begun = firstBlock;
        if (LANES == Weights.PANEL && x.rows == 1 && groupCount == groups && left == 0) {
            begun = several(x, w, blockBytes, stride, firstBlock, endBlock, out);
        }
        for (int block = begun; block < endBlock; block++) {
            // Only in natural order is there a last block of which not every lane may be written.
            int lanes = groups == 1
                    ? Math.min(Weights.PANEL, out.cols - block * Weights.PANEL)
                    : groupCount * Weights.PANEL;
            long at = block * blockBytes + first;
            long end = at + units * stride;
            long to = block * stride + first;
            block(x, start, w, at, end, stride, left, to, out, lanes / LANES, lanes % LANES);
        }
    }

    /**
     * One row of x the short way, with several blocks at once as long as that many are left: their weights come as several streams, and x is broadcast once for all.
     * Not for what only main memory can hold, which likes one stream better.
     *
     * @return the first block that is left
     */
    private static int several(
            View x, Weights w, long blockBytes, long stride, int firstBlock, int endBlock, View out) {
        int groups = w.groups();
        int blocks = groups == 1 ? Math.min(endBlock, out.cols / Weights.PANEL) : endBlock;
        int at = firstBlock;
        MemorySegment data = w.data();
        MemorySegment xs = x.segment;
        MemorySegment outs = out.segment;
        long xAt = row(x, 0);
        long to = row(out, 0);
        if (w.encoding() == Encoding.F32 && groups == 4) {
            for (; at <= blocks - 2; at += 2) {
                long from = at * blockBytes;
                PanelsF32.fourApart(data, from, blockBytes, from + blockBytes, stride, xs, xAt, outs, to + at * stride);
            }
        } else if (w.encoding() == Encoding.F32 && groups == 3) {
            for (; at < blocks; at++) {
                long from = at * blockBytes;
                PanelsF32.three(data, from, from + blockBytes, stride, xs, xAt, outs, to + at * stride);
            }
        } else if (w.encoding() == Encoding.BF16 && groups == 4) {
            for (; at < blocks; at++) {
                long from = at * blockBytes;
                PanelsBf16.four(data, from, from + blockBytes, stride, xs, xAt, outs, to + at * stride);
            }
        } else if (w.encoding() == Encoding.BF16 && groups == 3) {
            for (; at < blocks; at++) {
                long from = at * blockBytes;
                PanelsBf16.three(data, from, from + blockBytes, stride, xs, xAt, outs, to + at * stride);
            }
        } else if (groups == 1 && w.blocks() * blockBytes <= 8 * CACHE) {
            if (w.encoding() == Encoding.F32) {
                for (; at <= blocks - 8; at += 8) {
                    long from = at * blockBytes;
                    PanelsF32.oneApart(
                            data, from, blockBytes, from + blockBytes, stride, xs, xAt, outs, to + at * stride);
                }
            } else if (w.encoding() == Encoding.BF16) {
                for (; at <= blocks - 4; at += 4) {
                    long from = at * blockBytes;
                    PanelsBf16.oneApart(
                            data, from, blockBytes, from + blockBytes, stride, xs, xAt, outs, to + at * stride);
                }
            }
        }
        return at;
    }

    private static void block(
            View x,
            int start,
            Weights w,
            long at,
            long end,
            long stride,
            int left,
            long to,
            View out,
            int vectors,
            int tail) {
        if (x.rows - start == 1) {
            oneRow(x, start, w, at, end, stride, left, to, out, vectors, tail);
        } else {
            moreRows(x, start, w, at, end, stride, left, to, out, vectors, tail);
        }
    }

    private static void oneRow(
            View x,
            int start,
            Weights w,
            long at,
            long end,
            long stride,
            int left,
            long to,
            View out,
            int vectors,
            int tail) {
        MemorySegment data = w.data();
        MemorySegment xs = x.segment;
        MemorySegment outs = out.segment;
        long xAt = row(x, start);
        long sums = row(out, start) + to;
        switch (w.encoding()) {
            case F32 -> PanelsF32.row(data, at, end, stride, xs, xAt, outs, sums, vectors, tail);
            case BF16 -> PanelsBf16.row(data, at, end, stride, left, xs, xAt, outs, sums, vectors, tail);
            case F16 -> PanelsF16.row(data, at, end, stride, left, xs, xAt, outs, sums, vectors, tail);
            case INT8, F64, I32, I64, BOOL -> throw PlainProducts.notWeights(w);
        }
    }

    private static void moreRows(
            View x,
            int start,
            Weights w,
            long at,
            long end,
            long stride,
            int left,
            long to,
            View out,
            int vectors,
            int tail) {
        MemorySegment data = w.data();
        MemorySegment xs = x.segment;
        MemorySegment outs = out.segment;
        long xAt = row(x, start);
        long xRow = x.rowStride;
        long sums = row(out, start) + to;
        long row = out.rowStride;
        int rows = x.rows - start;
        switch (w.encoding()) {
            case F32 -> PanelsF32.rows(data, at, end, stride, xs, xAt, xRow, outs, sums, row, rows, vectors, tail);
            case BF16 ->
                PanelsBf16.rows(data, at, end, stride, left, xs, xAt, xRow, outs, sums, row, rows, vectors, tail);
            case F16 ->
                PanelsF16.rows(data, at, end, stride, left, xs, xAt, xRow, outs, sums, row, rows, vectors, tail);
            case INT8, F64, I32, I64, BOOL -> throw PlainProducts.notWeights(w);
        }
    }

    static void pack(View dense, Weights out) {
        if (out.panels() && out.encoding() == Encoding.F32) {
            PackingF32.straight(dense, out.groups(), out.groupSize(), out.data());
        } else {
            PlainProducts.pack(dense, out);
        }
    }

    static void packTransposed(View dense, Weights out) {
        if (out.panels() && out.encoding() == Encoding.F32) {
            PackingF32.transposed(dense, 0, dense.rows, 0, out.groups(), out.groupSize(), out.data(), 0, STORED);
        } else {
            PlainProducts.packTransposed(dense, out);
        }
    }

    /** Lays b out as panels and multiplies tiles, where that pays. */
    static void matmul(View a, View b, boolean transposeB, MemorySegment scratch, View out) {
        if (scratch == null || !Kernels.matmulPacks(a.rows, out.cols)) {
            matmul(a, b, transposeB, out);
            return;
        }
        if (transposeB) {
            PackingF32.straight(b, 1, b.rows, scratch);
        } else {
            PackingF32.transposed(b, 0, b.rows, 0, 1, b.cols, scratch, 0, STORED);
        }
        int tiled = a.rows / TilesF32.ROWS * TilesF32.ROWS;
        long block = (long) a.cols * PANEL_BYTES;
        TilesF32.product(
                scratch,
                0,
                block,
                Weights.PANEL / LANES,
                PANEL_BYTES,
                a.cols,
                a.segment,
                a.offset,
                Weights.PANEL * a.rowStride,
                a.rowStride,
                Float.BYTES,
                TilesF32.ZERO,
                0,
                out.segment,
                out.offset,
                out.rowStride,
                tiled,
                out.cols);
        start(tiled, null, out);
        addRest(scratch, 0, block, a.segment, row(a, tiled), a.rowStride, out, tiled, 0, out.cols, a.rows - tiled);
    }

    /** What the tiles leave: fewer than four rows of out, from (row, column) on, += x W<sup>T</sup> with the panels of one group. */
    static void addRest(
            MemorySegment w,
            long at,
            long block,
            MemorySegment x,
            long xAt,
            long xRow,
            View out,
            int row,
            int column,
            int columns,
            int rows) {
        for (int n = 0; n < columns && rows > 0; n += Weights.PANEL) {
            int lanes = Math.min(Weights.PANEL, columns - n);
            long panel = at + n / Weights.PANEL * block;
            long to = row(out, row) + (column + n) * 4L;
            PanelsF32.rows(
                    w,
                    panel,
                    panel + block,
                    PANEL_BYTES,
                    x,
                    xAt,
                    xRow,
                    out.segment,
                    to,
                    out.rowStride,
                    rows,
                    lanes / LANES,
                    lanes % LANES);
        }
    }

    /** a b with the tiles of f32 panels: the rows of b are the columns of a very wide panel. */
    private static void matmul(View a, View b, boolean transposeB, View out) {
        start(0, null, out);
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
        boolean half = table.encoding() == Encoding.BF16;
        boolean panels = table.panels() && table.groups() == 1 && (half || table.encoding() == Encoding.F32);
        if (!panels && (table.panels() || !half && table.encoding() != Encoding.F32)) {
            PlainProducts.gather(table, indices, out);
            return;
        }
        int columns = table.columns();
        for (int m = 0; m < out.rows; m++) {
            long index = indices.segment.get(Memory.I32, row(indices, m));
            long to = row(out, m);
            if (panels) {
                long block = (half ? (columns + 1) / 2 : columns) * (long) PANEL_BYTES;
                long from = index / Weights.PANEL * block + index % Weights.PANEL * Float.BYTES;
                gatherLane(table.data(), from, half, out.segment, to, columns);
            } else if (half) {
                gatherHalves(table.data(), index * columns * 2, out.segment, to, columns);
            } else {
                gatherRow(table.data(), index * columns * 4, out.segment, to, columns);
            }
        }
    }

    /** One lane of all columns of a panel. */
    private static void gatherLane(
            MemorySegment table, long from, boolean half, MemorySegment out, long to, int columns) {
        long o = from;
        for (int k = 0; k < columns; k++) {
            if (half) {
                int bits = table.get(Memory.STORED_HALF, o + k % 2 * 2L) << Short.SIZE;
                put(out, to + k * 4L, Float.intBitsToFloat(bits));
                o += k % 2 * PANEL_BYTES;
            } else {
                put(out, to + k * 4L, table.get(Memory.STORED_F32, o));
                o += PANEL_BYTES;
            }
        }
    }

    private static void gatherHalves(MemorySegment table, long from, MemorySegment out, long to, int columns) {
        for (int k = 0; k < columns; k++) {
            int bits = table.get(Memory.STORED_HALF, from + k * 2L) << Short.SIZE;
            put(out, to + k * 4L, Float.intBitsToFloat(bits));
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
