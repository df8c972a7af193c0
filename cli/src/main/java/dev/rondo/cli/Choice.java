package dev.rondo.cli;

import dev.rondo.error.InputException;
import java.util.Map;

/** An option that is one of a few words. */
final class Choice {
    private Choice() {}

    /** What the word stands for. */
    static <T> T of(String option, String word, Map<String, T> choices) {
        T chosen = choices.get(word);
        if (chosen == null) {
            throw new InputException(
                    option,
                    "must be one of " + choices.keySet().stream().sorted().toList(),
                    "'" + word + "'",
                    "choose one of them");
        }
        return chosen;
    }
}
