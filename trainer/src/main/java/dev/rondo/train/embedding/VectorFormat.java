package dev.rondo.train.embedding;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** How a file holds word vectors. */
public enum VectorFormat {
    /** Text of word2vec: a line with the numbers of words and of dimensions; then a line for each word, its numbers behind it. */
    WORD2VEC_TEXT("word2vec text"),
    /** Binary of word2vec: the same first line; then each word, a space, and its numbers as 32-bit floats, little endian. */
    WORD2VEC_BINARY("word2vec binary"),
    /** Text of GloVe: as word2vec's without the first line. */
    GLOVE_TEXT("GloVe text");

    private final String text;

    VectorFormat(String text) {
        this.text = text;
    }

    /** How messages name it. */
    public String text() {
        return text;
    }

    /**
     * What a file seems to be, by its first two lines: two whole numbers alone in the first are word2vec's; then a second that
     * is a word and as many numbers is text.
     *
     * @throws dev.rondo.error.FormatException when the first line is too long or no text
     * @throws IOException when it cannot be read
     */
    public static VectorFormat of(Path path) throws IOException {
        try (var bytes = new VectorBytes(path)) {
            Optional<int[]> sizes = bytes.readLine().flatMap(VectorFormat::sizes);
            if (sizes.isEmpty()) {
                return GLOVE_TEXT;
            }
            int[] found = sizes.get();
            if (found[0] == 0 || found[1] == 0) {
                return WORD2VEC_TEXT;
            }
            // A binary vector has no more bytes than the shortest text with as many numbers, "0 0 0 0": look at those
            // alone.
            bytes.readWord();
            byte[] start = new byte[Math.min(2 * found[1] - 1, 64)];
            bytes.readFully(start);
            for (byte b : start) {
                if ("0123456789+-.eE \r\n".indexOf(b) < 0) {
                    return WORD2VEC_BINARY;
                }
            }
            return WORD2VEC_TEXT;
        } catch (EOFException tooShort) {
            return WORD2VEC_TEXT;
        }
    }

    /** The two numbers of word2vec's first line; empty where it is none, or one that no file has. */
    static Optional<int[]> sizes(String line) {
        String[] parts = line.strip().split(" +");
        if (parts.length != 2 || !parts[0].matches("[0-9]{1,9}") || !parts[1].matches("[0-9]{1,9}")) {
            return Optional.empty();
        }
        return Optional.of(new int[] {Integer.parseInt(parts[0]), Integer.parseInt(parts[1])});
    }
}
