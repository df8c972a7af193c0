package dev.rondo.memory;

import java.util.Arrays;
import java.util.List;

/**
 * An answer to a question about a story, and what it rests on.
 *
 * @param text        the likeliest one
 * @param probability of it
 * @param likeliest   the likeliest ones, the best first
 * @param attention   for each hop how much of its attention each sentence of the story had; of a story that is longer than the
 *                    memory, the first ones have 0
 */
public record Answer(String text, double probability, List<Candidate> likeliest, float[][] attention) {
    /** One that could be. */
    public record Candidate(String text, double probability) {}

    /** Copies all. */
    public Answer {
        likeliest = List.copyOf(likeliest);
        attention = copy(attention);
    }

    private static float[][] copy(float[][] rows) {
        return Arrays.stream(rows).map(float[]::clone).toArray(float[][]::new);
    }

    /** A copy. */
    @Override
    public float[][] attention() {
        return copy(attention);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Answer that
                && text.equals(that.text)
                && probability == that.probability
                && likeliest.equals(that.likeliest)
                && Arrays.deepEquals(attention, that.attention);
    }

    @Override
    public int hashCode() {
        return text.hashCode() + 31 * Arrays.deepHashCode(attention);
    }
}
