package dev.rondo.cli;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.error.InputException;
import dev.rondo.format.Encoding;
import dev.rondo.train.seq2seq.AttentionSettings;
import dev.rondo.train.seq2seq.ContextSettings;
import dev.rondo.train.seq2seq.DecoderSettings;
import dev.rondo.train.seq2seq.EncoderSettings;
import dev.rondo.train.seq2seq.NetworkSettings;
import dev.rondo.train.seq2seq.OutputSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** What an encoder-decoder looks like, how it begins, and how it is stored. */
final class EncoderDecoderOptions {
    @Option(
            names = "--decoder-only",
            description =
                    "No encoder: a language model of pairs that a token joins, --decoder-layers of --hidden units. "
                            + "It learns to write what comes after that token. Both sides have one vocabulary.")
    private boolean decoderOnly;

    @Option(names = "--encoder", paramLabel = "KIND", description = "recurrent or convolutional (default: recurrent).")
    private String encoder;

    @Option(
            names = "--cell",
            paramLabel = "CELL",
            defaultValue = "gru",
            description = "elman, lstm or gru (default: ${DEFAULT-VALUE}).")
    private String cell;

    @Option(
            names = "--embedding",
            paramLabel = "N",
            defaultValue = "256",
            description = "Numbers that stand for a token (default: ${DEFAULT-VALUE}).")
    private int embedding;

    @Option(
            names = "--hidden",
            paramLabel = "N",
            defaultValue = "256",
            description = "Units of a layer of the decoder (default: ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(
            names = "--encoder-hidden",
            paramLabel = "N",
            description =
                    "Units of a layer of the encoder in each direction, or channels of a convolution (default: as "
                            + "--hidden; half of it where one has to equal the other).")
    private Integer encoderHidden;

    @Option(names = "--encoder-layers", paramLabel = "N", description = "On top of each other (default: 1).")
    private Integer encoderLayers;

    @Option(
            names = "--decoder-layers",
            paramLabel = "N",
            defaultValue = "1",
            description = "On top of each other (default: ${DEFAULT-VALUE}).")
    private int decoderLayers;

    @Option(names = "--unidirectional", description = "The encoder reads forward only.")
    private boolean unidirectional;

    @Option(
            names = "--kernel",
            paramLabel = "N",
            description = "Places that a convolution of the encoder sees, an odd number (default: 3).")
    private Integer kernel;

    @Option(
            names = "--encoder-connection",
            paramLabel = "KIND",
            description =
                    "What goes past a layer of the encoder: none, residual, highway, or skip, the embedding to every "
                            + "layer (default: none).")
    private String encoderConnection;

    @Option(
            names = "--decoder-connection",
            paramLabel = "KIND",
            defaultValue = "none",
            description = "The same of the decoder: none, residual or skip (default: ${DEFAULT-VALUE}).")
    private String decoderConnection;

    @Option(
            names = "--context",
            paramLabel = "KIND",
            description =
                    "How the decoder sees the source: attention; or without it a summary as its first state (first),"
                            + " at every step (every), or both (default: attention).")
    private String context;

    @Option(
            names = "--summary",
            paramLabel = "KIND",
            description = "One vector for the source: last, last-of-layer, mean or max (default: mean; last without "
                    + "attention).")
    private String summary;

    @Option(
            names = "--bridge",
            paramLabel = "KIND",
            description =
                    "Where the decoder begins: zero, copy of the encoder's last states, the summary itself (same), or "
                            + "tanh of a linear map of it (projected) (default: projected; zero with context every).")
    private String bridge;

    @Option(
            names = "--attention",
            paramLabel = "SCORE",
            description = "dot, scaled-dot, general, low-rank or additive (default: additive).")
    private String attention;

    @Option(
            names = "--attention-size",
            paramLabel = "N",
            description = "Of additive attention; the rank of low-rank (default: as --hidden).")
    private Integer attentionSize;

    @Option(names = "--heads", paramLabel = "N", description = "Of attention (default: 1).")
    private Integer heads;

    @Option(
            names = "--query",
            paramLabel = "WHEN",
            description = "Which state asks: that before the step, that after it, or that between the two cells of a "
                    + "conditional step (default: between).")
    private String query;

    @Option(names = "--input-feeding", description = "A step reads the readout of the step before.")
    private boolean feeding;

    @Option(
            names = "--readout",
            paramLabel = "KIND",
            description = "From state and context to the output: tanh, through a linear map and tanh, or straight "
                    + "(default: tanh; straight with --output copy or --decoder-only).")
    private String readout;

    @Option(
            names = "--readout-size",
            paramLabel = "N",
            description = "Of tanh (default: that of the embedding; with --tie none as --hidden).")
    private Integer readoutSize;

