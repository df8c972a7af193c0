package dev.rondo.train.memory;

import java.util.List;

/**
 * A question about a story.
 *
 * @param sentences  of the story up to the question, in order
 * @param question   with its question mark
 * @param answer     one word, or several with commas between
 * @param supporting numbers from 0 of the sentences that the answer follows from
 */
public record StoryQuestion(List<String> sentences, String question, String answer, List<Integer> supporting) {
    /** Copies the lists. */
    public StoryQuestion {
        sentences = List.copyOf(sentences);
        supporting = List.copyOf(supporting);
    }
}
