package dev.rondo.cli;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Dropout;
import dev.rondo.error.InputException;
import dev.rondo.format.Encoding;
import dev.rondo.graph.Activation;
import dev.rondo.train.Initialisation;
import dev.rondo.train.lm.LanguageModelSettings;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** What a recurrent network looks like, how it begins, and how it is stored. */
final class NetworkOptions {
    static final Map<String, Cell> CELLS = Map.of(
            "elman", new Cell.Elman(Activation.TANH),
            "lstm", new Cell.Lstm(),
            "gru", new Cell.Gru(true));

    static final Map<String, Initialisation> INITIALISATIONS = Map.of(
            "orthogonal", new Initialisation.Orthogonal(),
            "xavier", new Initialisation.Xavier(),
            "he", new Initialisation.He());

    static final Map<String, Encoding> DTYPES =
            Map.of("f32", Encoding.F32, "f16", Encoding.F16, "bf16", Encoding.BF16, "int8", Encoding.INT8);

    /** What {@link #network} says itself. */
    private static final List<String> SAID = List.of(
            "--cell",
            "--hidden",
            "--layers",
            "--embedding",
            "--tie",
            "--dropout",
            "--dropout-input",
            "--init",
            "--forget-bias");

    @Option(
            names = "--network",
            paramLabel = "LAYERS",
            description = "Its layers from the input on, without the map to the tokens, instead of a stack of one cell:"
                    + " 'embedding(64) conv(256, 5, causal) tanh' sees five tokens. docs/architectures.md lists"
                    + " them.")
    private String network;

    @Option(
            names = "--cell",
            paramLabel = "CELL",
            defaultValue = "lstm",
            description = "elman, lstm or gru (default: ${DEFAULT-VALUE}).")
    private String cell;

    @Option(
            names = "--hidden",
            paramLabel = "N",
            defaultValue = "512",
            description = "Units of a layer (default: ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(
            names = "--layers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Layers on top of each other (default: ${DEFAULT-VALUE}).")
    private int layers;

    @Option(
            names = "--embedding",
            paramLabel = "N",
            description = "Numbers that stand for a token (default: 64; with --tie as many as hidden units).")
    private Integer embedding;

    @Option(names = "--tie", description = "The output matrix is the embedding.")
    private boolean tie;

    @Option(names = "--bidirectional", hidden = true, description = "Refused, with the reason.")
    private boolean bidirectional;

    @Option(
            names = "--dropout",
            paramLabel = "P",
            defaultValue = "0.5",
            description = "Share of a layer's outputs that is dropped in training, after each layer "
                    + "(default: ${DEFAULT-VALUE}).")
    private double dropout;

    @Option(
            names = "--dropout-input",
            paramLabel = "P",
            defaultValue = "0",
            description = "The same for the embedding (default: ${DEFAULT-VALUE}).")
    private double dropoutInput;

    @Option(
            names = "--init",
            paramLabel = "KIND",
            description = "How all matrices but the embedding begin: orthogonal, xavier or he (default: recurrent ones "
                    + "orthogonal, the others xavier).")
    private String init;

    @Option(
            names = "--forget-bias",
            paramLabel = "X",
            defaultValue = "1",
            description = "Where the bias of an LSTM's forget gate begins (default: ${DEFAULT-VALUE}).")
    private double forgetBias;

    @Option(
            names = "--random-state",
            paramLabel = "DEVIATION",
            defaultValue = "0",
            description = "In training, streams begin with normal random states; 0 for zeros "
                    + "(default: ${DEFAULT-VALUE}).")
    private double randomState;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "bf16",
            description = "How the file stores matrices: f32, f16, bf16 or int8 (default: ${DEFAULT-VALUE}). Training "
                    + "computes in f32.")
    private String dtype;

    void apply(LanguageModelSettings.Builder settings, CommandSpec spec) {
        if (network != null) {
            for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
                if (SAID.contains(option.longestName())) {
                    throw new InputException(
                            option.longestName(), "is not given with --network, which says it", "both", "leave it out");
                }
            }
            settings.network(network);
        }
        settings.bidirectional(bidirectional)
                .cell(Choice.of("--cell", cell, CELLS))
                .hiddenSize(hidden)
                .numLayers(layers)
                .tied(tie)
                .dropout(new Dropout(dropoutInput, layers > 1 ? dropout : 0, dropout))
                .forgetBias(forgetBias)
                .initialStateDeviation(randomState)
                .encoding(Choice.of("--dtype", dtype, DTYPES));
        if (embedding != null) {
            settings.embeddingSize(embedding);
        } else if (tie) {
            settings.embeddingSize(hidden);
        }
        if (init != null) {
            settings.initialisation(Choice.of("--init", init, INITIALISATIONS));
        }
    }
}
