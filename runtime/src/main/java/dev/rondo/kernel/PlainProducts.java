package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;

import dev.rondo.format.Encoding;
import java.lang.foreign.MemorySegment;

/** Products and look-ups of weights, plain. */
final class PlainProducts {

    private static final int WORD = 4;
    private static final int PANEL_BYTES = Weights.PANEL * WORD;

    private PlainProducts() {}

    /** Every row of out = bias, or zero. */
    static void start(View bias, View out) {
        for (int m = 0; m < out.rows; m++) {
            for (int n = 0; n < out.cols; n++) {
                put(out.segment, row(out, m) + n * 4L, bias == null ? 0 : get(bias.segment, bias.offset + n * 4L));
            }
        }
    }

    static void addLinear(View x, Weights w, int firstGroup, int groupCount, MemorySegment scratch, View out) {
        for (int m = 0; m < x.rows; m++) {
            if (w.panels()) {
                boolean whole = w.encoding() == Encoding.INT8;
                float scale = whole ? quantise(x.segment, row(x, m), w.columns(), scratch) : 1;
                for (int block = 0; block < w.blocks(); block++) {
                    for (int group = firstGroup; group < firstGroup + groupCount; group++) {
                        if (whole) {
                            addInt8(scratch, scale, w, block, group, out, m);
                        } else {
                            addPanel(x.segment, row(x, m), w, block, group, out, m);
                        }
                    }
                }
            } else {
                addRows(x.segment, row(x, m), w, out.segment, row(out, m));
            }
        }
    }

    /** One panel of 16 rows, column by column. */
    private static void addPanel(MemorySegment x, long xRow, Weights w, int block, int group, View out, int m) {
        int panel = block * w.groups() + group;
        int lanes = Math.min(Weights.PANEL, out.cols - panel * Weights.PANEL);
        int perWord = columnsPerWord(w.encoding());
        int units = (w.columns() + perWord - 1) / perWord;
        long stride = (long) w.groups() * PANEL_BYTES;
        long start = block * units * stride + (long) group * PANEL_BYTES;
        long sums = row(out, m) + (long) panel * PANEL_BYTES;
        if (w.encoding() == Encoding.F32 && lanes == Weights.PANEL) {
            for (long lane = 0; lane < PANEL_BYTES; lane += 16) {
                addLanes(x, xRow, w.data(), start + lane, stride, w.columns(), out.segment, sums + lane);
            }
            return;
        }
        for (int k = 0; k < w.columns(); k++) {
            long at = start + k / perWord * stride;
            addColumn(get(x, xRow + k * 4L), w, at, k % perWord, lanes, out.segment, sums);
        }
    }

    /** Four rows of f32 with their sums in registers: in memory they cost several times as much. */
    private static void addLanes(
            MemorySegment x,
            long xRow,
            MemorySegment w,
            long at,
            long stride,
            int columns,
            MemorySegment out,
            long sums) {
        float a = get(out, sums);
        float b = get(out, sums + 4);
        float c = get(out, sums + 8);
        float d = get(out, sums + 12);
        for (int k = 0; k < columns; k++) {
            float factor = get(x, xRow + k * 4L);
            long word = at + k * stride;
            a += factor * w.get(Memory.STORED_F32, word);
            b += factor * w.get(Memory.STORED_F32, word + 4);
            c += factor * w.get(Memory.STORED_F32, word + 8);
            d += factor * w.get(Memory.STORED_F32, word + 12);
        }
        put(out, sums, a);
        put(out, sums + 4, b);
        put(out, sums + 8, c);
        put(out, sums + 12, d);
    }

    /** out[lane] += x w[lane] for one column, whose words lie at {@code at}. */
    private static void addColumn(float x, Weights w, long at, int part, int lanes, MemorySegment out, long sums) {
        MemorySegment data = w.data();
        switch (w.encoding()) {
            case F32 -> {
                for (int l = 0; l < lanes; l++) {
                    add(out, sums + l * 4L, x * data.get(Memory.STORED_F32, at + l * 4L));
                }
            }
            case BF16 -> {
                for (int l = 0; l < lanes; l++) {
                    int half = data.get(Memory.STORED_HALF, at + l * 4L + part * 2L);
                    add(out, sums + l * 4L, x * Float.intBitsToFloat(half << 16));
                }
            }
            case F16 -> {
                for (int l = 0; l < lanes; l++) {
                    short half = data.get(Memory.STORED_HALF, at + l * 4L + part * 2L);
                    add(out, sums + l * 4L, x * Float.float16ToFloat(half));
                }
            }
            case INT8, F64, I32, I64, BOOL -> throw notWeights(w);
        }
    }

