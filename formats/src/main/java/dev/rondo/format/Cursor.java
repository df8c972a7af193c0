package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Reads a section from front to back. No read leaves the section, and nothing is allocated that its bytes do not justify. */
final class Cursor {
    private final String file;
    private final MemorySegment all;
    private final long end;
    private long position;
    /** Malformed and unmappable input is reported: the decoder's default. */
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();

    Cursor(String file, MemorySegment all, SectionTable.Entry section) {
        this.file = file;
        this.all = all;
        this.position = section.offset();
        this.end = section.end();
    }

    /** Byte offset in the file of what is read next. */
    long position() {
        return position;
    }

    int u8(String what) {
        return all.get(LittleEndian.I8, take(what, 1)) & 0xFF;
    }

    int i32(String what) {
        return all.get(LittleEndian.I32, take(what, 4));
    }

    long i64(String what) {
        return all.get(LittleEndian.I64, take(what, 8));
    }

    double f64(String what) {
        return all.get(LittleEndian.F64, take(what, 8));
    }

    boolean flag(String what) {
        long at = position;
        int value = u8(what);
        if (value > 1) {
            throw error(at, what, "must be 0 or 1", Integer.toString(value), "the section is damaged");
        }
        return value == 1;
    }

    /** A count of elements, each of which takes at least that many of the bytes left. */
    int count(String what, int bytesEach) {
        long at = position;
        long count = Integer.toUnsignedLong(i32(what));
        if (count > (end - position) / bytesEach || count > Shapes.MAX_ELEMENTS) {
            throw error(
                    at,
                    what,
                    "must fit the " + (end - position) + " bytes left in the section",
                    count + " times at least " + bytesEach + " bytes",
                    "the count is damaged");
        }
        return (int) count;
    }

    /** A length of four bytes, then that many bytes of UTF-8. */
    String text(String what) {
        long at = position;
        byte[] bytes = new byte[count(what, 1)];
        MemorySegment.copy(all, ValueLayout.JAVA_BYTE, position, bytes, 0, bytes.length);
        try {
            String text = utf8.decode(ByteBuffer.wrap(bytes)).toString();
            position += bytes.length;
            return text;
        } catch (CharacterCodingException e) {
            throw error(at, what, "must be valid UTF-8", e.getMessage(), "the text is damaged or in another encoding");
        }
    }

    /** A count, then the elements; a rule that an element breaks is reported at the element's offset. */
    <T> List<T> list(String what, int bytesEach, Supplier<T> element) {
        int count = count(what + " count", bytesEach);
        List<T> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            long at = position;
            try {
                list.add(element.get());
            } catch (FormatException e) {
                throw e.at(file, at).within(what + " " + i);
            }
        }
        return list;
    }

    /** The names of values, texts and the like. */
    List<String> texts(String what) {
        return list(what, 4, () -> text("text"));
    }

    /** Runs a check or builds a record; a rule that breaks is reported at that offset. */
    <T> T at(long offset, Supplier<T> body) {
        try {
            return body.get();
        } catch (FormatException e) {
            throw e.at(file, offset);
        }
    }

    /** Runs a part of the decoding; its errors name what encloses them. */
    <T> T within(String subject, Supplier<T> body) {
        try {
            return body.get();
        } catch (FormatException e) {
            throw e.within(subject);
        }
    }

    void expectEnd(String subject) {
        if (position != end) {
            throw error(
                    position,
                    subject,
                    "must end where its content ends",
                    (end - position) + " bytes more",
                    "the section table or the section is damaged");
        }
    }

    FormatException error(long offset, String subject, String rule, String got, String remedy) {
        return new FormatException(file, offset, subject, rule, got, remedy, null);
    }

    /** An error for a number that stands for nothing this version knows. */
    FormatException unknownCode(long offset, String what, int code) {
        return error(
                offset, what, "must be a code of version " + Header.VERSION, "code " + code, "the section is damaged");
    }

    private long take(String what, int bytes) {
        if (end - position < bytes) {
            throw error(
                    position,
                    what,
                    "must lie inside its section",
                    (end - position) + " bytes left of " + bytes,
                    "the section is damaged");
        }
        long at = position;
        position += bytes;
        return at;
    }
}
