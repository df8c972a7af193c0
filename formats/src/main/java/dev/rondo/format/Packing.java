package dev.rondo.format;

import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The one place that knows where element (row, column) of a stored matrix [rows, columns] lies. All numbers are little endian.
 *
 * <p>Rows: element (r, c) at byte {@code (r*columns + c) * size}. INT8 is padded with zeros to a multiple of 64 bytes, then
 * follows one f32 scale per row.
 *
 * <p>Panels of G groups: rows = G*H, row r = g*H + b*16 + l, a 32-bit word holds {@code u = 4/size} neighbouring columns,
 * the lowest in the lowest bits, and the word of column unit q = c/u lies at byte {@code (((b*units + q)*G + g)*16 + l) * 4},
 * with {@code units = ceil(columns/u)} and {@code ceil(H/16)} blocks b. What lies past H or past the columns is zero bytes.
 * INT8 has whole groups of 16 columns, {@code units = 4 ceil(columns/16)}, and is followed by the f32 scales, [blocks][G][16].
 *
 * <p>INT8 values are {@code q * scale}, one f32 multiplication. In rows q is in -127..127, scale = max|row| / 127, and the
 * byte is q. In panels q is in -63..63 and scale = max|row| / 63; the byte of an even column is q + 64, that of an odd one q.
 * So a 16-bit half of a word is 256 q<sub>odd</sub> + q<sub>even</sub> + 64, and its upper byte is q<sub>odd</sub> without a
 * carry. Products sum integers: a matrix in panels has at most 500,000 columns, whose sums fit 32 bits.
 */
public final class Packing {
    /** Output rows side by side in a panel. */
    public static final int LANES = 16;

    private static final int WORD = 4;
    static final int INT8_COLUMNS = 500_000;

    private Packing() {}

    /**
     * Bytes of the stored matrix, padding and scales included.
     *
     * @throws ShapeException when a size is negative, the matrix too large, or encoding or groups do not fit the layout
     */
    public static long byteSize(Encoding encoding, Layout layout, int rows, int columns) {
        check(encoding, layout, rows, columns);
        long weights = weightBytes(encoding, layout, rows, columns);
        return encoding == Encoding.INT8 ? weights + WORD * scaleCount(layout, rows) : weights;
    }

    /**
     * Encodes row-major values, F32, F16, BF16 (to nearest, ties to even) or INT8, and fills all of out, padding included.
     *
     * @param values rows * columns numbers
     * @param out    exactly {@link #byteSize} bytes
     * @throws ShapeException  when a size does not fit
     * @throws FormatException when a value to be stored as INT8 is infinite or NaN
     */
    public static void pack(
            float[] values, int rows, int columns, Encoding encoding, Layout layout, MemorySegment out) {
        checkSize(encoding, layout, rows, columns, out);
        if (values.length != (long) rows * columns) {
            throw new ShapeException(
                    "packing",
                    "needs rows * columns values",
                    values.length + " values for " + rows + " x " + columns,
                    "pass the whole matrix, row by row");
        }
        if (encoding.elementType() != ElementType.F32) {
            throw new ShapeException(
                    "packing",
                    "floats are stored as f32, f16, bf16 or int8",
                    encoding.text(),
                    "store other types as plain values");
        }
        out.fill((byte) 0);
        for (int row = 0; row < rows; row++) {
            packRow(values, rows, columns, row, encoding, layout, out);
        }
    }

    /**
     * The value of one element as a float; F64, I32 and I64 are rounded to the nearest float, BOOL gives 0 and 1.
     *
     * @param data exactly {@link #byteSize} bytes
     * @throws IndexOutOfBoundsException when row or column lies outside the matrix
     */
    public static float value(
            MemorySegment data, Encoding encoding, Layout layout, int rows, int columns, int row, int column) {
        Objects.checkIndex(row, rows);
        Objects.checkIndex(column, columns);
        long offset = start(encoding, layout, rows, columns, row)
                + column / unit(encoding, layout) * stride(encoding, layout)
                + (long) (column % unit(encoding, layout)) * encoding.byteSize();
        float scale = encoding == Encoding.INT8 ? scale(data, layout, rows, columns, row) : 1;
        return decode(data, encoding, offset, scale, shift(layout, column));
    }