    /** Whole numbers of a row of x, as i32; returns their scale. See {@link Kernels#linear}. */
    private static float quantise(MemorySegment x, long xRow, int columns, MemorySegment out) {
        float max = 0;
        for (int k = 0; k < columns; k++) {
            float magnitude = Math.abs(get(x, xRow + k * 4L));
            max = Math.max(max, magnitude < Float.POSITIVE_INFINITY ? magnitude : Float.NaN);
        }
        float scale = max / 63 < Float.MIN_NORMAL ? 0 : max / 63;
        float inverse = 1 / scale;
        for (int k = 0; k < columns; k++) {
            out.set(Memory.I32, k * 4L, scale == 0 ? 0 : (int) Math.rint(get(x, xRow + k * 4L) * inverse));
        }
        return scale;
    }

    /** One panel of 16 rows of int8: sums of whole numbers, scaled in the end. */
    private static void addInt8(MemorySegment x, float xScale, Weights w, int block, int group, View out, int m) {
        int panel = block * w.groups() + group;
        int lanes = Math.min(Weights.PANEL, out.cols - panel * Weights.PANEL);
        int words = (w.columns() + 15) / 16 * 4;
        long stride = (long) w.groups() * PANEL_BYTES;
        long start = block * words * stride + (long) group * PANEL_BYTES;
        long scales = Memory.scales(w) + (long) panel * PANEL_BYTES;
        MemorySegment data = w.data();
        for (int l = 0; l < lanes; l++) {
            int sum = 0;
            for (int k = 0; k < w.columns(); k++) {
                int q = data.get(Memory.BYTE, start + k / 4 * stride + l * 4L + k % 4) - (64 & (k & 1) - 1);
                sum += q * x.get(Memory.I32, k * 4L);
            }
            float value = sum * data.get(Memory.STORED_F32, scales + l * 4L) * xScale;
            add(out.segment, row(out, m) + (long) panel * PANEL_BYTES + l * 4L, value);
        }
    }

    private static void addRows(MemorySegment x, long xRow, Weights w, MemorySegment out, long outRow) {
        for (int n = 0; n < w.rows(); n++) {
            float sum = get(out, outRow + n * 4L);
            for (int k = 0; k < w.columns(); k++) {
                sum += get(x, xRow + k * 4L) * element(w, n, k);
            }
            put(out, outRow + n * 4L, sum);
        }
    }

    /** Byte offset of element (row, column) of f32 weights in either layout. */
    private static long offset(Weights w, int row, int column) {
        if (!w.panels()) {
            return ((long) row * w.columns() + column) * WORD;
        }
        int index = Memory.panelIndex(w.groups(), row / w.groupSize(), row % w.groupSize());
        int block = index / (w.groups() * Weights.PANEL);
        return (((long) block * (w.columns() - 1) + column) * w.groups() * Weights.PANEL + index) * WORD;
    }

