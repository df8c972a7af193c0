package dev.rondo.train.embedding;

import dev.rondo.error.FormatException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** The bytes of a file of vectors, read once from its beginning to its end, with their place for errors. */
final class VectorBytes implements AutoCloseable {
    /** Of a line or a word: a vector of the largest size has fewer. */
    static final int MAX_LINE = 1 << 21;

    private static final int BUFFER = 1 << 16;

    private final Path path;
    private final InputStream in;
    private byte[] line = new byte[256];
    private int length;
    private long offset;
    private long lines;

    VectorBytes(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw new FormatException("vectors " + path, "are a file", "a folder", "name a file in it");
        }
        this.path = path;
        this.in = new BufferedInputStream(Files.newInputStream(path), BUFFER);
    }

    /** Bytes that were read. */
    long offset() {
        return offset;
    }

    /** The number of the line that was read last; the first is 1. */
    long line() {
        return lines;
    }

    /**
     * The next line without its end, \n or \r\n; empty when there is none.
     *
     * @throws FormatException when it is too long or no UTF-8
     */
    Optional<String> readLine() throws IOException {
        if (!readUntil('\n')) {
            if (length == 0) {
                return Optional.empty();
            }
        }
        lines++;
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        return Optional.of(text(end).orElseThrow(() -> wrong("is text in UTF-8", "other bytes")));
    }

    /**
     * The next word of a binary file: what comes before a space, without line ends before it; empty when its bytes are no
     * UTF-8, which some published files have.
     *
     * @throws EOFException when the file ends before the space
     */
    Optional<String> readWord() throws IOException {
        if (!readUntil(' ')) {
            throw new EOFException();
        }
        int from = 0;
        while (from < length && (line[from] == '\n' || line[from] == '\r')) {
            from++;
        }
        System.arraycopy(line, from, line, 0, length - from);
        length -= from;
        return text(length);
    }

    /** Fills an array. */
    void readFully(byte[] bytes) throws IOException {
        int read = in.readNBytes(bytes, 0, bytes.length);
        offset += read;
        if (read < bytes.length) {
            throw new EOFException();
        }
    }

    /** Whether nothing is left but white space. */
    boolean isAtEnd() throws IOException {
        for (int c = in.read(); c >= 0; c = in.read()) {
            offset++;
            if (c != '\n' && c != '\r' && c != ' ') {
                return false;
            }
        }
        return true;
    }

    private boolean readUntil(char end) throws IOException {
        length = 0;
        for (int c = in.read(); c >= 0; c = in.read()) {
            offset++;
            if (c == end) {
                return true;
            }
            if (length == MAX_LINE) {
                throw wrong("has a word and numbers, in " + MAX_LINE + " bytes at most", "more");
            }
            if (length == line.length) {
                line = Arrays.copyOf(line, 2 * length);
            }
            line[length++] = (byte) c;
        }
        return false;
    }

    private Optional<String> text(int end) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line, 0, end))
                    .toString());
        } catch (CharacterCodingException notText) {
            return Optional.empty();
        }
    }

    /** The error of the place that was read last: its line in text, and its byte. */
    FormatException wrong(String rule, String got) {
        return new FormatException(
                path.toString(),
                offset,
                lines == 0 ? "vectors" : "vectors, line " + lines,
                rule,
                got,
                "take vectors in text or binary of word2vec, or in text of GloVe",
                null);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
