package dev.rondo.train.seq2seq;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.error.InputException;
import dev.rondo.train.Initialisation;
import dev.rondo.train.rule.Settings;
import java.util.Optional;

/**
 * What an encoder-decoder looks like, and how it begins. Made by a {@link #builder}. Each part holds its values to their ranges;
 * whether the parts fit each other is checked where a training's settings are made, {@link EncoderDecoderSettings}.
 *
 * @param cell           of every recurrent layer
 * @param embeddingSize  E, of both sides
 * @param encoder        what reads the source
 * @param decoder        what writes the target
 * @param context        what the decoder has of the source
 * @param attention      how it attends, where it does
 * @param output         from state and context to scores
 * @param initialisation of the matrices of layers and output; empty: recurrent ones orthogonal, the others Xavier's
 * @param forgetBias     where the bias of an LSTM's forget gate begins
 */
public record NetworkSettings(
        Cell cell,
        int embeddingSize,
        EncoderSettings encoder,
        DecoderSettings decoder,
        ContextSettings context,
        AttentionSettings attention,
        OutputSettings output,
        Optional<Initialisation> initialisation,
        double forgetBias) {

    /** @throws InputException when a value is out of range */
    public NetworkSettings {
        NetworkRules.size("embedding size", embeddingSize);
        Settings.require(Float.isFinite((float) forgetBias), "forget bias", "is finite in f32", forgetBias);
    }

    /** Whether the decoder's layers read the source, too. */
    public boolean isDecoderOnly() {
        return encoder instanceof EncoderSettings.None;
    }

    /** Whether both sides have one vocabulary. */
    public boolean sharesVocabulary() {
        return output.tie() == OutputSettings.Tie.ALL
                || output.kind() != OutputSettings.Kind.GENERATE
                || isDecoderOnly();
    }

    /** Whether a side has several layers. */
    public boolean isStacked() {
        return decoder.layers() > 1
                || switch (encoder) {
                    case EncoderSettings.Recurrent recurrent -> recurrent.layers() > 1;
                    case EncoderSettings.Convolutional convolutional -> convolutional.layers() > 1;
                    case EncoderSettings.None() -> false;
                };
    }

    boolean attends() {
        return context.kind() == ContextSettings.Kind.ATTENTION;
    }

    /** The size of a place of the memory, M. */
    int memorySize() {
        return switch (encoder) {
            case EncoderSettings.Recurrent recurrent -> (recurrent.bidirectional() ? 2 : 1) * recurrent.hiddenSize();
            case EncoderSettings.Convolutional convolutional -> convolutional.channels();
            case EncoderSettings.None() -> decoder.hiddenSize();
        };
    }

    /** The size of all parts of the readout side by side. */
    int readoutParts() {
        return decoder.hiddenSize()
                + (context.kind() == ContextSettings.Kind.FIRST ? 0 : memorySize())
                + (output.readsEmbedding() ? embeddingSize : 0);
    }

    /** The size of what the output reads. */
    int outputInput() {
        return switch (output.readout()) {
            case TANH ->
                output.readoutSize() > 0
                        ? output.readoutSize()
                        : output.tie() == OutputSettings.Tie.NONE ? decoder.hiddenSize() : embeddingSize;
            case STRAIGHT -> readoutParts();
        };
    }

    /**
     * A decoder alone ({@link EncoderSettings.None}), which in all its sizes is a language model: layers of one width, straight to
     * the output.
     *
     * @param tied whether the output's matrix is the embedding; then both have one size
     */
    public static Builder decoderOnly(Cell cell, int embeddingSize, DecoderSettings decoder, boolean tied) {
        return builder()
                .cell(cell)
                .embeddingSize(embeddingSize)
                .encoder(new EncoderSettings.None())
                .decoder(decoder)
                .context(new ContextSettings(ContextSettings.Kind.FIRST, Summary.MEAN, ContextSettings.Bridge.COPY))
                .output(new OutputSettings(
                        OutputSettings.Readout.STRAIGHT,
                        0,
                        false,
                        OutputSettings.Kind.GENERATE,
                        tied ? OutputSettings.Tie.ALL : OutputSettings.Tie.NONE));
    }

    /** A conditional GRU with additive attention over a bidirectional encoder; each part can be changed. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects settings. */
    public static final class Builder {
        private static final int SIZE = 256;

        private Cell cell = new Cell.Gru(true);
        private int embeddingSize = SIZE;
        private EncoderSettings encoder = new EncoderSettings.Recurrent(SIZE, 1, true, Connection.NONE);
        private DecoderSettings decoder = new DecoderSettings(SIZE, 1, Connection.NONE, false);
        private ContextSettings context =
                new ContextSettings(ContextSettings.Kind.ATTENTION, Summary.MEAN, ContextSettings.Bridge.PROJECTED);
        private AttentionSettings attention =
                new AttentionSettings(AttentionSettings.Score.ADDITIVE, SIZE, 1, Attention.Query.BETWEEN);
        private OutputSettings output = new OutputSettings(
                OutputSettings.Readout.TANH, 0, true, OutputSettings.Kind.GENERATE, OutputSettings.Tie.OUTPUT);
        private Optional<Initialisation> initialisation = Optional.empty();
        private double forgetBias = 1;

        private Builder() {}

        public Builder cell(Cell value) {
            cell = value;
            return this;
        }

        public Builder embeddingSize(int value) {
            embeddingSize = value;
            return this;
        }

        public Builder encoder(EncoderSettings value) {
            encoder = value;
            return this;
        }

        public Builder decoder(DecoderSettings value) {
            decoder = value;
            return this;
        }

        public Builder context(ContextSettings value) {
            context = value;
            return this;
        }

        public Builder attention(AttentionSettings value) {
            attention = value;
            return this;
        }

        public Builder output(OutputSettings value) {
            output = value;
            return this;
        }

        public Builder initialisation(Initialisation value) {
            initialisation = Optional.of(value);
            return this;
        }

        public Builder forgetBias(double value) {
            forgetBias = value;
            return this;
        }

        /** @throws InputException when a value is out of range */
        public NetworkSettings build() {
            return new NetworkSettings(
                    cell, embeddingSize, encoder, decoder, context, attention, output, initialisation, forgetBias);
        }
    }
}
