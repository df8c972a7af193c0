package dev.rondo.cli;

import dev.rondo.error.InputException;
import dev.rondo.train.network.Column;
import dev.rondo.train.network.NetworkData;
import dev.rondo.train.network.NetworkStart;
import dev.rondo.train.network.NetworkTraining;
import dev.rondo.train.network.NetworkTrainingSettings;
import dev.rondo.train.network.NumberSample;
import dev.rondo.train.network.NumberTable;
import dev.rondo.train.network.ObjectiveSettings;
import dev.rondo.train.network.Parts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a network that gives numbers. */
@Command(
        name = "regress",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        defaultValueProvider = TrainClassifierCommand.Defaults.class,
        customSynopsis = "rondo train regress --data FILE... --target COLUMN --out MODEL [OPTION]...",
        description = {
            "Trains a network that gives numbers for the numbers of a row; or, with --window, for the rows of a series"
                    + " what comes next. It writes the one with the lowest loss on the validation samples.",
            "A file whose name ends in .csv has commas between columns, others have tabs. rondo predict takes such a"
                    + " table and adds what the model says."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {" 0:done", " 2:bad usage or bad input", " 3:internal failure", " 130:stopped by Ctrl-C"})
final class TrainRegressionCommand implements Callable<Integer> {
    private static final double ADAM_RATE = 0.001;
    private static final String ROW_NETWORK = "linear(64) tanh linear(64) tanh";
    private static final String SERIES_NETWORK = "lstm(64) pool(last)";

    @Spec
    private CommandSpec spec;

    @Mixin
    private PartOptions parts;

    @Option(
            names = "--target",
            paramLabel = "COLUMN",
            split = ",",
            required = true,
            description =
                    "The columns to predict: their numbers, or their names where the first row names the columns.")
    private List<String> targets;

    @Option(
            names = "--columns",
            paramLabel = "COLUMN",
            split = ",",
            description = "The columns that are read (default: all others; with --window all).")
    private List<String> columns = List.of();

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "The rows are a series: read N of them to forecast the next ones.")
    private Integer window;

    @Option(
            names = "--horizon",
            paramLabel = "N",
            description = "With --window, how many rows are forecast (default: 1).")
    private Integer horizon;

    @Option(
            names = "--scale",
            paramLabel = "KIND",
            description =
                    "How numbers are scaled, which the model then does by itself: standard (mean 0, deviation 1), unit"
                            + " (0 to 1), symmetric (-1 to 1), common (all by one factor) or none (default:"
                            + " standard).")
    private String scale;

    @Option(
            names = "--loss",
            paramLabel = "KIND",
            defaultValue = "squared",
            description = "Of an error: squared or absolute (default: ${DEFAULT-VALUE}).")
    private String loss;

    @Option(
            names = "--from",
            paramLabel = "MODEL",
            description = "Begin as this model: with its scaling and, where they are not named, its columns, window,"
                    + " horizon and network; what gives the numbers begins anew where the targets are others.")
    private Path from;

    /** What the model that is the beginning says about itself; empty without one. */
    private Map<String, String> known = Map.of();

    @Mixin
    private NetworkTrainingOptions network;

    @Mixin
    private OptimisationOptions optimisation;

    @Mixin
    private TrainingRun run;

    @Override
    public Integer call() throws IOException {
        int threads = run.threads(optimisation.shards());
        parts.check();
        takeOver();
        Range.check(window == null || window >= 1 && window <= 1 << 16, "--window", "is 1 to 65536", window);
        Range.check(horizon == null || horizon >= 1 && horizon <= 1 << 12, "--horizon", "is 1 to 4096", horizon);
        if (horizon != null && window == null) {
            throw new InputException("--horizon", "belongs to --window", "none", "give a window, too");
        }
        NetworkTrainingSettings settings = run.resumes() ? null : settings(threads);
        Set<String> data = new HashSet<>(PartOptions.DATA);
        data.addAll(Set.of("--from", "--target", "--columns", "--window", "--horizon"));
        var files = new ArrayList<>(parts.files());
        if (from != null) {
            files.add(from);
        }
        run.check(spec, files, data);
        var start = new NetworkStart(Optional.ofNullable(from), Optional.empty());
        NetworkData samples = samples(run.resumes() ? TrainClassifierCommand.seedOf(run) : optimisation.seed());
        var scores = new TestScores(TestScores.NUMBER);
        if (!run.resumes()) {
            network.validate(
                    settings, samples, start, scores, spec.commandLine().getErr());
        }
        var kind = new TrainingRun.Kind("train regress", commandLine(), files, Measures.error(loss, "number"), scores);
        return run.run(
                spec,
                kind,
                (out, checkpoint, resume, listener) -> scores.keep(
                        resume
                                ? NetworkTraining.resume(checkpoint, samples, start, out, threads, listener)
                                : NetworkTraining.run(
                                        settings, samples, start, out, Optional.of(checkpoint), listener)));
    }

    /** From the model that is the beginning what the options do not say. */
    private void takeOver() throws IOException {
        StartOptions.checkScale(from, scale != null);
        if (from == null) {
            return;
        }
        known = StartOptions.metadata(from);
        if (columns.isEmpty() && !known.getOrDefault("inputs", "").isEmpty()) {
            columns = List.of(known.get("inputs").split("\t", -1));
        }
        window = window == null ? number("window") : window;
        horizon = horizon == null && window != null ? number("horizon") : horizon;
    }

    /** Empty for none. */
    private Integer number(String key) {
        String text = known.getOrDefault(key, "0");
        return text.matches("[1-9][0-9]{0,4}") ? Integer.valueOf(text) : null;
    }

    private String commandLine() {
        var words = new ArrayList<>(List.of(parts.commandLine()));
        PartOptions.add(words, "--target", String.join(",", targets));
        PartOptions.add(words, "--columns", columns.isEmpty() ? null : String.join(",", columns));
        PartOptions.add(words, "--window", window);
        PartOptions.add(words, "--horizon", horizon);
        PartOptions.add(words, "--from", from == null ? null : CorpusOptions.quoted(from));
        return String.join(" ", words);
    }

    /** What the options say. */
    NetworkTrainingSettings settings(int threads) {
        String usual = window == null ? ROW_NETWORK : SERIES_NETWORK;
        return network.settings(known.getOrDefault("settings.network", usual))
                .scaling(TrainClassifierCommand.scaling(scale == null ? "standard" : scale))
                .objective(ObjectiveSettings.of(Choice.of(
                        "--loss",
                        loss,
                        Map.of(
                                "squared", ObjectiveSettings.Kind.SQUARED,
                                "absolute", ObjectiveSettings.Kind.ABSOLUTE))))
                .judge(NetworkTrainingSettings.Judge.LOSS)
                .training(optimisation.training(threads, ADAM_RATE))
                .build();
    }

    private NetworkData samples(long seed) throws IOException {
        // The columns' names come from the first file; others have as many, or reading them fails.
        var first = table(parts.files().getFirst());
        Parts<NumberSample> samples = window == null
                ? parts.stratified(file -> table(file).rows(), sample -> "", seed)
                : parts.parts(file -> table(file).windows(window, ahead()), Parts::inOrder);
        return new NetworkData.Numbers(
                samples, first.inputs(), first.targets(), window == null ? 0 : window, window == null ? 0 : ahead());
    }

    private int ahead() {
        return horizon == null ? 1 : horizon;
    }

    private NumberTable table(Path file) throws IOException {
        List<Column> wanted = targets.stream().map(Column::new).toList();
        List<Column> read = columns.stream().map(Column::new).toList();
        String text = TextFile.read(file);
        return window == null
                ? NumberTable.targets(file.toString(), text, wanted, read)
                : NumberTable.series(file.toString(), text, wanted, read);
    }
}
