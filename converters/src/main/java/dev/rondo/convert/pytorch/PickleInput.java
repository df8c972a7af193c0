package dev.rondo.convert.pytorch;

import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle, read from first to last; no read passes the end. */
final class PickleInput {
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int MAX_LINE = 512;

    /** Characters of a text at most: a key or a token has few, a vocabulary in one text has millions. */
    private static final long MAX_TEXT = 1 << 24;

    private final String file;
    private final long start;
    private final MemorySegment bytes;
    private long at;

    /**
     * @param file  for messages
     * @param start offset of the first byte in the file, for messages
     */
    PickleInput(String file, long start, MemorySegment bytes) {
        this.file = file;
        this.start = start;
        this.bytes = bytes;
    }

    /** How many bytes were read. */
    long position() {
        return at;
    }

    int u8() {
        return bytes.get(ValueLayout.JAVA_BYTE, take(1)) & 0xFF;
    }

    int u16() {
        return bytes.get(I16, take(2)) & 0xFFFF;
    }

    int i32() {
        return bytes.get(I32, take(4));
    }

    long u32() {
        return i32() & 0xFFFF_FFFFL;
    }

    long i64() {
        return bytes.get(I64, take(8));
    }

    void skip(long length) {
        take(length);
    }

    String utf8(long length) {
        if (length > MAX_TEXT) {
            throw error("a text has at most " + MAX_TEXT + " bytes", Long.toUnsignedString(length));
        }
        byte[] text = array(length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text))
                    .toString();
        } catch (CharacterCodingException wrong) {
            throw error("a text must be valid UTF-8", "other bytes");
        }
    }

    /** One byte, one character, as Python 2 wrote names. */
    String latin1(long length) {
        if (length > MAX_TEXT) {
            throw error("a text has at most " + MAX_TEXT + " bytes", Long.toUnsignedString(length));
        }
        return new String(array(length), StandardCharsets.ISO_8859_1);
    }

    /** Up to the end of the line, which is left out. */
    String line() {
        for (int length = 0; length < MAX_LINE; length++) {
            if (at + length < bytes.byteSize() && bytes.get(ValueLayout.JAVA_BYTE, at + length) == '\n') {
                String line = latin1(length);
                take(1);
                return line;
            }
        }
        throw error("a name has at most " + MAX_LINE + " bytes and a line of its own", "no end of the line");
    }

    /** A whole number of so many bytes, the last one with the sign. */
    BigInteger number(int length) {
        byte[] number = array(length);
        for (int i = 0, j = length - 1; i < j; i++, j--) {
            byte low = number[i];
            number[i] = number[j];
            number[j] = low;
        }
        return length == 0 ? BigInteger.ZERO : new BigInteger(number);
    }

    private byte[] array(long length) {
        long from = take(length);
        return bytes.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE);
    }

    private long take(long length) {
        if (length < 0 || length > bytes.byteSize() - at) {
            throw error(
                    "must not end before what it announces",
                    Long.toUnsignedString(length) + " more bytes of " + (bytes.byteSize() - at));
        }
        long from = at;
        at += length;
        return from;
    }

    /** The same error at the place that is read. */
    FormatException located(FormatException error) {
        return error.at(file, start + at);
    }

    /** An error at the place that is read. */
    FormatException error(String rule, String got) {
        return error(rule, got, "the file is damaged; save it anew");
    }

    /** An error at the place that is read. */
    FormatException error(String rule, String got, String remedy) {
        return new FormatException(file, start + at, "pickle", rule, got, remedy, null);
    }
}