    /**
     * All elements, row-major, with the same values as {@link #value}.
     *
     * @throws ShapeException when a size does not fit
     */
    public static float[] unpack(MemorySegment data, Encoding encoding, Layout layout, int rows, int columns) {
        checkSize(encoding, layout, rows, columns, data);
        float[] values = new float[Math.multiplyExact(rows, columns)];
        int unit = unit(encoding, layout);
        long stride = stride(encoding, layout);
        int size = encoding.byteSize();
        for (int row = 0; row < rows; row++) {
            long start = start(encoding, layout, rows, columns, row);
            float scale = encoding == Encoding.INT8 ? scale(data, layout, rows, columns, row) : 1;
            for (int column = 0; column < columns; column++) {
                long offset = start + column / unit * stride + (long) (column % unit) * size;
                values[row * columns + column] = decode(data, encoding, offset, scale, shift(layout, column));
            }
        }
        return values;
    }

    /** The nearest IEEE 754 binary16, ties to even; too large is infinite, NaN stays NaN. */
    public static short floatToHalf(float value) {
        return Float.floatToFloat16(value);
    }

    /** Exact. */
    public static float halfToFloat(short half) {
        return Float.float16ToFloat(half);
    }

    /** The nearest bfloat16, ties to even; too large is infinite, NaN stays NaN and becomes quiet. */
    public static short floatToBfloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40); // the quiet bit: truncation alone could give infinity
        }
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }

    /** Exact. */
    public static float bfloatToFloat(short bfloat) {
        return Float.intBitsToFloat(bfloat << 16);
    }

    private static void packRow(
            float[] values, int rows, int columns, int row, Encoding encoding, Layout layout, MemorySegment out) {
        float scale = 1;
        if (encoding == Encoding.INT8) {
            scale = maxMagnitude(values, columns, row) / int8Max(layout);
            out.set(LittleEndian.F32, scaleOffset(layout, rows, columns, row), scale);
        }
        int unit = unit(encoding, layout);
        long stride = stride(encoding, layout);
        int size = encoding.byteSize();
        long start = start(encoding, layout, rows, columns, row);
        for (int column = 0; column < columns; column++) {
            long offset = start + column / unit * stride + (long) (column % unit) * size;
            float value = values[row * columns + column];
            switch (encoding) {
                case F32 -> out.set(LittleEndian.F32, offset, value);
                case F16 -> out.set(LittleEndian.I16, offset, floatToHalf(value));
                case BF16 -> out.set(LittleEndian.I16, offset, floatToBfloat(value));
                case INT8 -> {
                    int q = quantised(value, scale, int8Max(layout));
                    out.set(LittleEndian.I8, offset, (byte) (q + shift(layout, column)));
                }
                case F64, I32, I64, BOOL -> throw new AssertionError(encoding); // refused by pack
            }
        }
    }

    private static float decode(MemorySegment data, Encoding encoding, long offset, float scale, int shift) {
        return switch (encoding) {
            case F32 -> data.get(LittleEndian.F32, offset);
            case F64 -> (float) data.get(LittleEndian.F64, offset);
            case I32 -> data.get(LittleEndian.I32, offset);
            case I64 -> data.get(LittleEndian.I64, offset);
            case BOOL -> data.get(LittleEndian.I8, offset) != 0 ? 1 : 0;
            case F16 -> halfToFloat(data.get(LittleEndian.I16, offset));
            case BF16 -> bfloatToFloat(data.get(LittleEndian.I16, offset));
            case INT8 -> (data.get(LittleEndian.I8, offset) - shift) * scale;
        };
    }

    /** The scale of a row of tiny numbers can be zero or subnormal: then the quotient is cut to the range. */
    private static int quantised(float value, float scale, int max) {
        return scale == 0 ? 0 : (int) Math.clamp(Math.rint(value / scale), -max, max);
    }

    private static int int8Max(Layout layout) {
        return isPanels(layout) ? 63 : 127;
    }

    /** What is added to an int8 element of a column. */
    private static int shift(Layout layout, int column) {
        return isPanels(layout) ? 64 & (column & 1) - 1 : 0;
    }

    private static float maxMagnitude(float[] values, int columns, int row) {
        float max = 0;
        for (int column = 0; column < columns; column++) {
            float magnitude = Math.abs(values[row * columns + column]);
            if (!(magnitude < Float.POSITIVE_INFINITY)) {
                throw new FormatException(
                        "int8 row " + row,
                        "values must be finite",
                        magnitude + " in column " + column,
                        "store this tensor as f32 or bf16");
            }
            max = Math.max(max, magnitude);
        }
        return max;
    }

    /** Byte offset of the first element of a row. */
    private static long start(Encoding encoding, Layout layout, int rows, int columns, int row) {
        if (!isPanels(layout)) {
            return (long) row * columns * encoding.byteSize();
        }
        int groups = layout.groups();
        int height = rows / groups;
        int group = row / height;
        int inGroup = row % height;
        long firstWord = (inGroup / LANES * units(encoding, columns) * groups + group) * LANES;
        return (firstWord + inGroup % LANES) * WORD;
    }

    /** Neighbouring columns that lie side by side. */
    private static int unit(Encoding encoding, Layout layout) {
        return isPanels(layout) ? WORD / encoding.byteSize() : 1;
    }

    /** Bytes from one such unit to the next of the same row. */
    private static long stride(Encoding encoding, Layout layout) {
        return isPanels(layout) ? (long) layout.groups() * LANES * WORD : encoding.byteSize();
    }

    private static float scale(MemorySegment data, Layout layout, int rows, int columns, int row) {
        return data.get(LittleEndian.F32, scaleOffset(layout, rows, columns, row));
    }

    private static long scaleOffset(Layout layout, int rows, int columns, int row) {
        return weightBytes(Encoding.INT8, layout, rows, columns) + WORD * scaleIndex(layout, rows, row);
    }

    private static long scaleIndex(Layout layout, int rows, int row) {
        if (!isPanels(layout)) {
            return row;
        }
        int height = rows / layout.groups();
        int inGroup = row % height;
        return ((long) inGroup / LANES * layout.groups() + row / height) * LANES + inGroup % LANES;
    }

    /** Bytes before the scales; without scales, all bytes. */
    private static long weightBytes(Encoding encoding, Layout layout, int rows, int columns) {
        if (isPanels(layout)) {
            int groups = layout.groups();
            return blocks(rows / groups) * units(encoding, columns) * groups * LANES * WORD;
        }
        long bytes = (long) rows * columns * encoding.byteSize();
        return encoding == Encoding.INT8 ? Shapes.aligned(bytes) : bytes;
    }

    private static long scaleCount(Layout layout, int rows) {
        int groups = layout.groups();
        return isPanels(layout) ? blocks(rows / groups) * groups * LANES : rows;
    }

    private static boolean isPanels(Layout layout) {
        return layout instanceof Layout.Panels;
    }

    private static long blocks(int height) {
        return (height + LANES - 1L) / LANES;
    }

    private static long units(Encoding encoding, int columns) {
        int unit = encoding == Encoding.INT8 ? LANES : WORD / encoding.byteSize();
        long units = (columns + unit - 1L) / unit;
        return encoding == Encoding.INT8 ? 4 * units : units;
    }

    private static void check(Encoding encoding, Layout layout, int rows, int columns) {
        if (rows < 0 || columns < 0 || (long) rows * columns > Shapes.MAX_ELEMENTS) {
            throw new ShapeException(
                    "packing",
                    "rows and columns must not be negative, their product at most " + Shapes.MAX_ELEMENTS,
                    rows + " x " + columns,
                    "split the matrix");
        }
        if (layout instanceof Layout.Panels(int groups)
                && (encoding.elementType() != ElementType.F32
                        || rows % groups != 0
                        || encoding == Encoding.INT8 && columns > INT8_COLUMNS)) {
            throw new ShapeException(
                    "packing",
                    "panels hold f32, f16, bf16 or int8 (at most 500,000 columns), and their groups divide the rows",
                    encoding.text() + ", " + rows + " x " + columns + ", " + groups + " groups",
                    "use the number of gates, or 1");
        }
    }

    private static void checkSize(Encoding encoding, Layout layout, int rows, int columns, MemorySegment data) {
        long expected = byteSize(encoding, layout, rows, columns);
        if (data.byteSize() != expected) {
            throw new ShapeException(
                    "packing",
                    "the memory must have " + expected + " bytes",
                    data.byteSize() + " bytes for " + encoding.text() + " " + layout + " " + rows + " x " + columns,
                    "ask byteSize for the size");
        }
    }
}
