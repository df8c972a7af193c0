package dev.rondo.convert.safetensors;

import java.util.Optional;

/** The element types of safetensors, named as in the header. Values are little endian. */
public enum Dtype {
    /** One byte, 0 is false. */
    BOOL(8, Kind.INTEGER),
    U8(8, Kind.INTEGER),
    I8(8, Kind.INTEGER),
    I16(16, Kind.INTEGER),
    U16(16, Kind.INTEGER),
    I32(32, Kind.INTEGER),
    U32(32, Kind.INTEGER),
    I64(64, Kind.INTEGER),
    U64(64, Kind.INTEGER),
    /** IEEE 754 binary16. */
    F16(16, Kind.FLOAT),
    /** The upper half of an IEEE 754 binary32. */
    BF16(16, Kind.FLOAT),
    F32(32, Kind.FLOAT),
    F64(64, Kind.FLOAT),
    /** Two F32, real part first. */
    C64(64, Kind.OPAQUE),
    F8_E5M2(8, Kind.OPAQUE),
    F8_E4M3(8, Kind.OPAQUE),
    F8_E5M2FNUZ(8, Kind.OPAQUE),
    F8_E4M3FNUZ(8, Kind.OPAQUE),
    F8_E8M0(8, Kind.OPAQUE),
    F6_E2M3(6, Kind.OPAQUE),
    F6_E3M2(6, Kind.OPAQUE),
    F4(4, Kind.OPAQUE);

    /** What can be read from it: whole numbers, floating-point numbers, or its bytes only. */
    private enum Kind {
        INTEGER,
        FLOAT,
        OPAQUE
    }

    private final int bits;
    private final Kind kind;

    Dtype(int bits, Kind kind) {
        this.bits = bits;
        this.kind = kind;
    }

    /** Bits of one element. */
    public int bits() {
        return bits;
    }

    /** Whether elements are whole numbers; BOOL counts as 0 and 1. */
    public boolean isInteger() {
        return kind == Kind.INTEGER;
    }

    /** Whether elements are F16, BF16, F32 or F64. */
    public boolean isFloat() {
        return kind == Kind.FLOAT;
    }

    /** The dtype of that name, if there is one. */
    static Optional<Dtype> of(String name) {
        for (Dtype dtype : values()) {
            if (dtype.name().equals(name)) {
                return Optional.of(dtype);
            }
        }
        return Optional.empty();
    }
}
