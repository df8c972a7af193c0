package dev.rondo.train.network;

import dev.rondo.train.tagging.TaggedSentence;
import java.util.List;

/** What a network is trained on and judged by. */
public sealed interface NetworkData {
    /** Texts with a class each. */
    record Texts(Parts<LabelledText> parts) implements NetworkData {}

    /** Sentences with a tag for each token. */
    record Sentences(Parts<TaggedSentence> parts) implements NetworkData {}

    /**
     * Rows of numbers with a class each, all of one length.
     *
     * @param inputs names of the columns; none where they have none
     */
    record Features(Parts<LabelledFeatures> parts, List<String> inputs) implements NetworkData {
        /** Copies the list. */
        public Features {
            inputs = List.copyOf(inputs);
        }
    }

    /**
     * Rows of numbers, or windows of a series, with numbers to predict.
     *
     * @param inputs  names of the columns read
     * @param targets names of the columns predicted
     * @param window  rows of a sample; 0 for a row by itself
     * @param horizon rows predicted; 0 for a row by itself
     */
    record Numbers(Parts<NumberSample> parts, List<String> inputs, List<String> targets, int window, int horizon)
            implements NetworkData {
        /** Copies the lists. */
        public Numbers {
            inputs = List.copyOf(inputs);
            targets = List.copyOf(targets);
        }
    }
}
