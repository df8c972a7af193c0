package dev.rondo.train.embedding;

import dev.rondo.error.InputException;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.SeededRandom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The rows of an embedding for a vocabulary, taken from word vectors. A token without a vector takes that of its lower case,
 * and without one of those random numbers, normal with the mean and deviation of all numbers found: as large as the others,
 * as Kim (2014) has it. Where rows are to stay as they are, name the embedding in
 * {@link dev.rondo.train.TrainingSettings#frozen}. Immutable.
 */
public final class PretrainedVectors {
    /** Of random rows where the file knows no word. */
    private static final double USUAL_DEVIATION = 0.1;

    private final int count;
    private final int size;
    private final int found;
    private final int lowered;
    private final float[] rows;

    private PretrainedVectors(int count, int size, int found, int lowered, float[] rows) {
        this.count = count;
        this.size = size;
        this.found = found;
        this.lowered = lowered;
        this.rows = rows;
    }

    /**
     * Reads what the vocabulary needs.
     *
     * @param file       of word2vec in text or binary, or of GloVe
     * @param vocabulary the token of each row
     * @param seed       of the rows that are random
     * @throws dev.rondo.error.FormatException when the file is damaged
     * @throws IOException when it cannot be read
     */
    public static PretrainedVectors read(Path file, List<String> vocabulary, long seed) throws IOException {
        Set<String> wanted = new HashSet<>(vocabulary);
        vocabulary.forEach(token -> wanted.add(token.toLowerCase(Locale.ROOT)));
        return of(WordVectors.read(file, wanted), vocabulary, seed);
    }

    /** The same of vectors that were read. */
    public static PretrainedVectors of(WordVectors vectors, List<String> vocabulary, long seed) {
        int size = vectors.size();
        if ((long) size * vocabulary.size() > Integer.MAX_VALUE) {
            throw new InputException(
                    "embedding",
                    "has less than 2^31 numbers",
                    vocabulary.size() + " words of " + size,
                    "limit the vocabulary");
        }
        float[] rows = new float[vocabulary.size() * size];
        boolean[] known = new boolean[vocabulary.size()];
        int found = 0;
        int lowered = 0;
        double sum = 0;
        double squares = 0;
        for (int row = 0; row < known.length; row++) {
            Optional<float[]> exact = vectors.vector(vocabulary.get(row));
            Optional<float[]> vector = exact.or(rowOfLowerCase(vectors, vocabulary.get(row)));
            if (vector.isPresent()) {
                known[row] = true;
                found += exact.isPresent() ? 1 : 0;
                lowered += exact.isPresent() ? 0 : 1;
                System.arraycopy(vector.get(), 0, rows, row * size, size);
                for (float number : vector.get()) {
                    sum += number;
                    squares += (double) number * number;
                }
            }
        }
        double numbers = (double) (found + lowered) * size;
        double mean = numbers == 0 ? 0 : sum / numbers;
        double deviation = numbers == 0 ? USUAL_DEVIATION : Math.sqrt(Math.max(0, squares / numbers - mean * mean));
        for (int row = 0; row < known.length; row++) {
            if (!known[row]) {
                var random = SeededRandom.of(seed, row);
                for (int k = row * size; k < (row + 1) * size; k++) {
                    rows[k] = (float) (mean + deviation * random.nextGaussian());
                }
            }
        }
        return new PretrainedVectors(known.length, size, found, lowered, rows);
    }

    private static Supplier<Optional<float[]>> rowOfLowerCase(WordVectors vectors, String token) {
        return () -> vectors.vector(token.toLowerCase(Locale.ROOT));
    }

    /** V, the tokens. */
    public int count() {
        return count;
    }

    /** D, numbers of a row. */
    public int size() {
        return size;
    }

    /** Tokens that have a vector, theirs or that of their lower case. */
    public int known() {
        return found + lowered;
    }

    /** Of those, how many have that of their lower case. */
    public int lowered() {
        return lowered;
    }

    /** How many of the tokens have a vector, for a person. */
    public String coverage() {
        return String.format(
                Locale.ROOT,
                "%,d of %,d tokens have a vector of %d numbers (%.1f %%), %,d of them that of their lower case",
                known(),
                count,
                size,
                count == 0 ? 0 : 100.0 * known() / count,
                lowered);
    }

    /** A copy of all rows [V,D]. */
    public float[] rows() {
        return rows.clone();
    }

    /**
     * Lets an embedding begin with the rows.
     *
     * @param embedding name of a parameter [V,D]
     * @throws InputException when it has another shape
     */
    public void copyTo(ParameterStore parameters, String embedding) {
        if (!parameters.shape(embedding).equals(List.of(count, size))) {
            throw new InputException(
                    "parameter " + embedding,
                    "has a row for each token, as long as the vectors: [" + count + ", " + size + "]",
                    parameters.shape(embedding).toString(),
                    "set the embedding's size to " + size);
        }
        parameters.set(embedding, rows);
    }
}
