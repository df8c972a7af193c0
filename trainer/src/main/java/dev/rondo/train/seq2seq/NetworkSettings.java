package dev.rondo.train.seq2seq;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.error.InputException;
import dev.rondo.train.Initialisation;
import java.util.Optional;

/**
 * What an encoder-decoder looks like, and how it begins. Made by a {@link #builder}.
 *
 * @param encoder           what reads the source
 * @param cell              of every recurrent layer
 * @param embeddingSize     E, of both sides
 * @param encoderHiddenSize units of a layer of the encoder in each direction, or channels of a convolution
 * @param hiddenSize        D, units of a layer of the decoder
 * @param encoderLayers     stacked
 * @param decoderLayers     stacked
 * @param bidirectional     whether a recurrent encoder also reads backward
 * @param kernel            places that a convolution sees, odd
 * @param encoderConnection of the encoder's layers
 * @param decoderConnection of the decoder's layers; not highway
 * @param context           how the decoder sees the source
 * @param summary           one vector for the source, where the bridge or the context needs one
 * @param bridge            where the decoder's states begin
 * @param score             of attention
 * @param attentionSize     A of additive attention, the rank of low-rank attention; others have none
 * @param heads             of attention
 * @param query             which state asks
 * @param feeding           whether a step reads the readout of the step before
 * @param readout           from state and context to the output
 * @param readoutSize       with tanh; 0: the embedding's size when the output is tied, else the decoder's
 * @param readsEmbedding    whether the embedding of a step's token is part of the readout
 * @param output            from the readout to scores
 * @param tie               which tables are one
 * @param initialisation    of the matrices of layers and output; empty: recurrent ones orthogonal, the others Xavier's
 * @param forgetBias        where the bias of an LSTM's forget gate begins
 */
