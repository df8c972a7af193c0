package dev.rondo.format;

import dev.rondo.error.FormatException;

/** How the elements of a stored tensor are encoded. F16, BF16 and INT8 decode to f32, the others to themselves. */
public enum Encoding {
    F32(1, 4, ElementType.F32, "f32"),
    F64(2, 8, ElementType.F64, "f64"),
    I32(3, 4, ElementType.I32, "i32"),
    I64(4, 8, ElementType.I64, "i64"),
    BOOL(5, 1, ElementType.BOOL, "bool"),
    /** IEEE 754 binary16. */
    F16(6, 2, ElementType.F32, "f16"),
    /** The upper half of an IEEE 754 binary32. */
    BF16(7, 2, ElementType.F32, "bf16"),
    /** Signed bytes with one f32 scale per row: value = q * scale. */
    INT8(8, 1, ElementType.F32, "int8");

    private final int code;
    private final int byteSize;
    private final ElementType elementType;
    private final String text;

    Encoding(int code, int byteSize, ElementType elementType, String text) {
        this.code = code;
        this.byteSize = byteSize;
        this.elementType = elementType;
        this.text = text;
    }

    /** Bytes of one encoded element, scales not counted. */
    public int byteSize() {
        return byteSize;
    }

    /** The type of the decoded elements. */
    public ElementType elementType() {
        return elementType;
    }

    /** The name used in messages and tools: {@code f32}, {@code bf16}, {@code int8}, ... */
    public String text() {
        return text;
    }

    /**
     * The encoding with that {@link #text()}.
     *
     * @throws FormatException when there is none
     */
    public static Encoding parse(String text) {
        for (Encoding encoding : values()) {
            if (encoding.text.equals(text)) {
                return encoding;
            }
        }
        throw new FormatException(
                "encoding",
                "must be one of f32, f64, i32, i64, bool, f16, bf16, int8",
                Names.quote(text),
                "check the spelling");
    }

    /** The encoding that stores the elements of a type as they are. */
    public static Encoding of(ElementType type) {
        return switch (type) {
            case F32 -> F32;
            case F64 -> F64;
            case I32 -> I32;
            case I64 -> I64;
            case BOOL -> BOOL;
        };
    }

    /** The number that stands for this encoding in the file. */
    int code() {
        return code;
    }
}
