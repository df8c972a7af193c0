package dev.rondo.convert.statedict;

import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Readout;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.graph.Activation;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The configuration of an encoder-decoder: which tensor of the source is which parameter, and what the tensors do not
 * say. {@code docs/architectures.md} describes the file.
 *
 * @param source      how the text to be read becomes ids
 * @param target      how ids become the text that is written
 * @param surround    which special tokens stand around every source: begin, end or both; empty for none
 * @param allowUnused patterns of tensors that may stay unused
 * @param reference   how reference vectors are named
 */
record EncoderDecoderConfig(
        Encoder encoder,
        Bridge bridge,
        Decoder decoder,
        TextConfig source,
        TextConfig target,
        Optional<String> surround,
        List<String> allowUnused,
        ReferenceConfig reference) {

    /** Tables are [V, E]. */
    sealed interface Encoder {
        String embedding();

        Connection connection();

        /** @param gates of highway connections, by their layer */
        record Recurrent(
                String embedding,
                LayerConfig.Recurrent layers,
                Connection connection,
                Map<Integer, LayerConfig.Linear> gates)
                implements Encoder {}

        /** Weights [outputs, inputs, kernel]. */
        record Convolutional(
                String embedding, List<LayerConfig.Linear> layers, Activation activation, Connection connection)
                implements Encoder {}
    }

    /** Where the decoder begins. */
    sealed interface Bridge {
        /** At zero. */
        record Zero() implements Bridge {}

        /** With the states of the encoder, layer by layer. */
        record Copy() implements Bridge {}

        /** With the summary itself. */
        record Same(Summary summary) implements Bridge {}

        /**
         * @param hidden one for all layers, or one of each
         * @param cell   the same for c; empty when it is zero
         */
        record Projected(
                Summary summary, List<LayerConfig.Linear> hidden, List<LayerConfig.Linear> cell, Activation activation)
                implements Bridge {}
    }

    /** What can be in the input of the decoder's first layer. */
    enum Input {
        EMBEDDING,
        CONTEXT,
        FEED
    }

    /**
     * @param second of {@link Attention.Query#BETWEEN}, else empty
     * @param input  of the first layer, in the order of the source's columns; empty for the order that is usual here
     */
    record Decoder(
            String embedding,
            LayerConfig.Recurrent layers,
            Optional<LayerParameters> second,
            Connection connection,
            Context context,
            boolean feeding,
            List<Input> input,
            ReadoutConfig readout,
            Output output) {}

    /** From the readout to the scores of tokens. */
    sealed interface Output {
        record Generate(LayerConfig.Linear scores) implements Output {}

        record GenerateOrCopy(LayerConfig.Linear scores, LayerConfig.Linear gate) implements Output {}

        record Copy() implements Output {}
    }

    /** What a step sees of the source. */
    sealed interface Context {
        /** Nothing. */
        record None() implements Context {}

        /** The same at every step. */
        record Fixed(Summary summary) implements Context {}

        /** By attention. */
        record Attended(Score score, int heads, Attention.Query query) implements Context {}
    }

    /** How well a state and a place of the memory fit. */
    sealed interface Score {
        /** @param scaled by the root of the size */
        record Dot(boolean scaled) implements Score {}

        /** @param ofQuery whether the map is one of the state, and not of the memory */
        record General(LayerConfig.Linear map, boolean ofQuery) implements Score {}

        record LowRank(LayerConfig.Linear query, LayerConfig.Linear keys) implements Score {}

        record Additive(LayerConfig.Linear query, LayerConfig.Linear keys, String vector) implements Score {}

        /**
         * Additive with one matrix over both side by side.
         *
         * @param queryFirst whether the state's columns come before the memory's
         */
        record Joint(LayerConfig.Linear map, boolean queryFirst, String vector) implements Score {}
    }

    /** What scores are made of. */
    record ReadoutConfig(List<Readout.Part> parts, Optional<LayerConfig.Linear> map, Activation activation) {}
}
