package dev.rondo.format;

import java.lang.foreign.MemorySegment;

/** The one place that knows where element (row, column) of a stored tensor lies. */
public final class Packing {
    private Packing() {
    }

    public static long byteSize(Encoding encoding, Layout layout, int rows, int columns) {
        throw new UnsupportedOperationException("being written");
    }

    public static void pack(float[] values, int rows, int columns, Encoding encoding, Layout layout,
            MemorySegment out) {
        throw new UnsupportedOperationException("being written");
    }

    public static float value(MemorySegment data, Encoding encoding, Layout layout, int rows, int columns, int row,
            int column) {
        throw new UnsupportedOperationException("being written");
    }

    public static float[] unpack(MemorySegment data, Encoding encoding, Layout layout, int rows, int columns) {
        throw new UnsupportedOperationException("being written");
    }

    public static short floatToHalf(float value) {
        return Float.floatToFloat16(value);
    }

    public static float halfToFloat(short half) {
        return Float.float16ToFloat(half);
    }

    public static short floatToBfloat(float value) {
        throw new UnsupportedOperationException("being written");
    }

    public static float bfloatToFloat(short bfloat) {
        return Float.intBitsToFloat(bfloat << 16);
    }
}
