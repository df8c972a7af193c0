package dev.rondo.train.seq2seq;

import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.error.InputException;
import dev.rondo.train.rule.Settings;

/**
 * Which parts of a network go together, as far as only settings can say it: a setting that would mean nothing, and what has one
 * table or no encoder. The rest is what any encoder-decoder must keep, and its architecture says it.
 */
final class NetworkRules {
    static final int MAX_SIZE = 1 << 14;
    private static final int MAX_LAYERS = 32;

    private NetworkRules() {}

    static void size(String name, int value) {
        Settings.require(value >= 1 && value <= MAX_SIZE, name, "is 1 to " + MAX_SIZE, value);
    }

    static void layers(String name, int value) {
        Settings.require(value >= 1 && value <= MAX_LAYERS, name, "is 1 to " + MAX_LAYERS, value);
    }

    /** @throws InputException that names the first part which contradicts others */
    static void check(NetworkSettings s) {
        if (s.isDecoderOnly()) {
            decoderOnly(s);
        }
        context(s);
        Settings.require(
                s.output().tie() == OutputSettings.Tie.NONE || s.outputInput() == s.embeddingSize(),
                "embedding size",
                "equals the readout's " + s.outputInput() + " when the output is tied to the embedding",
                s.embeddingSize());
        // No rule of an architecture depends on how large a vocabulary is, but that of copying, which waits for the
        // true one.
        new NetworkBuilder(s, 1, 1).build();
    }

    private static void decoderOnly(NetworkSettings s) {
        Settings.require(
                s.context().kind() == ContextSettings.Kind.FIRST,
                "context",
                "is first without an encoder: what was read is all that there is of the source",
                s.context().kind());
        Settings.require(
                s.context().bridge() == ContextSettings.Bridge.COPY,
                "bridge",
                "is copy without an encoder: the layers go on where the source ended",
                s.context().bridge());
        Settings.require(
                !s.decoder().feeding(),
                "feeding",
                "is false without an encoder: a source has no readouts",
                s.decoder().feeding());
        // Residual layers of an encoder begin with the first, those of a decoder with the second.
        Settings.require(
                s.decoder().connection() == Connection.NONE || s.decoder().connection() == Connection.SKIP,
                "connection",
                "is none or skip without an encoder",
                s.decoder().connection());
        Settings.require(
                s.output().tie() != OutputSettings.Tie.OUTPUT,
                "tie",
                "is none or all without an encoder: it has one embedding",
                s.output().tie());
    }

    private static void context(NetworkSettings s) {
        boolean zero = s.context().bridge() == ContextSettings.Bridge.ZERO;
        switch (s.context().kind()) {
            case EVERY ->
                Settings.require(
                        zero,
                        "bridge",
                        "is zero with context every",
                        s.context().bridge());
            case BOTH ->
                Settings.require(
                        !zero,
                        "bridge",
                        "gives the first state with context both",
                        s.context().bridge());
            case FIRST, ATTENTION -> {}
        }
        Settings.require(
                s.attends() || s.attention().heads() == 1,
                "heads",
                "is 1 without attention",
                s.attention().heads());
    }
}
