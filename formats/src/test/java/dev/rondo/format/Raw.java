package dev.rondo.format;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Bytes of a section, written by hand and not by the code under test. */
final class Raw {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    static Raw of() {
        return new Raw();
    }

    Raw u8(int value) {
        bytes.write(value);
        return this;
    }

    Raw i32(int... values) {
        for (int value : values) {
            raw(little(4).putInt(value).array());
        }
        return this;
    }

    Raw i64(long... values) {
        for (long value : values) {
            raw(little(8).putLong(value).array());
        }
        return this;
    }

    Raw f32(float... values) {
        for (float value : values) {
            raw(little(4).putFloat(value).array());
        }
        return this;
    }

    Raw f64(double... values) {
        for (double value : values) {
            raw(little(8).putDouble(value).array());
        }
        return this;
    }

    Raw text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return i32(utf8.length).raw(utf8);
    }

    /** Count, then texts. */
    Raw texts(String... texts) {
        i32(texts.length);
        for (String text : texts) {
            text(text);
        }
        return this;
    }

    /** Name, f32 and the dimensions. */
    Raw value(String name, String... dims) {
        return text(name).u8(1).texts(dims);
    }

    Raw raw(byte... more) {
        bytes.writeBytes(more);
        return this;
    }

    Raw raw(Raw more) {
        return raw(more.bytes());
    }

    Raw zeros(int count) {
        return raw(new byte[count]);
    }

    int size() {
        return bytes.size();
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
