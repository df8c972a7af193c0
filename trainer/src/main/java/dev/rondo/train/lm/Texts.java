package dev.rondo.train.lm;

import dev.rondo.format.TextPipeline;
import java.util.Optional;

/**
 * The texts of a language model.
 *
 * @param training   what it is trained on
 * @param validation what it is judged by; empty splits off the last part of the training text
 * @param vocabulary of another model, with which this one is to decode: then each line is a sentence between that
 *                   vocabulary's begin and end; empty makes a vocabulary of the text
 */
public record Texts(String training, Optional<String> validation, Optional<TextPipeline> vocabulary) {
    /** Texts with a vocabulary of their own. */
    public Texts(String training, Optional<String> validation) {
        this(training, validation, Optional.empty());
    }

    /** A text of which the last part is for validation. */
    public static Texts of(String text) {
        return new Texts(text, Optional.empty());
    }

    /** Sentences, a line each, in the vocabulary of another model. */
    public Texts withVocabulary(TextPipeline pipeline) {
        return new Texts(training, validation, Optional.of(pipeline));
    }
}
