package dev.rondo.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How kernels see memory: values in the platform's byte order, stored weights little endian. Offsets are in bytes. */
public final class Memory {

    /** f32 values of a step. */
    static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;

    static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
    static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;
    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    /** f32 elements of stored weights. */
    static final ValueLayout.OfFloat STORED_F32 = F32.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** 32-bit words of stored weights: two halves or four bytes, the lowest column in the lowest bits. */
    static final ValueLayout.OfInt STORED_WORD = I32.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** 16-bit elements of stored weights. */
    static final ValueLayout.OfShort STORED_HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Rows of x that a product with int8 panels makes whole numbers of at a time. */
    static final int ROWS_INT8 = 16;

    /** Blocks of one gate with bf16 weights that become f32 at once. */
    static final int DECODED_BLOCKS = 4;

    /** Bytes of scratch of int8 products before the rows: the sums of a tile, four vectors of the widest. */
    static final int SUMS_INT8 = 256;

    private Memory() {}

    public static float get(MemorySegment segment, long offset) {
        return segment.get(F32, offset);
    }

    public static void put(MemorySegment segment, long offset, float value) {
        segment.set(F32, offset, value);
    }

    /** Bytes from one column of an operand to the next: 0 where one column repeats along a longer row. */
    static long columnStep(View operand, View out, int elementSize) {
        return operand.cols == 1 && out.cols > 1 ? 0 : elementSize;
    }

    /** Byte offset of row r. */
    public static long row(View view, int row) {
        return view.offset + row * view.rowStride;
    }

    /** Index in panel order of row j of a gate. */
    static int panelIndex(int groups, int gate, int j) {
        return ((j / Weights.PANEL) * groups + gate) * Weights.PANEL + j % Weights.PANEL;
    }

    /** Bytes of an f32 matrix [rows, columns] in panels of one group. */
    static long panelBytes(int rows, int columns) {
        return (rows + Weights.PANEL - 1L) / Weights.PANEL * Weights.PANEL * Float.BYTES * columns;
    }

    /** Bytes of a row of whole numbers for int8 panels: 64 for 16 columns, one more group for a row without columns. */
    static long int8Row(int columns) {
        return Math.max(1, (columns + 15L) / 16) * 64;
    }

    /** Byte offset of the scales of int8 weights. */
    static long scales(Weights w) {
        long bytes = w.panels()
                ? (long) w.blocks() * ((w.columns() + 15) / 16) * w.groups() * 256
                : (long) w.rows() * w.columns();
        return (bytes + 63) / 64 * 64;
    }
}
