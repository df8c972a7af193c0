package dev.rondo.train.seq2seq;

import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.error.InputException;
import dev.rondo.train.seq2seq.NetworkSettings.BridgeKind;
import dev.rondo.train.seq2seq.NetworkSettings.ContextKind;
import dev.rondo.train.seq2seq.NetworkSettings.EncoderKind;
import dev.rondo.train.seq2seq.NetworkSettings.OutputKind;
import dev.rondo.train.seq2seq.NetworkSettings.ReadoutKind;
import dev.rondo.train.seq2seq.NetworkSettings.ScoreKind;
import dev.rondo.train.seq2seq.NetworkSettings.Tie;

/** Which settings of a network go together. */
final class NetworkRules {
    private static final int MAX_SIZE = 1 << 14;
    private static final int MAX_LAYERS = 32;
    private static final int MAX_KERNEL = 101;

    private NetworkRules() {}

    /** @throws InputException that names the first setting which is out of range or contradicts others */
    static void check(NetworkSettings s) {
        sizes(s);
        if (s.encoder() == EncoderKind.NONE) {
            decoderOnly(s);
        }
        connections(s);
        summaries(s);
        attention(s);
        output(s);
    }

    private static void sizes(NetworkSettings s) {
        size("embedding size", s.embeddingSize());
        size("hidden size of the encoder", s.encoderHiddenSize());
        size("hidden size", s.hiddenSize());
        size("attention size", s.attentionSize());
        require(
                s.readoutSize() >= 0 && s.readoutSize() <= MAX_SIZE,
                "readout size",
                "is 0 for the default, or at most " + MAX_SIZE,
                s.readoutSize());
        require(
                s.encoderLayers() >= 1 && s.encoderLayers() <= MAX_LAYERS,
                "encoder layers",
                "is 1 to 32",
                s.encoderLayers());
        require(
                s.decoderLayers() >= 1 && s.decoderLayers() <= MAX_LAYERS,
                "decoder layers",
                "is 1 to 32",
                s.decoderLayers());
        require(s.heads() >= 1 && s.heads() <= MAX_SIZE, "heads", "is 1 to " + MAX_SIZE, s.heads());
        require(
                s.kernel() >= 1 && s.kernel() <= MAX_KERNEL && s.kernel() % 2 == 1,
                "kernel",
                "is odd, and at most " + MAX_KERNEL,
                s.kernel());
        require(Float.isFinite((float) s.forgetBias()), "forget bias", "is finite in f32", s.forgetBias());
    }

    /** The decoder's layers are the encoder's. */
    private static void decoderOnly(NetworkSettings s) {
        require(
                s.context() == ContextKind.FIRST,
                "context",
                "is first without an encoder: what was read is all that there is of the source",
                s.context());
        require(
                s.bridge() == BridgeKind.COPY,
                "bridge",
                "is copy without an encoder: the layers go on where the source ended",
                s.bridge());
        require(!s.bidirectional(), "bidirectional", "is false without an encoder", s.bidirectional());
        require(!s.feeding(), "feeding", "is false without an encoder: a source has no readouts", s.feeding());
        require(
                s.encoderHiddenSize() == s.hiddenSize(),
                "hidden size of the encoder",
                "is the decoder's " + s.hiddenSize() + " where that reads the source",
                s.encoderHiddenSize());
        require(
                s.encoderLayers() == s.decoderLayers(),
                "encoder layers",
                "are the decoder's " + s.decoderLayers() + " where these read the source",
                s.encoderLayers());
        require(
                s.encoderConnection() == s.decoderConnection(),
                "connection of the encoder",
                "is the decoder's where that reads the source",
                s.encoderConnection());
        // Residual layers of an encoder begin with the first, those of a decoder with the second.
        require(
                s.encoderConnection() == Connection.NONE || s.encoderConnection() == Connection.SKIP,
                "connection",
                "is none or skip without an encoder",
                s.encoderConnection());
        require(s.tie() != Tie.OUTPUT, "tie", "is none or all without an encoder: it has one embedding", s.tie());
    }

    private static void connections(NetworkSettings s) {
        require(
                s.decoderConnection() != Connection.HIGHWAY,
                "connection of the decoder",
                "is none, residual or skip",
                s.decoderConnection());
        if (s.encoder() == EncoderKind.CONVOLUTIONAL) {
            require(
                    s.encoderConnection() == Connection.NONE || s.encoderConnection() == Connection.RESIDUAL,
                    "connection of a convolutional encoder",
                    "is none or residual",
                    s.encoderConnection());
            require(!s.bidirectional(), "bidirectional", "is false for a convolutional encoder", s.bidirectional());
        }
    }

