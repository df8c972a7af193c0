package dev.rondo.cli;

import dev.rondo.train.network.NetworkData;
import dev.rondo.train.network.NetworkFolds;
import dev.rondo.train.network.NetworkStart;
import dev.rondo.train.network.NetworkTrainingSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Option;

/** What any network of layers is, whatever it reads. */
final class NetworkTrainingOptions {
    @Option(
            names = "--network",
            paramLabel = "LAYERS",
            description = "Its layers from the input on, without the last map to what is asked for. For classes of texts"
                    + " such as 'embedding(100) lstm(100, bidirectional) pool(max)', for tags without pool(max), for"
                    + " numbers such as 'linear(64) relu'; docs/architectures.md lists them (default: one that suits the"
                    + " data, which 'rondo inspect MODEL' shows).")
    private String network;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Samples of a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "f32",
            description = "How the file stores matrices: f32, f16, bf16 or int8 (default: ${DEFAULT-VALUE}). Training "
                    + "computes in f32.")
    private String dtype;

    @Option(
            names = "--folds",
            paramLabel = "K",
            description =
                    "First deal the data into K parts and train K networks, each tested on one part, to say how good"
                            + " such a network is and how much that varies; then train as ever.")
    private Integer folds;

    /** Cross-validates, where that is wanted. */
    void validate(
            NetworkTrainingSettings settings, NetworkData data, NetworkStart start, TestScores scores, PrintWriter err)
            throws IOException {
        if (folds == null) {
            return;
        }
        Range.check(folds >= 2 && folds <= 1000, "--folds", "is 2 to 1000", folds);
        scores.keep(NetworkFolds.run(settings, data, start, folds, (fold, score) -> {
            err.printf(Locale.ROOT, "fold %d of %d: %.4f%n", fold, folds, score);
            err.flush();
        }));
    }

    /** The settings so far. */
    NetworkTrainingSettings.Builder settings(String usual) {
        return NetworkTrainingSettings.builder(network == null ? usual : network)
                .batchSize(batch)
                .encoding(Choice.of("--dtype", dtype, NetworkOptions.DTYPES));
    }

    /** Whether the layers were named. */
    boolean isGiven() {
        return network != null;
    }
}
