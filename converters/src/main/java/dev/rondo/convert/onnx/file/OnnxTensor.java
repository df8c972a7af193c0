package dev.rondo.convert.onnx.file;

import dev.rondo.error.FormatException;
import dev.rondo.format.Encoding;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A constant tensor. Its numbers stay in the mapped file until they are asked for.
 *
 * @param name     may be empty, for the value of an attribute
 * @param elements the product of the shape
 * @param packed   whether {@code data} holds varints (the fields int32_data, int64_data, uint64_data) and not
 *                 little-endian elements
 * @param data     one piece after the other
 */
public record OnnxTensor(
        String name, OnnxType type, List<Integer> shape, int elements, boolean packed, List<MemorySegment> data) {
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Takes numbers one by one, as bits. */
    private interface Sink {
        void accept(int index, long bits);
    }

    public OnnxTensor {
        shape = List.copyOf(shape);
        data = List.copyOf(data);
    }

    public String subject() {
        return "tensor '" + name + "'";
    }

    /** The encoding that keeps the values of a floating-point tensor; of double, f32. */
    public Encoding kept() {
        return switch (type) {
            case FLOAT16 -> Encoding.F16;
            case BFLOAT16 -> Encoding.BF16;
            default -> Encoding.F32;
        };
    }

    /**
     * All elements of a floating-point tensor, in a new array. A double that f32 cannot hold is an error, not infinity.
     */
    public float[] floats() {
        float[] values = new float[elements];
        each((index, bits) -> values[index] = toFloat(bits));
        return values;
    }

    /** All elements of an integer or bool tensor, in a new array. */
    public long[] longs() {
        long[] values = new long[elements];
        each((index, bits) -> values[index] = toLong(bits));
        return values;
    }

    private float toFloat(long bits) {
        return switch (type) {
            case FLOAT -> Float.intBitsToFloat((int) bits);
            case FLOAT16 -> Float.float16ToFloat((short) bits);
            case BFLOAT16 -> Float.intBitsToFloat((int) bits << 16);
            case DOUBLE -> narrow(Double.longBitsToDouble(bits));
            default -> throw new IllegalStateException(subject() + " of " + type + " read as floats");
        };
    }

    private float narrow(double value) {
        float narrow = (float) value;
        if (Float.isInfinite(narrow) && !Double.isInfinite(value)) {
            throw new FormatException(
                    subject(), "numbers must fit f32, whose largest is " + Float.MAX_VALUE, "" + value, "scale it");
        }
        return narrow;
    }

    private long toLong(long bits) {
        return switch (type) {
            case INT8 -> (byte) bits;
            case UINT8 -> bits & 0xFF;
            case INT16 -> (short) bits;
            case UINT16 -> bits & 0xFFFF;
            case INT32 -> (int) bits;
            case UINT32 -> bits & 0xFFFF_FFFFL;
            case INT64 -> bits;
            case UINT64 -> {
                if (bits < 0) {
                    throw new FormatException(
                            subject(), "numbers must fit i64", Long.toUnsignedString(bits), "use int64 in the model");
                }
                yield bits;
            }
            case BOOL -> bits == 0 ? 0 : 1;
            default -> throw new IllegalStateException(subject() + " of " + type + " read as integers");
        };
    }

    private void each(Sink sink) {
        int index = 0;
        for (MemorySegment piece : data) {
            index = packed ? varints(piece, index, sink) : words(piece, index, sink);
        }
        if (index != elements) {
            throw count(index);
        }
    }

    private int words(MemorySegment piece, int start, Sink sink) {
        int size = type.byteSize();
        int count = (int) Math.min(elements - start, piece.byteSize() / size);
        for (int i = 0; i < count; i++) {
            long at = (long) i * size;
            sink.accept(
                    start + i,
                    switch (size) {
                        case 1 -> piece.get(ValueLayout.JAVA_BYTE, at);
                        case 2 -> piece.get(I16, at);
                        case 4 -> piece.get(I32, at);
                        default -> piece.get(I64, at);
                    });
        }
        return start + count;
    }

    private int varints(MemorySegment piece, int start, Sink sink) {
        int index = start;
        long bits = 0;
        int shift = 0;
        for (long at = 0; at < piece.byteSize(); at++) {
            byte part = piece.get(ValueLayout.JAVA_BYTE, at);
            if (shift > 63) {
                throw new FormatException(
                        subject(), "a varint has at most 10 bytes", "more", "the file is damaged; export it again");
            }
            bits |= (long) (part & 0x7F) << shift;
            shift += 7;
            if (part >= 0) {
                if (index == elements) {
                    throw count(index + 1);
                }
                sink.accept(index++, bits);
                bits = 0;
                shift = 0;
            }
        }
        if (shift != 0) {
            throw new FormatException(
                    subject(),
                    "its data ends with a whole number",
                    "part of one",
                    "the file is damaged; export it again");
        }
        return index;
    }

    private FormatException count(int found) {
        return new FormatException(
                subject(),
                "its data must have " + elements + " elements, as shape " + shape + " says",
                found + (found > elements ? " or more" : ""),
                "the file is damaged; export it again");
    }
}
