package dev.rondo.convert.safetensors;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A tensor of an open file. Reading makes a copy on the heap, nothing else does.
 *
 * @param name  as in the header
 * @param dtype of the elements
 * @param shape row-major; empty for a scalar
 * @param data  a read-only view of the mapped file, of any alignment. It belongs to the {@link SafetensorsFile}.
 */
public record SafetensorsTensor(String name, Dtype dtype, List<Long> shape, MemorySegment data) {
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** What an array can hold on every JVM. */
    private static final long MAX_ARRAY = Integer.MAX_VALUE - 8L;

    public SafetensorsTensor {
        shape = List.copyOf(shape);
        data = data.asReadOnly();
    }

    /** The product of the dimensions; 1 for a scalar. */
    public long elements() {
        return data.byteSize() * 8 / dtype.bits();
    }

    /**
     * All elements as floats. F16 and BF16 are exact; F64 and whole numbers are rounded to the nearest float, ties to
     * even (too large for f32 is infinite); a NaN stays a NaN.
     *
     * @throws FormatException       for a dtype without such a reading (F8, F6, F4, C64), or more than an array holds
     * @throws IllegalStateException when the file has been closed
     */
    public float[] toFloats() {
        float[] values = new float[arrayLength()];
        readFloats(0, values, 0, values.length);
        return values;
    }

    /**
     * Elements {@code first} to {@code first + count - 1}, converted as in {@link #toFloats}, into {@code to} from
     * index {@code at} on.
     *
     * @throws FormatException           for a dtype without such a reading
     * @throws IndexOutOfBoundsException when the elements or their places do not exist
     * @throws IllegalStateException     when the file has been closed
     */
    public void readFloats(long first, float[] to, int at, int count) {
        switch (dtype) {
            case F32 -> MemorySegment.copy(data, F32, 4 * first, to, at, count);
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    to[at + i] = (float) data.get(F64, 8 * (first + i));
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    to[at + i] = Float.float16ToFloat(data.get(I16, 2 * (first + i)));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    to[at + i] = Float.intBitsToFloat(data.get(I16, 2 * (first + i)) << 16);
                }
            }
            case U64 -> {
                for (int i = 0; i < count; i++) {
                    to[at + i] = unsignedToFloat(data.get(I64, 8 * (first + i)));
                }
            }
            case BOOL, U8, I8, I16, U16, I32, U32, I64 -> {
                for (int i = 0; i < count; i++) {
                    to[at + i] = integer(first + i);
                }
            }
            case C64, F8_E5M2, F8_E4M3, F8_E5M2FNUZ, F8_E4M3FNUZ, F8_E8M0, F6_E2M3, F6_E3M2, F4 ->
                throw unreadable("f32", "convert it to F32, F16 or BF16 in the framework it comes from");
        }
    }

    /**
     * All elements as longs; BOOL gives 0 and 1.
     *
     * @throws FormatException       when the dtype is none of whole numbers, a U64 exceeds a long, or more than an
     *         array holds
     * @throws IllegalStateException when the file has been closed
     */
    public long[] toLongs() {
        if (!dtype.isInteger()) {
            throw unreadable("whole numbers", "store ids, lengths and counts as I64");
        }
        long[] values = new long[arrayLength()];
        for (int i = 0; i < values.length; i++) {
            values[i] = integer(i);
            if (dtype == Dtype.U64 && values[i] < 0) {
                throw new FormatException(
                        subject(), "U64 must not exceed 2^63-1", Long.toUnsignedString(values[i]), "store it as I64");
            }
        }
        return values;
    }

    private long integer(long index) {
        return switch (dtype) {
            case BOOL -> data.get(ValueLayout.JAVA_BYTE, index) != 0 ? 1 : 0;
            case U8 -> data.get(ValueLayout.JAVA_BYTE, index) & 0xFF;
            case I8 -> data.get(ValueLayout.JAVA_BYTE, index);
            case I16 -> data.get(I16, 2 * index);
            case U16 -> data.get(I16, 2 * index) & 0xFFFF;
            case I32 -> data.get(I32, 4 * index);
            case U32 -> data.get(I32, 4 * index) & 0xFFFF_FFFFL;
            case I64, U64 -> data.get(I64, 8 * index);
            case F16, BF16, F32, F64, C64, F8_E5M2, F8_E4M3, F8_E5M2FNUZ, F8_E4M3FNUZ, F8_E8M0, F6_E2M3, F6_E3M2, F4 ->
                throw unreadable("whole numbers", "store ids, lengths and counts as I64");
        };
    }

    /** Nearest even also above 2^63: halving keeps the lost bit, so the rounding sees it. */
    private static float unsignedToFloat(long bits) {
        return bits >= 0 ? (float) bits : 2 * (float) (bits >>> 1 | bits & 1);
    }

    private int arrayLength() {
        if (elements() > MAX_ARRAY) {
            throw new FormatException(
                    subject(), "must have at most " + MAX_ARRAY + " elements", "shape " + shape, "split the tensor");
        }
        return (int) elements();
    }

    private FormatException unreadable(String as, String remedy) {
        return new FormatException(subject(), "must have a dtype that can be read as " + as, dtype.name(), remedy);
    }

    private String subject() {
        return "tensor " + StrictJson.quote(name);
    }
}
