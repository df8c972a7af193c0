package dev.rondo.train.seq2seq;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Bridge;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Context;
import dev.rondo.architecture.seq2seq.Decoder;
import dev.rondo.architecture.seq2seq.Embedding;
import dev.rondo.architecture.seq2seq.Encoder;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.Output;
import dev.rondo.architecture.seq2seq.Projection;
import dev.rondo.architecture.seq2seq.Readout;
import dev.rondo.graph.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** From settings to an architecture: sizes that follow from others, and the names of parameters. */
record NetworkBuilder(NetworkSettings settings, int sourceVocabulary, int targetVocabulary) {
    private static final String SOURCE_TABLE = "source.embedding";
    private static final String TARGET_TABLE = "target.embedding";
    private static final String SHARED_TABLE = "embedding";

    EncoderDecoder build() {
        return new EncoderDecoder(encoder(), bridge(), decoder());
    }

    /** Whether the decoder reads the source: its parameters are the encoder's, by their names. */
    private boolean decoderOnly() {
        return settings.encoder() == NetworkSettings.EncoderKind.NONE;
    }

    private boolean oneTable() {
        return decoderOnly() || settings.tie() == NetworkSettings.Tie.ALL;
    }

    private String decoderLayer(int k) {
        return (decoderOnly() ? "layer" : "decoder") + k;
    }

    private Encoder encoder() {
        int size = settings.embeddingSize();
        var embedding = new Embedding(oneTable() ? SHARED_TABLE : SOURCE_TABLE, sourceVocabulary, size);
        return switch (settings.encoder()) {
            case RECURRENT, NONE ->
                new Encoder.Recurrent(embedding, settings.cell(), encoderLayers(), settings.encoderConnection());
            case CONVOLUTIONAL ->
                new Encoder.Convolutional(embedding, convolutions(), Activation.TANH, settings.encoderConnection());
        };
    }

    private List<Encoder.Layer> encoderLayers() {
        Cell cell = settings.cell();
        int hidden = settings.encoderHiddenSize();
        var layers = new ArrayList<Encoder.Layer>();
        for (int k = 0; k < settings.encoderLayers(); k++) {
            int input = k == 0 ? settings.embeddingSize() : settings.memorySize();
            if (k > 0 && settings.encoderConnection() == Connection.SKIP) {
                input += settings.embeddingSize();
            }
            String name = decoderOnly() ? decoderLayer(k) : "encoder" + k;
            boolean gated = settings.encoderConnection() == Connection.HIGHWAY && input == settings.memorySize();
            layers.add(new Encoder.Layer(
                    RecurrentParameters.of(name, cell, input, hidden),
                    settings.bidirectional()
                            ? Optional.of(RecurrentParameters.of(name + ".backward", cell, input, hidden))
                            : Optional.empty(),
                    gated ? Optional.of(Projection.of(name + ".gate", input, input)) : Optional.empty()));
        }
        return layers;
    }

    private List<Encoder.Convolution> convolutions() {
        int channels = settings.encoderHiddenSize();
        var layers = new ArrayList<Encoder.Convolution>();
        for (int k = 0; k < settings.encoderLayers(); k++) {
            int input = k == 0 ? settings.embeddingSize() : channels;
            String name = "encoder" + k;
            layers.add(new Encoder.Convolution(name + ".weight", name + ".bias", input, channels, settings.kernel()));
        }
        return layers;
    }

    private Bridge bridge() {
        return switch (settings.bridge()) {
            case ZERO -> new Bridge.Zero();
            case COPY -> new Bridge.Copy();
            case SAME -> new Bridge.Same(settings.summary());
            case PROJECTED ->
                new Bridge.Projected(
                        settings.summary(),
                        bridgeMaps(""),
                        settings.cell() instanceof Cell.Lstm ? bridgeMaps(".cell") : List.of(),
                        Activation.TANH);
        };
    }

