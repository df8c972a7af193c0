package dev.rondo.train.tagging;

import dev.rondo.error.InputException;
import java.util.List;

/**
 * A sentence with a tag for each token.
 *
 * @param tokens at least one
 * @param tags   as many
 */
public record TaggedSentence(List<String> tokens, List<String> tags) {
    /** @throws InputException when there are no tokens, or not as many tags */
    public TaggedSentence {
        tokens = List.copyOf(tokens);
        tags = List.copyOf(tags);
        if (tokens.isEmpty() || tokens.size() != tags.size()) {
            throw new InputException(
                    "tagged sentence",
                    "has tokens, and a tag for each",
                    tokens.size() + " tokens, " + tags.size() + " tags",
                    "give one for each");
        }
    }
}
