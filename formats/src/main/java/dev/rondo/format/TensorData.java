package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * Plain values: row-major, little endian, bool one byte (0 is false, all else true).
 *
 * @param element the type of the elements
 * @param shape   at most 8 dimensions
 * @param data    a read-only view, exactly as long as the shape says. Read from a file it is 64-byte aligned native memory
 *                that belongs to the {@link RondoFile}; otherwise it belongs to whoever made it.
 */
public record TensorData(ElementType element, List<Integer> shape, MemorySegment data) {
    /** @throws FormatException when the shape or the data's length breaks a rule */
    public TensorData {
        Objects.requireNonNull(element);
        shape = List.copyOf(shape);
        long expected = Shapes.elements("values", shape) * element.byteSize();
        if (data.byteSize() != expected) {
            throw new FormatException(
                    "values",
                    "data must have " + expected + " bytes, as type and shape say",
                    data.byteSize() + " bytes for " + element.text() + " of shape " + shape,
                    "slice the segment to the values");
        }
        data = data.asReadOnly();
    }

    /** A copy of the values in memory that the garbage collector frees. */
    public static TensorData ofFloats(List<Integer> shape, float... values) {
        MemorySegment data = allocate(values.length, ElementType.F32);
        for (int i = 0; i < values.length; i++) {
            data.set(LittleEndian.F32, 4L * i, values[i]);
        }
        return new TensorData(ElementType.F32, shape, data);
    }

    /** A copy of the values in memory that the garbage collector frees. */
    public static TensorData ofDoubles(List<Integer> shape, double... values) {
        MemorySegment data = allocate(values.length, ElementType.F64);
        for (int i = 0; i < values.length; i++) {
            data.set(LittleEndian.F64, 8L * i, values[i]);
        }
        return new TensorData(ElementType.F64, shape, data);
    }

    /** A copy of the values in memory that the garbage collector frees. */
    public static TensorData ofInts(List<Integer> shape, int... values) {
        MemorySegment data = allocate(values.length, ElementType.I32);
        for (int i = 0; i < values.length; i++) {
            data.set(LittleEndian.I32, 4L * i, values[i]);
        }
        return new TensorData(ElementType.I32, shape, data);
    }

    /** A copy of the values in memory that the garbage collector frees. */
    public static TensorData ofLongs(List<Integer> shape, long... values) {
        MemorySegment data = allocate(values.length, ElementType.I64);
        for (int i = 0; i < values.length; i++) {
            data.set(LittleEndian.I64, 8L * i, values[i]);
        }
        return new TensorData(ElementType.I64, shape, data);
    }

    /** A copy of the values in memory that the garbage collector frees. */
    public static TensorData ofBooleans(List<Integer> shape, boolean... values) {
        MemorySegment data = allocate(values.length, ElementType.BOOL);
        for (int i = 0; i < values.length; i++) {
            data.set(LittleEndian.I8, i, (byte) (values[i] ? 1 : 0));
        }
        return new TensorData(ElementType.BOOL, shape, data);
    }

    /** The number of elements. */
    public int elementCount() {
        return (int) (data.byteSize() / element.byteSize());
    }

    /** Element i in row-major order as a double: exact for all types but large i64; bool gives 0 and 1. */
    public double value(int i) {
        return switch (element) {
            case F32 -> data.get(LittleEndian.F32, 4L * i);
            case F64 -> data.get(LittleEndian.F64, 8L * i);
            case I32 -> data.get(LittleEndian.I32, 4L * i);
            case I64 -> data.get(LittleEndian.I64, 8L * i);
            case BOOL -> data.get(LittleEndian.I8, i) != 0 ? 1 : 0;
        };
    }

    private static MemorySegment allocate(int count, ElementType element) {
        return Arena.ofAuto().allocate((long) count * element.byteSize(), Shapes.ALIGNMENT);
    }
}