    /** Element (row, column) of weights in either layout. */
    private static float element(Weights w, int row, int column) {
        int size = w.encoding().byteSize();
        long scale = 0;
        long at;
        if (w.panels()) {
            int perWord = columnsPerWord(w.encoding());
            int units =
                    w.encoding() == Encoding.INT8 ? (w.columns() + 15) / 16 * 4 : (w.columns() + perWord - 1) / perWord;
            int index = Memory.panelIndex(w.groups(), row / w.groupSize(), row % w.groupSize());
            int block = index / (w.groups() * Weights.PANEL);
            long word = ((long) block * (units - 1) + column / perWord) * w.groups() * Weights.PANEL + index;
            at = word * WORD + column % perWord * size;
            scale = index;
        } else {
            at = ((long) row * w.columns() + column) * size;
            scale = row;
        }
        MemorySegment data = w.data();
        return switch (w.encoding()) {
            case F32 -> data.get(Memory.STORED_F32, at);
            case BF16 -> Float.intBitsToFloat(data.get(Memory.STORED_HALF, at) << 16);
            case F16 -> Float.float16ToFloat(data.get(Memory.STORED_HALF, at));
            case INT8 ->
                (data.get(Memory.BYTE, at) - (w.panels() ? 64 & (column & 1) - 1 : 0))
                        * data.get(Memory.STORED_F32, Memory.scales(w) + scale * 4);
            case F64, I32, I64, BOOL -> throw notWeights(w);
        };
    }

    static void gather(Weights table, View indices, View out) {
        for (int m = 0; m < out.rows; m++) {
            int index = indices.segment.get(Memory.I32, row(indices, m));
            for (int n = 0; n < out.cols; n++) {
                put(out.segment, row(out, m) + n * 4L, element(table, index, n));
            }
        }
    }

    static void pack(View dense, Weights out) {
        if (out.encoding() != Encoding.F32) {
            throw notWeights(out);
        }
        int columns = out.columns();
        if (!out.panels()) {
            for (int n = 0; n < out.rows(); n++) {
                for (int k = 0; k < columns; k++) {
                    float value = get(dense.segment, row(dense, n) + k * 4L);
                    out.data().set(Memory.STORED_F32, ((long) n * columns + k) * 4, value);
                }
            }
            return;
        }
        long at = 0;
        for (int block = 0; block < out.blocks(); block++) {
            for (int k = 0; k < columns; k++) {
                for (int group = 0; group < out.groups(); group++) {
                    for (int lane = 0; lane < Weights.PANEL; lane++, at += 4) {
                        int j = block * Weights.PANEL + lane;
                        long from = row(dense, group * out.groupSize() + j) + k * 4L;
                        out.data().set(Memory.STORED_F32, at, j < out.groupSize() ? get(dense.segment, from) : 0);
                    }
                }
            }
        }
    }

    static void packTransposed(View dense, Weights out) {
        if (out.encoding() != Encoding.F32) {
            throw notWeights(out);
        }
        out.data().fill((byte) 0);
        int columns = out.columns();
        for (int n = 0; n < out.rows(); n++) {
            for (int k = 0; k < columns; k++) {
                float value = get(dense.segment, row(dense, k) + n * 4L);
                out.data().set(Memory.STORED_F32, offset(out, n, k), value);
            }
        }
    }

    static void outerSum(View a, View b, View out) {
        for (int n = 0; n < out.rows; n++) {
            for (int k = 0; k < out.cols; k++) {
                put(out.segment, row(out, n) + k * 4L, 0);
            }
        }
        for (int r = 0; r < a.rows; r++) {
            for (int n = 0; n < out.rows; n++) {
                float factor = get(a.segment, row(a, r) + n * 4L);
                for (int k = 0; k < out.cols; k++) {
                    add(out.segment, row(out, n) + k * 4L, factor * get(b.segment, row(b, r) + k * 4L));
                }
            }
        }
    }

    static void matmul(View a, View b, boolean transposeB, View out) {
        for (int m = 0; m < out.rows; m++) {
            for (int n = 0; n < out.cols; n++) {
                float sum = 0;
                for (int k = 0; k < a.cols; k++) {
                    long at = transposeB ? row(b, n) + k * 4L : row(b, k) + n * 4L;
                    sum += get(a.segment, row(a, m) + k * 4L) * get(b.segment, at);
                }
                put(out.segment, row(out, m) + n * 4L, sum);
            }
        }
    }

    private static void add(MemorySegment out, long at, float value) {
        put(out, at, get(out, at) + value);
    }

    private static int columnsPerWord(Encoding encoding) {
        return WORD / encoding.byteSize();
    }

    static IllegalArgumentException notWeights(Weights w) {
        return new IllegalArgumentException(
                "weights: the encoding must fit the kernel; got " + w.encoding().text() + "; convert it first");
    }
}
