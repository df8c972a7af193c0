package dev.rondo.convert.onnx.file;

import dev.rondo.format.ElementType;
import java.util.Optional;

/** The element types of ONNX, by their numbers in {@code TensorProto.DataType}. */
public enum OnnxType {
    FLOAT(1, 4, ElementType.F32),
    UINT8(2, 1, ElementType.I32),
    INT8(3, 1, ElementType.I32),
    UINT16(4, 2, ElementType.I32),
    INT16(5, 2, ElementType.I32),
    INT32(6, 4, ElementType.I32),
    INT64(7, 8, ElementType.I64),
    STRING(8, 0, null),
    BOOL(9, 1, ElementType.BOOL),
    FLOAT16(10, 2, ElementType.F32),
    DOUBLE(11, 8, ElementType.F32),
    UINT32(12, 4, ElementType.I64),
    UINT64(13, 8, ElementType.I64),
    COMPLEX64(14, 8, null),
    COMPLEX128(15, 16, null),
    BFLOAT16(16, 2, ElementType.F32);

    private final int code;
    private final int byteSize;
    private final ElementType element;

    OnnxType(int code, int byteSize, ElementType element) {
        this.code = code;
        this.byteSize = byteSize;
        this.element = element;
    }

    /**
     * The type of that number; empty for those that no operator here takes (strings of 4 or 8 bits, and later ones).
     */
    public static Optional<OnnxType> of(long code) {
        for (OnnxType type : values()) {
            if (type.code == code) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** Bytes of one element in raw data; 0 for strings. */
    public int byteSize() {
        return byteSize;
    }

    /**
     * What a function computes with: f32 for every floating-point type, i32 or i64 for integers; empty when nothing
     * fits.
     */
    public Optional<ElementType> element() {
        return Optional.ofNullable(element);
    }

    /** Whether {@link #element()} is this very type, so that nothing is said by stating it. */
    public boolean isExact() {
        return this == FLOAT || this == INT32 || this == INT64 || this == BOOL;
    }
}
