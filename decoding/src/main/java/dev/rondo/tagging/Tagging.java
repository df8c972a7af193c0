package dev.rondo.tagging;

import java.util.List;

/**
 * A tagged sentence.
 *
 * @param tokens        of the sentence
 * @param tags          one for each
 * @param ids           of the tags
 * @param probabilities of all tags for each token [n][K], by the posterior of the whole sentence if the tags are a chain; empty
 *                      unless they were asked for
 */
public record Tagging(List<String> tokens, List<String> tags, int[] ids, float[][] probabilities) {
    public Tagging {
        tokens = List.copyOf(tokens);
        tags = List.copyOf(tags);
    }

    /** How probable the tag of a token is. */
    public float probability(int token) {
        return probabilities[token][ids[token]];
    }

    /** {@code token_TAG}, with spaces between. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        for (int i = 0; i < tokens.size(); i++) {
            text.append(i == 0 ? "" : " ").append(tokens.get(i)).append('_').append(tags.get(i));
        }
        return text.toString();
    }
}