    private static void summaries(NetworkSettings s) {
        boolean states = s.encoder() != EncoderKind.CONVOLUTIONAL;
        boolean begins = s.context() == ContextKind.FIRST || s.context() == ContextKind.BOTH;
        require(
                begins
                        ? s.bridge() != BridgeKind.ZERO
                        : s.context() != ContextKind.EVERY || s.bridge() == BridgeKind.ZERO,
                "bridge",
                begins
                        ? "gives the first state, which is what the decoder sees of the source"
                        : "is zero with context every",
                s.bridge());
        boolean fixed = s.context() == ContextKind.EVERY || s.context() == ContextKind.BOTH;
        boolean summarised = fixed || s.bridge() == BridgeKind.SAME || s.bridge() == BridgeKind.PROJECTED;
        require(
                !summarised || states || s.summary() == Summary.MEAN || s.summary() == Summary.MAX,
                "summary",
                "is mean or max of a convolutional encoder, which has no last state",
                s.summary());
        require(
                !fixed || s.summary() != Summary.LAST_OF_LAYER,
                "summary",
                "is one vector when every step reads it, not one of each layer",
                s.summary());
        require(
                s.summary() != Summary.LAST_OF_LAYER || !summarised || s.decoderLayers() <= s.encoderLayers(),
                "decoder layers",
                "are at most the encoder's " + s.encoderLayers() + ", whose last states they begin with",
                s.decoderLayers());
        if (s.bridge() == BridgeKind.COPY) {
            require(states, "bridge", "is not copy with a convolutional encoder, which has no states", s.bridge());
            require(
                    s.decoderLayers() <= s.encoderLayers(),
                    "decoder layers",
                    "are at most the encoder's " + s.encoderLayers() + ", whose states they copy",
                    s.decoderLayers());
        }
        if (s.bridge() == BridgeKind.COPY || s.bridge() == BridgeKind.SAME) {
            require(
                    s.memorySize() == s.hiddenSize(),
                    "hidden size",
                    "equals the encoder's " + s.memorySize() + " with the bridge " + s.bridge(),
                    s.hiddenSize());
        }
    }

    private static void attention(NetworkSettings s) {
        if (s.context() == ContextKind.ATTENTION) {
            boolean dot = s.score() == ScoreKind.DOT || s.score() == ScoreKind.SCALED_DOT;
            require(
                    !dot || s.memorySize() == s.hiddenSize(),
                    "hidden size",
                    "equals the encoder's " + s.memorySize() + " with the score " + s.score(),
                    s.hiddenSize());
            int keys = switch (s.score()) {
                case DOT, SCALED_DOT -> s.memorySize();
                case GENERAL -> s.hiddenSize();
                case LOW_RANK, ADDITIVE -> s.attentionSize();
            };
            require(
                    s.memorySize() % s.heads() == 0 && keys % s.heads() == 0,
                    "heads",
                    "divide the memory's " + s.memorySize() + " numbers and the keys' " + keys,
                    s.heads());
        } else {
            require(s.heads() == 1, "heads", "is 1 without attention", s.heads());
        }
    }

    private static void output(NetworkSettings s) {
        require(
                s.readout() == ReadoutKind.TANH || s.readoutSize() == 0,
                "readout size",
                "is 0 for a straight readout, which has that of its parts",
                s.readoutSize());
        require(
                s.output() == OutputKind.GENERATE || s.context() == ContextKind.ATTENTION,
                "output",
                "is to generate without attention, which says what to copy",
                s.output());
        require(
                s.output() != OutputKind.COPY || s.tie() == Tie.NONE,
                "tie",
                "is none where tokens are only copied",
                s.tie());
        require(
                s.output() != OutputKind.COPY || s.feeding() || s.readout() == ReadoutKind.STRAIGHT,
                "readout",
                "is straight where tokens are only copied and nothing is fed back: nothing would read the map",
                s.readout());
        require(
                s.tie() == Tie.NONE || s.outputInput() == s.embeddingSize(),
                "embedding size",
                "equals the readout's " + s.outputInput() + " when the output is tied to the embedding",
                s.embeddingSize());
    }

    private static void size(String name, int value) {
        require(value >= 1 && value <= MAX_SIZE, name, "is 1 to " + MAX_SIZE, value);
    }

    private static void require(boolean fits, String name, String rule, Object got) {
        if (!fits) {
            throw new InputException("setting " + name, rule, String.valueOf(got), "change the setting");
        }
    }
}
