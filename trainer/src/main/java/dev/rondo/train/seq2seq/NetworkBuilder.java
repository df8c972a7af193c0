package dev.rondo.train.seq2seq;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Projection;
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
import dev.rondo.architecture.seq2seq.Readout;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.graph.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** From settings to an architecture: sizes that follow from others, and the names of parameters. */
record NetworkBuilder(NetworkSettings settings, int sourceVocabulary, int targetVocabulary) {
    private static final String SOURCE_TABLE = "source.embedding";
    private static final String TARGET_TABLE = "target.embedding";
    private static final String SHARED_TABLE = "embedding";
    private static final String ENCODER = "encoder";
    private static final String DECODER = "decoder";
    /** Of layers that read and write. */
    private static final String BOTH = "layer";

    EncoderDecoder build() {
        return new EncoderDecoder(encoder(), bridge(), decoder());
    }

    private boolean oneTable() {
        return settings.isDecoderOnly() || settings.output().tie() == OutputSettings.Tie.ALL;
    }

    private Encoder encoder() {
        var embedding =
                new Embedding(oneTable() ? SHARED_TABLE : SOURCE_TABLE, sourceVocabulary, settings.embeddingSize());
        return switch (settings.encoder()) {
            case EncoderSettings.Recurrent recurrent -> recurrent(embedding, recurrent, ENCODER);
            case EncoderSettings.Convolutional convolutional ->
                new Encoder.Convolutional(
                        embedding, convolutions(convolutional), Activation.TANH, convolutional.connection());
            // The parameters of the decoder's layers, by their names.
            case EncoderSettings.None() -> {
                DecoderSettings same = settings.decoder();
                yield recurrent(
                        embedding,
                        new EncoderSettings.Recurrent(same.hiddenSize(), same.layers(), false, same.connection()),
                        BOTH);
            }
        };
    }

    private Encoder recurrent(Embedding embedding, EncoderSettings.Recurrent encoder, String prefix) {
        Cell cell = settings.cell();
        int hidden = encoder.hiddenSize();
        int memory = settings.memorySize();
        var layers = new ArrayList<Encoder.Layer>();
        for (int k = 0; k < encoder.layers(); k++) {
            int input = k == 0 ? embedding.size() : memory;
            if (k > 0 && encoder.connection() == Connection.SKIP) {
                input += embedding.size();
            }
            String name = prefix + k;
            boolean gated = encoder.connection() == Connection.HIGHWAY && input == memory;
            layers.add(new Encoder.Layer(
                    RecurrentParameters.of(name, cell, input, hidden),
                    encoder.bidirectional()
                            ? Optional.of(RecurrentParameters.of(name + ".backward", cell, input, hidden))
                            : Optional.empty(),
                    gated ? Optional.of(Projection.of(name + ".gate", input, input)) : Optional.empty()));
        }
        return new Encoder.Recurrent(embedding, cell, layers, encoder.connection());
    }

    private List<Encoder.Convolution> convolutions(EncoderSettings.Convolutional encoder) {
        int channels = encoder.channels();
        var layers = new ArrayList<Encoder.Convolution>();
        for (int k = 0; k < encoder.layers(); k++) {
            int input = k == 0 ? settings.embeddingSize() : channels;
            String name = ENCODER + k;
            layers.add(new Encoder.Convolution(name + ".weight", name + ".bias", input, channels, encoder.kernel()));
        }
        return layers;
    }

    private Bridge bridge() {
        Summary summary = settings.context().summary();
        return switch (settings.context().bridge()) {
            case ZERO -> new Bridge.Zero();
            case COPY -> new Bridge.Copy();
            case SAME -> new Bridge.Same(summary);
            case PROJECTED ->
                new Bridge.Projected(
                        summary,
                        bridgeMaps(""),
                        settings.cell() instanceof Cell.Lstm ? bridgeMaps(".cell") : List.of(),
                        Activation.TANH);
        };
    }

    private List<Projection> bridgeMaps(String ending) {
        var maps = new ArrayList<Projection>();
        for (int k = 0; k < settings.decoder().layers(); k++) {
            maps.add(Projection.of(
                    "bridge" + k + ending,
                    settings.memorySize(),
                    settings.decoder().hiddenSize()));
        }
        return maps;
    }

    private Decoder decoder() {
        DecoderSettings decoder = settings.decoder();
        int hidden = decoder.hiddenSize();
        int embedding = settings.embeddingSize();
        Cell cell = settings.cell();
        Attention.Query query = settings.attention().query();
        boolean attends = settings.attends();
        boolean between = attends && query == Attention.Query.BETWEEN;
        boolean reads =
                attends ? query == Attention.Query.BEFORE : settings.context().kind() != ContextSettings.Kind.FIRST;
        var layers = new ArrayList<RecurrentParameters>();
        for (int k = 0; k < decoder.layers(); k++) {
            int input = hidden;
            if (k == 0) {
                input = embedding
                        + (reads ? settings.memorySize() : 0)
                        + (decoder.feeding() ? settings.outputInput() : 0);
            } else if (decoder.connection() == Connection.SKIP) {
                input += embedding;
            }
            String prefix = settings.isDecoderOnly() ? BOTH : DECODER;
            layers.add(RecurrentParameters.of(prefix + k, cell, input, hidden));
        }
        String table = oneTable() ? SHARED_TABLE : TARGET_TABLE;
        return new Decoder(
                new Embedding(table, targetVocabulary, embedding),
                cell,
                layers,
                between
                        ? Optional.of(RecurrentParameters.of("decoder.second", cell, settings.memorySize(), hidden))
                        : Optional.empty(),
                decoder.connection(),
                context(),
                decoder.feeding(),
                readout(),
                output(table));
    }

    private Output output(String table) {
        var scores = new Projection(
                settings.output().tie() == OutputSettings.Tie.NONE ? "output.weight" : table,
                Optional.of("output.bias"),
                settings.outputInput(),
                targetVocabulary);
        return switch (settings.output().kind()) {
            case GENERATE -> new Output.Generate(scores);
            case GENERATE_OR_COPY ->
                new Output.GenerateOrCopy(scores, Projection.of("output.gate", settings.readoutParts(), 1));
            case COPY -> new Output.Copy();
        };
    }

    private Context context() {
        return switch (settings.context().kind()) {
            case FIRST -> new Context.None();
            case EVERY, BOTH -> new Context.Fixed(settings.context().summary());
            case ATTENTION -> {
                AttentionSettings attention = settings.attention();
                yield new Context.Attended(new Attention(score(), attention.heads(), attention.query()));
            }
        };
    }

    private Attention.Score score() {
        int memory = settings.memorySize();
        int hidden = settings.decoder().hiddenSize();
        int size = settings.attention().size();
        return switch (settings.attention().score()) {
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
        if (settings.context().kind() != ContextSettings.Kind.FIRST) {
            parts.add(Readout.Part.CONTEXT);
        }
        if (settings.output().readsEmbedding()) {
            parts.add(Readout.Part.EMBEDDING);
        }
        return switch (settings.output().readout()) {
            case STRAIGHT -> new Readout(parts, Optional.empty(), Activation.IDENTITY);
            case TANH ->
                new Readout(
                        parts,
                        Optional.of(Projection.of("readout", settings.readoutParts(), settings.outputInput())),
                        Activation.TANH);
        };
    }
}
