package dev.rondo.train.seq2seq;

import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.error.InputException;
import dev.rondo.train.rule.Settings;

/** What reads the source. */
public sealed interface EncoderSettings {
    /**
     * Recurrent layers on top of each other, of the network's cell.
     *
     * @param hiddenSize    units of a layer in each direction
     * @param bidirectional whether it reads backward too
     */
    record Recurrent(int hiddenSize, int layers, boolean bidirectional, Connection connection)
            implements EncoderSettings {
        /** @throws InputException when a value is out of range */
        public Recurrent {
            NetworkRules.size("hidden size of the encoder", hiddenSize);
            NetworkRules.layers("encoder layers", layers);
        }
    }

    /**
     * Convolutions on top of each other.
     *
     * @param channels of a layer
     * @param kernel   places that a convolution sees, odd
     */
    record Convolutional(int channels, int layers, int kernel, Connection connection) implements EncoderSettings {
        /** The window where nothing else is said. */
        public static final int USUAL_KERNEL = 3;

        private static final int MAX_KERNEL = 101;

        /** @throws InputException when a value is out of range */
        public Convolutional {
            NetworkRules.size("hidden size of the encoder", channels);
            NetworkRules.layers("encoder layers", layers);
            Settings.require(kernel >= 1 && kernel <= MAX_KERNEL, "kernel", "is 1 to " + MAX_KERNEL, kernel);
        }
    }

    /**
     * No network of its own (decoder-only): the decoder's layers read the source, then the target's begin token, which separates
     * the two, then the target. A language model of joined pairs whose loss is that of the target's tokens.
     */
    record None() implements EncoderSettings {}
}
