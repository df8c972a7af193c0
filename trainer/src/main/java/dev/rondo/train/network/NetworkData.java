package dev.rondo.train.network;

import java.util.List;

/** What a network is trained on and judged by. */
public sealed interface NetworkData {
    /** Texts with a class each. */
    record Texts(Parts<LabelledText> parts) implements NetworkData {}

    /** Rows of numbers with a class each, all of one length. */
    record Features(Parts<LabelledFeatures> parts) implements NetworkData {}

    /**
     * Rows of numbers, or windows of a series, with numbers to predict.
     *
     * @param inputs  names of the columns read
     * @param targets names of the columns predicted
     * @param window  rows of a sample; 0 for a row by itself
     * @param horizon rows predicted; 0 for a row by itself
     */
    record Numbers(
            Parts<NumberSample> parts, List<String> inputs, List<String> targets, int window, int horizon)
            implements NetworkData {
        /** Copies the lists. */
        public Numbers {
            inputs = List.copyOf(inputs);
            targets = List.copyOf(targets);
        }
    }
}
