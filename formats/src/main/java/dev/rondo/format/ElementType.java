package dev.rondo.format;

import dev.rondo.error.FormatException;

/** The type of one element of a value. Stored weights may use another {@link Encoding}. */
public enum ElementType {
    F32(1, 4, "f32"),
    F64(2, 8, "f64"),
    I32(3, 4, "i32"),
    I64(4, 8, "i64"),
    BOOL(5, 1, "bool");

    private final int code;
    private final int byteSize;
    private final String text;

    ElementType(int code, int byteSize, String text) {
        this.code = code;
        this.byteSize = byteSize;
        this.text = text;
    }

    /** Bytes of one element. */
    public int byteSize() {
        return byteSize;
    }

    /** The name used in messages and tools: {@code f32}, {@code f64}, {@code i32}, {@code i64}, {@code bool}. */
    public String text() {
        return text;
    }

    /**
     * The type with that {@link #text()}.
     *
     * @throws FormatException when there is none
     */
    public static ElementType parse(String text) {
        for (ElementType type : values()) {
            if (type.text.equals(text)) {
                return type;
            }
        }
        throw new FormatException(
                "element type", "must be one of f32, f64, i32, i64, bool", Names.quote(text), "check the spelling");
    }

    /** The number that stands for this type in the file. */
    int code() {
        return code;
    }
}
