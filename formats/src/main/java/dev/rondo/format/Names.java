package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;

/** The rules of names and texts, shared by the records (so by reader and writer). */
final class Names {
    static final int MAX_BYTES = 512;
    static final int MAX_RANK = 8;

    private Names() {}

    /** A name: 1 to 512 bytes of UTF-8, nothing that cannot be seen. */
    static String name(String subject, String name) {
        Objects.requireNonNull(name, subject);
        if (name.isEmpty()) {
            throw new FormatException(subject, "must not be empty", "''", "give it a name");
        }
        // One char is at least one byte, so a long name is refused before it is scanned.
        if (name.length() > MAX_BYTES || utf8Length(subject, name) > MAX_BYTES) {
            throw new FormatException(
                    subject, "must have at most " + MAX_BYTES + " bytes of UTF-8", quote(name), "shorten the name");
        }
        for (int i = 0; i < name.length(); i += Character.charCount(name.codePointAt(i))) {
            int c = name.codePointAt(i);
            if (!printable(c)) {
                throw new FormatException(
                        subject,
                        "must hold printable characters only",
                        quote(name) + " with U+" + String.format("%04X", c),
                        "rename it");
            }
        }
        return name;
    }

    /** A name of a value inside a function: a {@link #name} that cannot be mistaken for a tensor of the file. */
    static String valueName(String subject, String name) {
        if (name.startsWith("@")) {
            throw new FormatException(
                    subject,
                    "must not begin with '@', which marks tensors of the file",
                    quote(name),
                    "rename the value");
        }
        return name(subject, name);
    }

    /** A name of a value, or "" for none. */
    static String valueNameOrNone(String subject, String name) {
        return name.isEmpty() ? name : valueName(subject, name);
    }

    /** Any text that UTF-8 can hold. */
    static String text(String subject, String text) {
        Objects.requireNonNull(text, subject);
        utf8Length(subject, text);
        return text;
    }

    /** An unmodifiable copy that keeps the order, so that writing the same content gives the same bytes. */
    static <V> Map<String, V> orderedCopy(Map<String, V> map) {
        LinkedHashMap<String, V> copy = new LinkedHashMap<>();
        for (Map.Entry<String, V> entry : map.entrySet()) {
            copy.put(Objects.requireNonNull(entry.getKey()), Objects.requireNonNull(entry.getValue()));
        }
        return Collections.unmodifiableMap(copy);
    }

    static void distinct(String subject, Collection<String> names) {
        LinkedHashSet<String> seen = LinkedHashSet.newLinkedHashSet(names.size());
        for (String name : names) {
            if (!seen.add(name)) {
                throw new FormatException(
                        subject, "must not hold the same entry twice", quote(name), "remove or rename one of them");
            }
        }
    }

    /** Refuses a name that is taken. */
    static void unused(String subject, String name, boolean taken) {
        if (taken) {
            throw new FormatException(
                    subject, "must be unique", quote(name) + " twice", "remove or rename one of them");
        }
    }

    /** The text in quotes for a message: at most 80 characters, what cannot be seen escaped. */
    static String quote(String text) {
        StringBuilder out = new StringBuilder("'");
        int shown = 0;
        for (int i = 0; i < text.length() && shown < 80; shown++) {
            int c = text.codePointAt(i);
            if (printable(c)) {
                out.appendCodePoint(c);
            } else {
                out.append(String.format("\\u%04X", c));
            }
            i += Character.charCount(c);
        }
        if (text.codePointCount(0, text.length()) > shown) {
            out.append("...");
        }
        return out.append("'").toString();
    }

    private static boolean printable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static long utf8Length(String subject, String text) {
        long length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                length++;
            } else if (c < 0x800) {
                length += 2;
            } else if (!Character.isSurrogate(c)) {
                length += 3;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                length += 4;
                i++;
            } else {
                throw new FormatException(
                        subject,
                        "must be valid Unicode",
                        "an unpaired surrogate in " + quote(text),
                        "the text was cut inside a character");
            }
        }
        return length;
    }
}
