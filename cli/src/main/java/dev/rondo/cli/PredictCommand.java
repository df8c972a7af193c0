package dev.rondo.cli;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.prediction.Predictor;
import dev.rondo.train.network.Column;
import dev.rondo.train.network.NumberTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Predicts numbers, or classes of rows of numbers. */
@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Prints what a model of numbers says of each row of a table, or with what each window of a series goes on.",
            "The table has the columns that the model was trained on; what else it has is not looked at. The output"
                    + " has commas between columns, the first of which is the number of the last row read."
        })
final class PredictCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "MODEL",
            description = "A .rondo file of 'rondo train regress', or of 'classify --numbers'.")
    private Path file;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            required = true,
            description = "The table: with commas between columns if its name ends in .csv, else with tabs.")
    private Path data;

    @Option(names = "--scores", description = "Of classes, print the probability of each.")
    private boolean scores;

    @Mixin
    private KernelOption kernels;

    @Override
    public Integer call() throws IOException {
        try (Model model = Model.open(file)) {
            Predictor predictor = Predictor.of(model, kernels.kernel());
            NumberTable table = NumberTable.inputs(
                    data.toString(),
                    TextFile.read(data),
                    predictor.inputs().stream().map(Column::new).toList());
            int window = Math.max(1, predictor.window());
            if (table.size() < window) {
                throw new InputException(
                        data.toString(),
                        "has at least the " + window + " rows that the model reads at once",
                        table.size() + "",
                        "give a longer series");
            }
            PrintWriter out = spec.commandLine().getOut();
            out.print("row," + String.join(",", header(predictor)) + "\n");
            for (int last = window; last <= table.size(); last++) {
                float[] found =
                        predictor.predict(table.x().subList(last - window, last).toArray(float[][]::new));
                out.print(last + "," + text(predictor, found) + "\n");
            }
            out.flush();
        }
        return Main.DONE;
    }

    private List<String> header(Predictor predictor) {
        if (predictor.classifies() && !scores) {
            return List.of("class");
        }
        var names = new ArrayList<String>();
        for (int step = 1; step <= Math.max(1, predictor.horizon()); step++) {
            for (String target : predictor.targets()) {
                names.add(cell(predictor.horizon() > 1 ? target + "+" + step : target));
            }
        }
        return names;
    }

    private String text(Predictor predictor, float[] found) {
        if (predictor.classifies() && !scores) {
            int best = 0;
            for (int k = 1; k < found.length; k++) {
                best = found[k] > found[best] ? k : best;
            }
            return cell(predictor.targets().get(best));
        }
        var cells = new ArrayList<String>();
        for (float value : found) {
            cells.add(String.format(Locale.ROOT, "%.7g", value));
        }
        return String.join(",", cells);
    }

    /** As a table takes it (RFC 4180). */
    private static String cell(String text) {
        return text.matches("[^,\"\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
