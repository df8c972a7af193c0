package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads sections from front to back. No read leaves the section, and nothing is allocated that its bytes do not justify.
 *
 * <p>What is being read is said by {@link #at}, {@link #within} and {@link #element}, each up to its {@link #leave}. An error
 * skips the rest, so that {@link #placed} finds what encloses it. (A body passed as a lambda would do the same, and take a
 * young JVM half a millisecond.)
 */
final class Cursor {
    /** What is being read; offset -1, subject null or index -1 when that is not said. */
    private record Place(long offset, String subject, int index) {}

    private final String file;
    private final MemorySegment all;
    private final List<Place> places = new ArrayList<>();
    private String section;
    private long end;
    private long position;

    /** The bytes of the section from windowStart on, as many as a buffer can hold. */
    private ByteBuffer window;

    private long windowStart;

    Cursor(String file, MemorySegment all) {
        this.file = file;
        this.all = all;
    }

    /** Goes to the first byte of a section. That before must have been read to its end. */
    void open(SectionTable.Entry next) {
        expectEnd();
        section = next.subject();
        position = next.offset();
        end = next.end();
        openWindow();
    }

    private void openWindow() {
        windowStart = position;
        window = all.asSlice(position, Math.min(end - position, Integer.MAX_VALUE))
                .asByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Byte offset in the file of what is read next. */
    long position() {
        return position;
    }

    int u8(String what) {
        return window.get(take(what, 1)) & 0xFF;
    }

    int i32(String what) {
        return window.getInt(take(what, 4));
    }

    long i64(String what) {
        return window.getLong(take(what, 8));
    }

    double f64(String what) {
        return window.getDouble(take(what, 8));
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
        window.get(take(what, bytes.length), bytes);
        String text = new String(bytes, StandardCharsets.UTF_8);
        // Stands for what is malformed, or for itself: a decoder, which is slower, knows.
        if (text.indexOf('\uFFFD') >= 0) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            } catch (CharacterCodingException e) {
                throw error(
                        at, what, "must be valid UTF-8", e.getMessage(), "the text is damaged or in another encoding");
            }
        }
        return text;
    }

    /** That many bytes, where they lie. */
    MemorySegment bytes(String what, long count) {
        long at = position;
        if (count > end - at) {
            throw error(
                    at,
                    what,
                    "must lie inside its section",
                    (end - at) + " bytes left of " + count,
                    "the section is damaged");
        }
        position += count;
        return all.asSlice(at, count);
    }

    /** The names of values, texts and the like. */
    List<String> texts(String what) {
        int count = count(what + " count", 4);
        List<String> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            element(what, i);
            texts.add(text("text"));
            leave();
        }
        return texts;
    }

    /** Rules that are broken from here on are reported at that offset. */
    void at(long offset) {
        places.add(new Place(offset, null, -1));
    }

    /** Errors from here on name what encloses them. */
    void within(String subject) {
        places.add(new Place(-1, subject, -1));
    }

    /** Both, for an element of a list, which begins here. */
    void element(String what, int index) {
        places.add(new Place(position, what, index));
    }

    /** What was begun last has been read. */
    void leave() {
        places.removeLast();
    }

    /** The error with what enclosed it. */
    FormatException placed(FormatException error) {
        FormatException placed = error;
        for (Place place : places.reversed()) {
            if (place.offset >= 0) {
                placed = placed.at(file, place.offset);
            }
            if (place.subject != null) {
                placed = placed.within(place.index < 0 ? place.subject : place.subject + " " + place.index);
            }
        }
        return placed;
    }

    void expectEnd() {
        if (position != end) {
            throw error(
                    position,
                    section,
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

    /** Where in the window the next bytes lie, which thereby count as read. */
    private int take(String what, int bytes) {
        if (end - position < bytes) {
            throw error(
                    position,
                    what,
                    "must lie inside its section",
                    (end - position) + " bytes left of " + bytes,
                    "the section is damaged");
        }
        if (position + bytes - windowStart > window.capacity()) {
            openWindow();
        }
        int at = (int) (position - windowStart);
        position += bytes;
        return at;
    }
}
