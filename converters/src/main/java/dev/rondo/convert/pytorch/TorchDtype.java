package dev.rondo.convert.pytorch;

import dev.rondo.format.Encoding;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Optional;

/** Element types of PyTorch, with the legacy storage class that stands for them in a checkpoint. */
enum TorchDtype {
    FLOAT32(4, "FloatStorage"),
    FLOAT64(8, "DoubleStorage"),
    FLOAT16(2, "HalfStorage"),
    BFLOAT16(2, "BFloat16Storage"),
    INT64(8, "LongStorage"),
    INT32(4, "IntStorage"),
    INT16(2, "ShortStorage"),
    INT8(1, "CharStorage"),
    UINT8(1, "ByteStorage"),
    BOOL(1, "BoolStorage"),
    COMPLEX64(8, "ComplexFloatStorage"),
    COMPLEX128(16, "ComplexDoubleStorage"),
    UINT16(2, ""),
    UINT32(4, ""),
    UINT64(8, ""),
    COMPLEX32(4, ""),
    FLOAT8_E4M3FN(1, ""),
    FLOAT8_E5M2(1, ""),
    FLOAT8_E4M3FNUZ(1, ""),
    FLOAT8_E5M2FNUZ(1, ""),
    FLOAT8_E8M0FNU(1, "");

    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int bytes;
    private final String storage;

    TorchDtype(int bytes, String storage) {
        this.bytes = bytes;
        this.storage = storage;
    }

    /** Bytes of an element. */
    int bytes() {
        return bytes;
    }

    /** As PyTorch names it, after {@code torch.}. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The type called so after {@code torch.}; empty when there is none. */
    static Optional<TorchDtype> named(String name) {
        for (TorchDtype dtype : values()) {
            if (dtype.text().equals(name)) {
                return Optional.of(dtype);
            }
        }
        return Optional.empty();
    }

    /** The type of a legacy storage class; empty when there is none. */
    static Optional<TorchDtype> ofStorage(String name) {
        for (TorchDtype dtype : values()) {
            if (!dtype.storage.isEmpty() && dtype.storage.equals(name)) {
                return Optional.of(dtype);
            }
        }
        return Optional.empty();
    }

    /**
     * The encoding that keeps its values (of float64: f32); empty for what is not a floating-point number as we know
     * it.
     */
    Optional<Encoding> kept() {
        return switch (this) {
            case FLOAT32, FLOAT64 -> Optional.of(Encoding.F32);
            case FLOAT16 -> Optional.of(Encoding.F16);
            case BFLOAT16 -> Optional.of(Encoding.BF16);
            case INT64, INT32, INT16, INT8, UINT8, BOOL, UINT16, UINT32, UINT64 -> Optional.empty();
            case COMPLEX32, COMPLEX64, COMPLEX128 -> Optional.empty();
            case FLOAT8_E4M3FN, FLOAT8_E5M2, FLOAT8_E4M3FNUZ, FLOAT8_E5M2FNUZ, FLOAT8_E8M0FNU -> Optional.empty();
        };
    }

    /** Whether {@link #read} knows how. */
    boolean isReadable() {
        return switch (this) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16, INT64, INT32, INT16, INT8, UINT8, BOOL -> true;
            case UINT16, UINT32, UINT64, COMPLEX32, COMPLEX64, COMPLEX128 -> false;
            case FLOAT8_E4M3FN, FLOAT8_E5M2, FLOAT8_E4M3FNUZ, FLOAT8_E5M2FNUZ, FLOAT8_E8M0FNU -> false;
        };
    }

    /**
     * Reads elements as floats, rounded to the nearest.
     *
     * @param data  of a storage
     * @param swap  whether it is big-endian
     * @param first index of the first element
     * @param step  from one element to the next
     */
    void read(MemorySegment data, boolean swap, long first, long step, float[] to, int at, int count) {
        switch (this) {
            case FLOAT32 -> {
                if (step == 1 && !swap) {
                    MemorySegment.copy(
                            data,
                            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
                            4 * first,
                            to,
                            at,
                            count);
                    return;
                }
                for (int i = 0; i < count; i++) {
                    int bits = data.get(I32, 4 * (first + i * step));
                    to[at + i] = Float.intBitsToFloat(swap ? Integer.reverseBytes(bits) : bits);
                }
            }
            case FLOAT64 -> {
                for (int i = 0; i < count; i++) {
                    to[at + i] = (float) Double.longBitsToDouble(i64(data, swap, first + i * step));
                }
            }
            case FLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    to[at + i] = Float.float16ToFloat(i16(data, swap, first + i * step));
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    to[at + i] = Float.intBitsToFloat(i16(data, swap, first + i * step) << 16);
                }
            }
            case INT64, INT32, INT16, INT8, UINT8, BOOL -> {
                for (int i = 0; i < count; i++) {
                    to[at + i] = whole(data, swap, first + i * step);
                }
            }
            case UINT16, UINT32, UINT64, COMPLEX32, COMPLEX64, COMPLEX128 -> throw new AssertionError(this);
            case FLOAT8_E4M3FN, FLOAT8_E5M2, FLOAT8_E4M3FNUZ, FLOAT8_E5M2FNUZ, FLOAT8_E8M0FNU ->
                throw new AssertionError(this); // asked for isReadable first
        }
    }

    private long whole(MemorySegment data, boolean swap, long index) {
        return switch (this) {
            case INT64 -> i64(data, swap, index);
            case INT32 -> {
                int bits = data.get(I32, 4 * index);
                yield swap ? Integer.reverseBytes(bits) : bits;
            }
            case INT16 -> i16(data, swap, index);
            case INT8 -> data.get(ValueLayout.JAVA_BYTE, index);
            case UINT8 -> data.get(ValueLayout.JAVA_BYTE, index) & 0xFF;
            case BOOL -> data.get(ValueLayout.JAVA_BYTE, index) != 0 ? 1 : 0;
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> throw new AssertionError(this);
            case UINT16, UINT32, UINT64, COMPLEX32, COMPLEX64, COMPLEX128 -> throw new AssertionError(this);
            case FLOAT8_E4M3FN, FLOAT8_E5M2, FLOAT8_E4M3FNUZ, FLOAT8_E5M2FNUZ, FLOAT8_E8M0FNU ->
                throw new AssertionError(this);
        };
    }

    private static short i16(MemorySegment data, boolean swap, long index) {
        short bits = data.get(I16, 2 * index);
        return swap ? Short.reverseBytes(bits) : bits;
    }

    /** The eight bytes of an element of that size. */
    static long i64(MemorySegment data, boolean swap, long index) {
        long bits = data.get(I64, 8 * index);
        return swap ? Long.reverseBytes(bits) : bits;
    }
}