    @Option(names = "--readout-without-embedding", description = "The readout does not see the token of the step.")
    private boolean withoutEmbedding;

    @Option(
            names = "--output",
            paramLabel = "KIND",
            description =
                    "generate tokens; generate-or-copy, from the source too (pointer-generator); or copy, from the "
                            + "source only (pointer). Those that copy have one vocabulary (default: generate).")
    private String output;

    @Option(
            names = "--tie",
            paramLabel = "KIND",
            description =
                    "Which tables are one: none; output, the target's embedding and the output's matrix; or all, the"
                            + " source's embedding too, with one vocabulary (default: output, with --decoder-only all;"
                            + " none with a straight readout).")
    private String tie;

    @Option(
            names = "--init",
            paramLabel = "KIND",
            description =
                    "How all matrices but the embeddings begin: orthogonal, xavier or he (default: recurrent ones "
                            + "orthogonal, the others xavier).")
    private String init;

    @Option(
            names = "--forget-bias",
            paramLabel = "X",
            description = "Where the bias of an LSTM's forget gate begins (default: 1).")
    private Double forgetBias;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "bf16",
            description = "How the file stores matrices: f32, f16, bf16 or int8 (default: ${DEFAULT-VALUE}). Training "
                    + "computes in f32.")
    private String dtype;

    private static <E extends Enum<E>> E constant(String option, String word, E[] values) {
        return Choice.of(
                option,
                word,
                Stream.of(values)
                        .collect(Collectors.toMap(
                                v -> v.name().toLowerCase(Locale.ROOT).replace('_', '-'), Function.identity())));
    }

    Encoding encoding() {
        return Choice.of("--dtype", dtype, NetworkOptions.DTYPES);
    }

    private int encoderLayers() {
        return encoderLayers == null ? 1 : encoderLayers;
    }

    private static String or(String word, String other) {
        return word == null ? other : word;
    }

    NetworkSettings network() {
        Cell chosen = Choice.of("--cell", cell, NetworkOptions.CELLS);
        OptimisationOptions.belongs("--forget-bias", forgetBias, cell, List.of("lstm"));
        NetworkSettings.Builder settings = (decoderOnly ? decoderAlone(chosen) : encoderDecoder(chosen))
                .forgetBias(forgetBias == null ? 1 : forgetBias);
        if (init != null) {
            settings.initialisation(Choice.of("--init", init, NetworkOptions.INITIALISATIONS));
        }
        return settings.build();
    }

    /** A language model's options, and a readout. */
    private NetworkSettings.Builder decoderAlone(Cell chosen) {
        Map<String, Object> others = new LinkedHashMap<>();
        others.put("--encoder", encoder);
        others.put("--encoder-hidden", encoderHidden);
        others.put("--encoder-layers", encoderLayers);
        others.put("--unidirectional", unidirectional ? true : null);
        others.put("--kernel", kernel);
        others.put("--encoder-connection", encoderConnection);
        others.put("--context", context);
        others.put("--summary", summary);
        others.put("--bridge", bridge);
        others.put("--attention", attention);
        others.put("--attention-size", attentionSize);
        others.put("--heads", heads);
        others.put("--query", query);
        others.put("--input-feeding", feeding ? true : null);
        others.put("--readout-without-embedding", withoutEmbedding ? true : null);
        others.put("--output", output);
        others.forEach((option, value) ->
                OptimisationOptions.belongs(option, value, "--decoder-only", List.of("encoder-decoders")));
        OutputSettings.Readout kind = constant("--readout", or(readout, "straight"), OutputSettings.Readout.values());
        OptimisationOptions.belongs("--readout-size", readoutSize, or(readout, "straight"), List.of("tanh"));
        OutputSettings.Tie which = tie == null
                ? kind == OutputSettings.Readout.TANH ? OutputSettings.Tie.ALL : OutputSettings.Tie.NONE
                : constant("--tie", tie, new OutputSettings.Tie[] {OutputSettings.Tie.NONE, OutputSettings.Tie.ALL});
        return NetworkSettings.decoderOnly(chosen, embedding, decoder(), which == OutputSettings.Tie.ALL)
                .output(new OutputSettings(kind, readoutSize(), false, OutputSettings.Kind.GENERATE, which));
    }

    private NetworkSettings.Builder encoderDecoder(Cell chosen) {
        boolean convolutional =
                Choice.of("--encoder", or(encoder, "recurrent"), Map.of("recurrent", false, "convolutional", true));
        OptimisationOptions.belongs("--kernel", kernel, or(encoder, "recurrent"), List.of("convolutional"));
        OptimisationOptions.belongs(
                "--unidirectional", unidirectional ? true : null, or(encoder, "recurrent"), List.of("recurrent"));
        // First: where nothing else is said, the sizes of the others are its.
        DecoderSettings decoder = decoder();
        ContextSettings seen = context(convolutional);
        AttentionSettings attends = attention(seen.kind() == ContextSettings.Kind.ATTENTION);
        return NetworkSettings.builder()
                .cell(chosen)
                .embeddingSize(embedding)
                .encoder(encoder(convolutional, seen, attends))
                .decoder(decoder)
                .context(seen)
                .attention(attends)
                .output(output());
    }

    private DecoderSettings decoder() {
        return new DecoderSettings(
                hidden,
                decoderLayers,
                constant("--decoder-connection", decoderConnection, Connection.values()),
                feeding);
    }

    private ContextSettings context(boolean convolutional) {
        ContextSettings.Kind kind = constant("--context", or(context, "attention"), ContextSettings.Kind.values());
        boolean attends = kind == ContextSettings.Kind.ATTENTION;
        Summary vector = summary == null
                ? attends || convolutional ? Summary.MEAN : Summary.LAST
                : constant("--summary", summary, Summary.values());
        ContextSettings.Bridge begin = bridge == null
                ? kind == ContextSettings.Kind.EVERY ? ContextSettings.Bridge.ZERO : ContextSettings.Bridge.PROJECTED
                : constant("--bridge", bridge, ContextSettings.Bridge.values());
        return new ContextSettings(kind, vector, begin);
    }

    private AttentionSettings attention(boolean attends) {
        attentionOnly(attends);
        AttentionSettings.Score score =
                constant("--attention", or(attention, "additive"), AttentionSettings.Score.values());
        boolean sized = score == AttentionSettings.Score.ADDITIVE || score == AttentionSettings.Score.LOW_RANK;
        if (attentionSize != null && !sized) {
            throw new InputException(
                    "--attention-size", "belongs to additive and low-rank attention", attention, "leave it out");
        }
        return new AttentionSettings(
                score,
                attentionSize == null ? hidden : attentionSize,
                heads == null ? 1 : heads,
                constant("--query", or(query, "between"), Attention.Query.values()));
    }

    private EncoderSettings encoder(boolean convolutional, ContextSettings seen, AttentionSettings attends) {
        Connection connection = constant("--encoder-connection", or(encoderConnection, "none"), Connection.values());
        if (convolutional) {
            return new EncoderSettings.Convolutional(
                    encoderHidden == null ? hidden : encoderHidden,
                    encoderLayers(),
                    kernel == null ? EncoderSettings.Convolutional.USUAL_KERNEL : kernel,
                    connection);
        }
        boolean dot =
                attends.score() == AttentionSettings.Score.DOT || attends.score() == AttentionSettings.Score.SCALED_DOT;
        // Where the memory has to be as wide as the decoder, each direction is half of it.
        boolean equal = seen.bridge() == ContextSettings.Bridge.COPY
                || seen.bridge() == ContextSettings.Bridge.SAME
                || seen.kind() == ContextSettings.Kind.ATTENTION && dot;
        int usual = equal && !unidirectional ? hidden / 2 : hidden;
        return new EncoderSettings.Recurrent(
                encoderHidden == null ? usual : encoderHidden, encoderLayers(), !unidirectional, connection);
    }

    private OutputSettings output() {
        OutputSettings.Kind kind = constant("--output", or(output, "generate"), OutputSettings.Kind.values());
        boolean pointer = kind == OutputSettings.Kind.COPY && !feeding;
        String chosen = or(readout, pointer ? "straight" : "tanh");
        OutputSettings.Readout through = constant("--readout", chosen, OutputSettings.Readout.values());
        OptimisationOptions.belongs("--readout-size", readoutSize, chosen, List.of("tanh"));
        boolean tied = through == OutputSettings.Readout.TANH && kind != OutputSettings.Kind.COPY;
        return new OutputSettings(
                through,
                readoutSize(),
                !withoutEmbedding,
                kind,
                constant("--tie", or(tie, tied ? "output" : "none"), OutputSettings.Tie.values()));
    }

    private int readoutSize() {
        return readoutSize == null ? 0 : readoutSize;
    }

    private void attentionOnly(boolean attends) {
        if (attends) {
            return;
        }
        OptimisationOptions.belongs("--attention", attention, "context " + context, List.of("context attention"));
        OptimisationOptions.belongs(
                "--attention-size", attentionSize, "context " + context, List.of("context attention"));
        OptimisationOptions.belongs("--heads", heads, "context " + context, List.of("context attention"));
        OptimisationOptions.belongs("--query", query, "context " + context, List.of("context attention"));
    }
}
