package dev.rondo.train.lm;

import java.util.Optional;

/**
 * The texts of a language model.
 *
 * @param training   what it is trained on
 * @param validation what it is judged by; empty splits off the last part of the training text
 */
public record Texts(String training, Optional<String> validation) {
    /** A text of which the last part is for validation. */
    public static Texts of(String text) {
        return new Texts(text, Optional.empty());
    }
}
