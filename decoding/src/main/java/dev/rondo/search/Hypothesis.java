package dev.rondo.search;

import java.util.Arrays;
import java.util.List;

/**
 * A sequence that a search found.
 *
 * @param tokens      in order; the end token is the last one where {@code ended}
 * @param ended       whether it came to its end token; else the length or the listener cut it off
 * @param logProb     the sum of the token scores
 * @param score       what it is ranked by: logProb with the penalties of the search
 * @param tokenScores the log-probability of each token after those before it, with fusion and bias
 * @param alignment   per token the source position with the greatest attention; empty without attention
 * @param attention   per token the weights over the source, where the search was asked for them; else empty
 */
public record Hypothesis(
        List<Integer> tokens,
        boolean ended,
        double logProb,
        double score,
        float[] tokenScores,
        int[] alignment,
        float[][] attention) {
    public Hypothesis {
        tokens = List.copyOf(tokens);
    }

    /** The tokens without the end token. */
    public int[] words() {
        var words = new int[tokens.size() - (ended ? 1 : 0)];
        for (int i = 0; i < words.length; i++) {
            words[i] = tokens.get(i);
        }
        return words;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Hypothesis that
                && tokens.equals(that.tokens)
                && ended == that.ended
                && Double.compare(logProb, that.logProb) == 0
                && Double.compare(score, that.score) == 0
                && Arrays.equals(tokenScores, that.tokenScores)
                && Arrays.equals(alignment, that.alignment)
                && Arrays.deepEquals(attention, that.attention);
    }

    @Override
    public int hashCode() {
        return tokens.hashCode();
    }

    @Override
    public String toString() {
        return tokens + (ended ? "" : "…") + " " + score;
    }
}
