package dev.rondo.cli;

import dev.rondo.error.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Texts to evaluate and train with. */
final class TextFile {
    private static final int MAX_BYTES = 1 << 29;

    private TextFile() {}

    /**
     * The text of a file, without a byte order mark.
     *
     * @throws FormatException when it is a folder or not valid UTF-8
     * @throws IOException     when it cannot be read
     */
    static String read(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw new FormatException("data " + path, "is a text file", "a folder", "name a file in it");
        }
        ByteBuffer bytes = ByteBuffer.wrap(bytes(path));
        CharBuffer text = CharBuffer.allocate(bytes.remaining());
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(bytes, text, true);
        if (result.isError()) {
            throw new FormatException(
                    path.toString(),
                    bytes.position(),
                    "data",
                    "is a text in UTF-8",
                    String.format(Locale.ROOT, "byte 0x%02X", bytes.get(bytes.position())),
                    "convert the file to UTF-8",
                    null);
        }
        return withoutMark(text.flip().toString());
    }

    /** A text without the byte order mark that some editors put before it: a signature of the file, no part of a word. */
    static String withoutMark(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** A device or a pipe may have no end, so the size that it claims says nothing. */
    private static byte[] bytes(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = Files.size(path) > MAX_BYTES ? null : in.readNBytes(MAX_BYTES + 1);
            if (bytes == null || bytes.length > MAX_BYTES) {
                throw new FormatException(
                        path.toString(), -1, "data", "has at most " + MAX_BYTES + " bytes", "more", "split it", null);
            }
            return bytes;
        }
    }

    /** The first characters of a text: the share of all, rounded down. What {@link #last} leaves out. */
    static String first(String text, BigDecimal share) {
        return text.substring(0, cut(text, share));
    }

    /** The last characters of a text: what {@link #first} leaves out, of the other share. */
    static String last(String text, BigDecimal share) {
        return text.substring(cut(text, BigDecimal.ONE.subtract(share)));
    }

    private static int cut(String text, BigDecimal share) {
        var all = BigDecimal.valueOf(text.codePointCount(0, text.length()));
        return text.offsetByCodePoints(
                0, all.multiply(share).setScale(0, RoundingMode.FLOOR).intValueExact());
    }
}
