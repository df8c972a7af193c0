package dev.rondo.train.embedding;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The vectors of some words, read from a file that may have many more: memory is that of the words wanted. Of a word that
 * occurs several times the first vector counts. Immutable.
 */
public final class WordVectors {
    /** Numbers of a vector at most. */
    public static final int MAX_SIZE = 1 << 16;

    /** Numbers that are kept at most: 2 GB. */
    private static final long MAX_KEPT = 1L << 29;

    private final int size;
    private final long wordsInFile;
    private final Map<String, float[]> vectors;

    private WordVectors(int size, long wordsInFile, Map<String, float[]> vectors) {
        this.size = size;
        this.wordsInFile = wordsInFile;
        this.vectors = Collections.unmodifiableMap(vectors);
    }

    /** Reads a file whose format {@link VectorFormat#of} recognises. */
    public static WordVectors read(Path path, Set<String> wanted) throws IOException {
        return read(path, VectorFormat.of(path), wanted);
    }

    /**
     * Reads a file.
     *
     * @param wanted words to keep
     * @throws FormatException when the file is damaged or of another format; it names the byte, and in text the line
     * @throws InputException  when the vectors wanted are more than memory should hold
     * @throws IOException     when it cannot be read
     */
    public static WordVectors read(Path path, VectorFormat format, Set<String> wanted) throws IOException {
        try (var bytes = new VectorBytes(path)) {
            return switch (format) {
                case WORD2VEC_TEXT -> text(bytes, Optional.of(header(bytes)), wanted);
                case GLOVE_TEXT -> text(bytes, Optional.empty(), wanted);
                case WORD2VEC_BINARY -> binary(bytes, header(bytes), wanted);
            };
        }
    }

    private static int[] header(VectorBytes bytes) throws IOException {
        String line = bytes.readLine().orElse("");
        int[] sizes = VectorFormat.sizes(line)
                .orElseThrow(() -> bytes.wrong("holds the numbers of words and of dimensions", quoted(line)));
        checkSize(bytes, sizes[1]);
        return sizes;
    }

    private static void checkSize(VectorBytes bytes, int size) {
        if (size < 1 || size > MAX_SIZE) {
            throw bytes.wrong("vectors have 1 to " + MAX_SIZE + " numbers", "" + size);
        }
    }

    private static void checkMemory(int size, Set<String> wanted) {
        if ((long) size * wanted.size() > MAX_KEPT) {
            throw new InputException(
                    "vectors",
                    "have at most " + MAX_KEPT + " numbers in all",
                    wanted.size() + " words of " + size,
                    "limit the vocabulary");
        }
    }

    private static WordVectors text(VectorBytes bytes, Optional<int[]> header, Set<String> wanted) throws IOException {
        var vectors = new HashMap<String, float[]>();
        int size = header.map(h -> h[1]).orElse(0);
        long count = 0;
        for (Optional<String> line = bytes.readLine(); line.isPresent(); line = bytes.readLine()) {
            if (line.get().isBlank()) {
                if (bytes.isAtEnd()) {
                    break;
                }
                throw bytes.wrong("has a word and its numbers", "an empty line");
            }
            if (size == 0) {
                size = line.get().stripTrailing().split(" ").length - 1;
                checkSize(bytes, size);
            }
            if (count == 0) {
                checkMemory(size, wanted);
            }
            // GloVe has words with spaces in them.
            TextLine parts = TextLine.of(bytes, line.get(), size, header.isEmpty());
            if (wanted.contains(parts.word()) && !vectors.containsKey(parts.word())) {
                vectors.put(parts.word(), parts.numbers(bytes, size));
            }
            count++;
        }
        if (header.isEmpty() && count == 0) {
            throw bytes.wrong("hold a word", "an empty file");
        }
        checkCount(bytes, header, count);
        return new WordVectors(size, count, vectors);
    }

    private static void checkCount(VectorBytes bytes, Optional<int[]> header, long count) {
        if (header.isPresent() && header.get()[0] != count) {
            throw bytes.wrong("are as many as the first line says, " + header.get()[0], "" + count);
        }
    }

    private static WordVectors binary(VectorBytes bytes, int[] header, Set<String> wanted) throws IOException {
        int size = header[1];
        checkMemory(size, wanted);
        var vectors = new HashMap<String, float[]>();
        byte[] raw = new byte[size * Float.BYTES];
        FloatBuffer floats = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (int k = 0; k < header[0]; k++) {
            Optional<String> word;
            try {
                word = bytes.readWord();
                bytes.readFully(raw);
            } catch (EOFException end) {
                throw bytes.wrong(
                        "are as many as the first line says, " + header[0], "the end of the file in number " + (k + 1));
            }
            if (word.isPresent() && wanted.contains(word.get()) && !vectors.containsKey(word.get())) {
                float[] vector = new float[size];
                floats.get(0, vector);
                for (float number : vector) {
                    if (!Float.isFinite(number)) {
                        throw bytes.wrong(
                                "are finite numbers", number + " in number " + (k + 1) + ", " + quoted(word.get()));
                    }
                }
                vectors.put(word.get(), vector);
            }
        }
        if (!bytes.isAtEnd()) {
            throw bytes.wrong("are as many as the first line says, " + header[0], "more bytes");
        }
        return new WordVectors(size, header[0], vectors);
    }

    static String quoted(String text) {
        int end = Math.min(text.length(), 40);
        return "'" + text.substring(0, end) + (end < text.length() ? "…" : "") + "'";
    }

    /** D, numbers of a vector. */
    public int size() {
        return size;
    }

    /** How many the file has. */
    public long wordsInFile() {
        return wordsInFile;
    }

    /** How many of the words wanted it has. */
    public int count() {
        return vectors.size();
    }

    /** A copy of a word's vector; empty where the file has none, or the word was not wanted. */
    public Optional<float[]> vector(String word) {
        return Optional.ofNullable(vectors.get(word)).map(float[]::clone);
    }
}