    private List<Projection> bridgeMaps(String ending) {
        var maps = new ArrayList<Projection>();
        for (int k = 0; k < settings.decoderLayers(); k++) {
            maps.add(Projection.of("bridge" + k + ending, settings.memorySize(), settings.hiddenSize()));
        }
        return maps;
    }

    private Decoder decoder() {
        int hidden = settings.hiddenSize();
        int embedding = settings.embeddingSize();
        Cell cell = settings.cell();
        boolean attends = settings.context() == NetworkSettings.ContextKind.ATTENTION;
        boolean between = attends && settings.query() == Attention.Query.BETWEEN;
        boolean reads = attends
                ? settings.query() == Attention.Query.BEFORE
                : settings.context() != NetworkSettings.ContextKind.FIRST;
        var layers = new ArrayList<RecurrentParameters>();
        for (int k = 0; k < settings.decoderLayers(); k++) {
            int input = hidden;
            if (k == 0) {
                input = embedding
                        + (reads ? settings.memorySize() : 0)
                        + (settings.feeding() ? settings.outputInput() : 0);
            } else if (settings.decoderConnection() == Connection.SKIP) {
                input += embedding;
            }
            layers.add(RecurrentParameters.of(decoderLayer(k), cell, input, hidden));
        }
        String table = oneTable() ? SHARED_TABLE : TARGET_TABLE;
        return new Decoder(
                new Embedding(table, targetVocabulary, embedding),
                cell,
                layers,
                between
                        ? Optional.of(RecurrentParameters.of("decoder.second", cell, settings.memorySize(), hidden))
                        : Optional.empty(),
                settings.decoderConnection(),
                context(),
                settings.feeding(),
                readout(),
                output(table));
    }

    private Output output(String table) {
        var scores = new Projection(
                settings.tie() == NetworkSettings.Tie.NONE ? "output.weight" : table,
                Optional.of("output.bias"),
                settings.outputInput(),
                targetVocabulary);
        return switch (settings.output()) {
            case GENERATE -> new Output.Generate(scores);
            case GENERATE_OR_COPY ->
                new Output.GenerateOrCopy(scores, Projection.of("output.gate", settings.readoutParts(), 1));
            case COPY -> new Output.Copy();
        };
    }

    private Context context() {
        return switch (settings.context()) {
            case FIRST -> new Context.None();
            case EVERY, BOTH -> new Context.Fixed(settings.summary());
            case ATTENTION -> new Context.Attended(new Attention(score(), settings.heads(), settings.query()));
        };
    }

    private Attention.Score score() {
        int memory = settings.memorySize();
        int hidden = settings.hiddenSize();
        int size = settings.attentionSize();
        return switch (settings.score()) {
            case DOT -> new Attention.Score.Dot();
            case SCALED_DOT -> new Attention.Score.ScaledDot();
            case GENERAL -> new Attention.Score.General(Projection.unbiased("attention.keys", memory, hidden));
            case LOW_RANK ->
                new Attention.Score.LowRank(
                        Projection.unbiased("attention.query", hidden, size),
                        Projection.unbiased("attention.keys", memory, size));
            case ADDITIVE ->
                new Attention.Score.Additive(
                        Projection.of("attention.query", hidden, size),
                        Projection.unbiased("attention.keys", memory, size),
                        "attention.vector");
        };
    }

    private Readout readout() {
        var parts = new ArrayList<Readout.Part>();
        parts.add(Readout.Part.STATE);
        if (settings.context() != NetworkSettings.ContextKind.FIRST) {
            parts.add(Readout.Part.CONTEXT);
        }
        if (settings.readsEmbedding()) {
            parts.add(Readout.Part.EMBEDDING);
        }
        return switch (settings.readout()) {
            case STRAIGHT -> new Readout(parts, Optional.empty(), Activation.IDENTITY);
            case TANH ->
                new Readout(
                        parts,
                        Optional.of(Projection.of("readout", settings.readoutParts(), settings.outputInput())),
                        Activation.TANH);
        };
    }
}