public record NetworkSettings(
        EncoderKind encoder,
        Cell cell,
        int embeddingSize,
        int encoderHiddenSize,
        int hiddenSize,
        int encoderLayers,
        int decoderLayers,
        boolean bidirectional,
        int kernel,
        Connection encoderConnection,
        Connection decoderConnection,
        ContextKind context,
        Summary summary,
        BridgeKind bridge,
        ScoreKind score,
        int attentionSize,
        int heads,
        Attention.Query query,
        boolean feeding,
        ReadoutKind readout,
        int readoutSize,
        boolean readsEmbedding,
        OutputKind output,
        Tie tie,
        Optional<Initialisation> initialisation,
        double forgetBias) {
    /** What reads the source. */
    public enum EncoderKind {
        RECURRENT,
        CONVOLUTIONAL,
        /**
         * No network of its own (decoder-only): the decoder's layers read the source, then the target's begin token, which separates
         * the two, then the target. A language model of joined pairs whose loss is that of the target's tokens.
         */
        NONE
    }

    /** How the decoder sees the source. */
    public enum ContextKind {
        /** Its first state is all that it has of the source (Sutskever et al. 2014). */
        FIRST,
        /** A summary at every step; the first state is zero. */
        EVERY,
        /** A summary at every step, and the first state (Cho et al. 2014). */
        BOTH,
        /** Another part of it at every step. */
        ATTENTION
    }

    /** Where the decoder's states begin. */
    public enum BridgeKind {
        ZERO,
        /** With the last states of the encoder's layers. */
        COPY,
        /** With the summary itself. */
        SAME,
        /** With tanh of a linear map of the summary. */
        PROJECTED
    }

    /** How well a state and a place of the source fit. */
    public enum ScoreKind {
        DOT,
        SCALED_DOT,
        GENERAL,
        LOW_RANK,
        ADDITIVE
    }

    /** From state and context to the output. */
    public enum ReadoutKind {
        /** Side by side. */
        STRAIGHT,
        /** Through a linear map and tanh. */
        TANH
    }

    /** From the readout to scores. */
    public enum OutputKind {
        /** A linear map to the vocabulary. */
        GENERATE,
        /** That, or a token of the source, as attention says; both sides share a vocabulary (See et al. 2017). */
        GENERATE_OR_COPY,
        /** Tokens of the source only (Vinyals et al. 2015). */
        COPY
    }

    /** Which tables are one. */
    public enum Tie {
        NONE,
        /** The output's matrix is the target's embedding. */
        OUTPUT,
        /** And the source's embedding too; both sides share a vocabulary. With {@link EncoderKind#NONE} these two are always one. */
        ALL
    }

    /** @throws InputException when a value is out of range, or values do not fit each other */
    public NetworkSettings(
            EncoderKind encoder,
            Cell cell,
            int embeddingSize,
            int encoderHiddenSize,
            int hiddenSize,
            int encoderLayers,
            int decoderLayers,
            boolean bidirectional,
            int kernel,
            Connection encoderConnection,
            Connection decoderConnection,
            ContextKind context,
            Summary summary,
            BridgeKind bridge,
            ScoreKind score,
            int attentionSize,
            int heads,
            Attention.Query query,
            boolean feeding,
            ReadoutKind readout,
            int readoutSize,
            boolean readsEmbedding,
            OutputKind output,
            Tie tie,
            Optional<Initialisation> initialisation,
            double forgetBias) {
        this.encoder = encoder;
        this.cell = cell;
        this.embeddingSize = embeddingSize;
        this.encoderHiddenSize = encoderHiddenSize;
        this.hiddenSize = hiddenSize;
        this.encoderLayers = encoderLayers;
        this.decoderLayers = decoderLayers;
        this.bidirectional = bidirectional;
        this.kernel = kernel;
        this.encoderConnection = encoderConnection;
        this.decoderConnection = decoderConnection;
        this.context = context;
        this.summary = summary;
        this.bridge = bridge;
        this.score = score;
        this.attentionSize = attentionSize;
        this.heads = heads;
        this.query = query;
        this.feeding = feeding;
        this.readout = readout;
        this.readoutSize = readoutSize;
        this.readsEmbedding = readsEmbedding;
        this.output = output;
        this.tie = tie;
        this.initialisation = initialisation;
        this.forgetBias = forgetBias;
        NetworkRules.check(this);
    }

    /** Whether both sides have one vocabulary. */
    public boolean sharesVocabulary() {
        return tie == Tie.ALL || output != OutputKind.GENERATE || encoder == EncoderKind.NONE;
    }

    /** The size of a place of the memory, M. */
    int memorySize() {
        return encoder == EncoderKind.RECURRENT && bidirectional ? 2 * encoderHiddenSize : encoderHiddenSize;
    }

    /** The size of all parts of the readout side by side. */
    int readoutParts() {
        return hiddenSize + (context == ContextKind.FIRST ? 0 : memorySize()) + (readsEmbedding ? embeddingSize : 0);
    }

    /** The size of what the output reads. */
    int outputInput() {
        return switch (readout) {
            case TANH -> readoutSize > 0 ? readoutSize : tie == Tie.NONE ? hiddenSize : embeddingSize;
            case STRAIGHT -> readoutParts();
        };
    }

    /**
     * A decoder alone ({@link EncoderKind#NONE}), which in all its sizes is a language model: layers of one width, straight to the
     * output.
     *
     * @param tied whether the output's matrix is the embedding; then both have one size
     */
    public static Builder decoderOnly(Cell cell, int embeddingSize, int hiddenSize, int layers, boolean tied) {
        return builder()
                .encoder(EncoderKind.NONE)
                .cell(cell)
                .embeddingSize(embeddingSize)
                .encoderHiddenSize(hiddenSize)
                .hiddenSize(hiddenSize)
                .encoderLayers(layers)
                .decoderLayers(layers)
                .bidirectional(false)
                .context(ContextKind.FIRST)
                .bridge(BridgeKind.COPY)
                .readout(ReadoutKind.STRAIGHT)
                .readsEmbedding(false)
                .tie(tied ? Tie.ALL : Tie.NONE);
    }

    /** A conditional GRU with additive attention over a bidirectional encoder; each setting can be changed. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects settings. */
    public static final class Builder {
        private EncoderKind encoder = EncoderKind.RECURRENT;
        private Cell cell = new Cell.Gru(true);
        private int embeddingSize = 256;
        private int encoderHiddenSize = 256;
        private int hiddenSize = 256;
        private int encoderLayers = 1;
        private int decoderLayers = 1;
        private boolean bidirectional = true;
        private int kernel = 3;
        private Connection encoderConnection = Connection.NONE;
        private Connection decoderConnection = Connection.NONE;
        private ContextKind context = ContextKind.ATTENTION;
        private Summary summary = Summary.MEAN;
        private BridgeKind bridge = BridgeKind.PROJECTED;
        private ScoreKind score = ScoreKind.ADDITIVE;
        private int attentionSize = 256;
        private int heads = 1;
        private Attention.Query query = Attention.Query.BETWEEN;
        private boolean feeding;
        private ReadoutKind readout = ReadoutKind.TANH;
        private int readoutSize;
        private boolean readsEmbedding = true;
        private OutputKind output = OutputKind.GENERATE;
        private Tie tie = Tie.OUTPUT;
        private Optional<Initialisation> initialisation = Optional.empty();
        private double forgetBias = 1;

        private Builder() {}

        public Builder encoder(EncoderKind value) {
            encoder = value;
            return this;
        }

        public Builder cell(Cell value) {
            cell = value;
            return this;
        }

        public Builder embeddingSize(int value) {
            embeddingSize = value;
            return this;
        }

        public Builder encoderHiddenSize(int value) {
            encoderHiddenSize = value;
            return this;
        }

        public Builder hiddenSize(int value) {
            hiddenSize = value;
            return this;
        }

        public Builder encoderLayers(int value) {
            encoderLayers = value;
            return this;
        }

        public Builder decoderLayers(int value) {
            decoderLayers = value;
            return this;
        }

        public Builder bidirectional(boolean value) {
            bidirectional = value;
            return this;
        }

        public Builder kernel(int value) {
            kernel = value;
            return this;
        }

        public Builder encoderConnection(Connection value) {
            encoderConnection = value;
            return this;
        }

        public Builder decoderConnection(Connection value) {
            decoderConnection = value;
            return this;
        }

        public Builder context(ContextKind value) {
            context = value;
            return this;
        }

        public Builder summary(Summary value) {
            summary = value;
            return this;
        }

        public Builder bridge(BridgeKind value) {
            bridge = value;
            return this;
        }

        public Builder score(ScoreKind value) {
            score = value;
            return this;
        }

        public Builder attentionSize(int value) {
            attentionSize = value;
            return this;
        }

        public Builder heads(int value) {
            heads = value;
            return this;
        }

        public Builder query(Attention.Query value) {
            query = value;
            return this;
        }

        public Builder feeding(boolean value) {
            feeding = value;
            return this;
        }

        public Builder readout(ReadoutKind value) {
            readout = value;
            return this;
        }

        public Builder readoutSize(int value) {
            readoutSize = value;
            return this;
        }

        public Builder readsEmbedding(boolean value) {
            readsEmbedding = value;
            return this;
        }

        public Builder output(OutputKind value) {
            output = value;
            return this;
        }

        public Builder tie(Tie value) {
            tie = value;
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

        /** @throws InputException when a value is out of range, or values do not fit each other */
        public NetworkSettings build() {
            return new NetworkSettings(
                    encoder,
                    cell,
                    embeddingSize,
                    encoderHiddenSize,
                    hiddenSize,
                    encoderLayers,
                    decoderLayers,
                    bidirectional,
                    kernel,
                    encoderConnection,
                    decoderConnection,
                    context,
                    summary,
                    bridge,
                    score,
                    attentionSize,
                    heads,
                    query,
                    feeding,
                    readout,
                    readoutSize,
                    readsEmbedding,
                    output,
                    tie,
                    initialisation,
                    forgetBias);
        }
    }
}
