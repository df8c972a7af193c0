package dev.rondo.format;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/** Collects the bytes of the file before its data. The mirror of {@link Cursor}. */
final class Sink {
    private ByteBuffer bytes = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);

    int size() {
        return bytes.position();
    }

    void u8(int value) {
        room(1).put((byte) value);
    }

    void i32(int value) {
        room(4).putInt(value);
    }

    void i64(long value) {
        room(8).putLong(value);
    }

    void f64(double value) {
        room(8).putLong(Double.doubleToRawLongBits(value));
    }

    void flag(boolean value) {
        u8(value ? 1 : 0);
    }

    void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8); // the records have refused what UTF-8 cannot hold
        i32(utf8.length);
        room(utf8.length).put(utf8);
    }

    <T> void list(List<T> list, Consumer<T> element) {
        i32(list.size());
        list.forEach(element);
    }

    void texts(List<String> texts) {
        list(texts, this::text);
    }

    void bytes(MemorySegment more) {
        room((int) more.byteSize()).put(more.asByteBuffer());
    }

    void zeros(int count) {
        room(count).put(new byte[count]);
    }

    void align() {
        zeros((int) (Shapes.aligned(size()) - size()));
    }

    /** Overwrites an earlier number. */
    void patchI32(int offset, int value) {
        bytes.putInt(offset, value);
    }

    /** Overwrites an earlier number. */
    void patchI64(int offset, long value) {
        bytes.putLong(offset, value);
    }

    /** CRC-32C of a part of what was written. */
    int crc(int offset, int length) {
        Crc32c crc = new Crc32c();
        crc.update(slice(offset, length));
        return crc.value();
    }

    /** A view of a part of what was written. */
    ByteBuffer slice(int offset, int length) {
        return bytes.slice(offset, length);
    }

    private ByteBuffer room(int count) {
        if (bytes.remaining() < count) {
            int needed = Math.addExact(bytes.position(), count);
            int doubled = (int) Math.min(2L * bytes.capacity(), Integer.MAX_VALUE - 8L);
            bytes = ByteBuffer.allocate(Math.max(needed, doubled))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(bytes.flip());
        }
        return bytes;
    }
}
