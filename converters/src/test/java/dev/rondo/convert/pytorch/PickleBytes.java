package dev.rondo.convert.pytorch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Pickles put together by hand, and archives of them. */
final class PickleBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private PickleBytes() {}

    /** Begins with protocol 2. */
    static PickleBytes begin() {
        return new PickleBytes().op(0x80, 2);
    }

    /** Opcodes and their arguments, a byte each. */
    PickleBytes op(int... values) {
        for (int value : values) {
            bytes.write(value);
        }
        return this;
    }

    /** Opcodes that are characters. */
    PickleBytes ops(String opcodes) {
        bytes.writeBytes(opcodes.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    PickleBytes text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        op('X').i32(utf8.length);
        bytes.writeBytes(utf8);
        return this;
    }

    PickleBytes number(long number) {
        op(0x8A, 8);
        bytes.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .array());
        return this;
    }

    PickleBytes i32(int number) {
        bytes.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .array());
        return this;
    }

    PickleBytes global(String module, String name) {
        return ops("c" + module + "\n" + name + "\n");
    }

    PickleBytes tuple(long... numbers) {
        op('(');
        for (long number : numbers) {
            number(number);
        }
        return op('t');
    }

    PickleBytes storage(String type, String key, long elements) {
        op('(').text("storage").global("torch", type).text(key).text("cpu").number(elements);
        return ops("tQ");
    }

    /** A tensor of FloatStorage '0'. */
    PickleBytes tensor(long elements, long offset, long[] shape, long[] strides) {
        global("torch._utils", "_rebuild_tensor_v2").op('(').storage("FloatStorage", "0", elements);
        number(offset).tuple(shape).tuple(strides).op(0x89);
        return global("collections", "OrderedDict").ops(")RtR");
    }

    byte[] end() {
        op('.');
        return bytes.toByteArray();
    }

    /** An archive of stored entries, in the folder {@code m}. */
    static byte[] zip(Map<String, byte[]> entries) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                var zip = new ZipEntry("m/" + entry.getKey());
                zip.setMethod(ZipEntry.STORED);
                zip.setSize(entry.getValue().length);
                zip.setCompressedSize(entry.getValue().length);
                var crc = new CRC32();
                crc.update(entry.getValue());
                zip.setCrc(crc.getValue());
                out.putNextEntry(zip);
                out.write(entry.getValue());
                out.closeEntry();
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }
}
