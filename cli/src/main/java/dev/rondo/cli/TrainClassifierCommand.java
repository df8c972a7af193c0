package dev.rondo.cli;

import dev.rondo.error.InputException;
import dev.rondo.format.Segmentation;
import dev.rondo.train.network.Column;
import dev.rondo.train.network.LabelledFeatures;
import dev.rondo.train.network.LabelledText;
import dev.rondo.train.network.LabelledTexts;
import dev.rondo.train.network.NetworkData;
import dev.rondo.train.network.NetworkTraining;
import dev.rondo.train.network.NetworkTrainingSettings;
import dev.rondo.train.network.NumberScaling;
import dev.rondo.train.network.NumberTable;
import dev.rondo.train.network.ObjectiveSettings;
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
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a classifier. */
@Command(
        name = "classify",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        defaultValueProvider = TrainClassifierCommand.Defaults.class,
        customSynopsis = "rondo train classify --data FILE... --out MODEL [OPTION]...",
        description = {
            "Trains a network that gives each text, or each row of numbers, one of some classes, and writes the one"
                    + " that is right most often on the validation samples.",
            "A line of the data is a class, a tab and a text; --label-column and --text-column name others, and a file"
                    + " whose name ends in .csv has commas between them. docs/training.md tells more."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {" 0:done", " 2:bad usage or bad input", " 3:internal failure", " 130:stopped by Ctrl-C"})
final class TrainClassifierCommand implements Callable<Integer> {
    private static final double ADAM_RATE = 0.001;
    private static final Map<Segmentation, String> NETWORKS = Map.of(
            Segmentation.WORDS, "embedding(100) dropout(0.3) lstm(100, bidirectional) pool(max) dropout(0.5)",
            Segmentation.CHARACTERS, "embedding(64) lstm(128, bidirectional) pool(max) dropout(0.3)");
    private static final String NUMBER_NETWORK = "linear(64) relu linear(64) relu";

    @Spec
    private CommandSpec spec;

    @Mixin
    private PartOptions parts;

    @Option(
            names = "--label-column",
            paramLabel = "COLUMN",
            description = "The column of the class: its number, or its name where the first row names the columns "
                    + "(default: 1).")
    private String label;

    @Option(names = "--text-column", paramLabel = "COLUMN", description = "The column of the text (default: 2).")
    private String text;

    @Option(
            names = "--label-of-file",
            description = "Each line of a file is a text, and the file's name without its ending the class of all.")
    private boolean labelOfFile;

    @Option(
            names = "--numbers",
            description = "Read numbers, not texts: of all columns but the class, or those of --columns.")
    private boolean numbers;

    @Mixin
    private ImageOptions images;

    @Option(
            names = "--columns",
            paramLabel = "COLUMN",
            split = ",",
            description = "The columns of numbers that are read (default: all but the class).")
    private List<String> columns = List.of();

    @Option(
            names = "--scale",
            paramLabel = "KIND",
            description =
                    "How numbers are scaled, which the model then does by itself: standard (mean 0, deviation 1), unit"
                            + " (0 to 1), symmetric (-1 to 1), common (all by one factor) or none (default: standard;"
                            + " common for images).")
    private String scale;

    @Option(
            names = "--unit",
            paramLabel = "UNIT",
            defaultValue = "words",
            description = "What a token of a text is: words or characters (default: ${DEFAULT-VALUE}).")
    private String unit;

    @Mixin
    private TextUnitOptions units;

    @Mixin
    private StartOptions start;

    @Mixin
    private NetworkTrainingOptions network;

    @Option(
            names = "--class-weights",
            paramLabel = "KIND",
            defaultValue = "none",
            description = "none, or balanced: each class weighs as much as any other in the loss, however rare it is "
                    + "(default: ${DEFAULT-VALUE}).")
    private String classWeights;

    @Option(
            names = "--label-smoothing",
            paramLabel = "EPSILON",
            defaultValue = "0",
            description = "The share of each target that all classes have alike (default: ${DEFAULT-VALUE}).")
    private double smoothing;

    @Option(
            names = "--stop-on",
            paramLabel = "MEASURE",
            defaultValue = "accuracy",
            description = "What decides which parameters are the best: accuracy or loss (default: ${DEFAULT-VALUE}).")
    private String measure;

    @Mixin
    private OptimisationOptions optimisation;

    @Mixin
    private TrainingRun run;

    /** Where networks of layers want other numbers than language models. */
    static final class Defaults implements IDefaultValueProvider {
        private static final Map<String, String> VALUES = Map.of(
                "--optimizer", "adam",
                "--schedule", "plateau",
                "--warm-up", "0",
                "--epochs", "30",
                "--patience", "6",
                "--shards", "2");

        Defaults() {}

        @Override
        public String defaultValue(ArgSpec argument) {
            return argument instanceof OptionSpec option ? VALUES.get(option.longestName()) : null;
        }
    }

    @Override
    public Integer call() throws IOException {
        int threads = run.threads(optimisation.shards());
        images.check();
        start.check();
        if (!images.areGiven()) {
            parts.check();
        } else if (parts.areGiven()) {
            throw new InputException("--data and --images", "exclude each other", "both", "leave one of them out");
        }
        var files = new ArrayList<>(images.areGiven() ? images.files() : parts.files());
        files.addAll(start.files());
        NetworkTrainingSettings settings = run.resumes() ? null : settings(threads);
        Set<String> data = new HashSet<>(PartOptions.DATA);
        data.addAll(ImageOptions.NAMES);
        data.addAll(StartOptions.NAMES);
        data.addAll(Set.of("--label-column", "--text-column", "--label-of-file", "--numbers", "--columns"));
        run.check(spec, files, data);
        NetworkData samples = samples(run.resumes() ? seedOf(run) : optimisation.seed());
        var scores = new TestScores("sample");
        if (!run.resumes()) {
            network.validate(
                    settings, samples, start.start(), scores, spec.commandLine().getErr());
        }
        var kind = new TrainingRun.Kind(
                "train classify", commandLine(), files, Measures.nats("sample").withQuality("accuracy"), scores);
        return run.run(
                spec,
                kind,
                (out, checkpoint, resume, listener) -> scores.keep(
                        resume
                                ? NetworkTraining.resume(checkpoint, samples, start.start(), out, threads, listener)
                                : NetworkTraining.run(
                                        settings, samples, start.start(), out, Optional.of(checkpoint), listener)));
    }

    /** The seed that dealt the samples of a run that is resumed. */
    static long seedOf(TrainingRun run) throws IOException {
        String seed = run.setting("seed", "1");
        return seed.matches("-?[0-9]{1,18}") ? Long.parseLong(seed) : 1;
    }

    private String commandLine() {
        var words = new ArrayList<String>();
        for (String data : List.of(parts.commandLine(), images.commandLine())) {
            if (!data.isEmpty()) {
                words.add(data);
            }
        }
        PartOptions.add(words, "--label-column", label);
        PartOptions.add(words, "--text-column", text);
        if (labelOfFile) {
            words.add("--label-of-file");
        }
        if (numbers) {
            words.add("--numbers");
        }
        PartOptions.add(words, "--columns", columns.isEmpty() ? null : String.join(",", columns));
        return String.join(" ", words) + start.commandLine();
    }

    /** What the options say. */
    NetworkTrainingSettings settings(int threads) throws IOException {
        belongs("--columns", !columns.isEmpty() && !numbers, "--numbers");
        belongs("--scale", scale != null && !numbers && !images.areGiven(), "--numbers and --images");
        start.checkScale(scale != null);
        belongs("--numbers", numbers && images.areGiven(), "tables");
        belongs("--text-column", text != null && (numbers || labelOfFile), "tables of texts");
        belongs("--label-column", label != null && labelOfFile, "tables");
        belongs("--label-of-file", labelOfFile && numbers, "texts");
        Segmentation segmentation =
                Choice.of("--unit", unit, Map.of("words", Segmentation.WORDS, "characters", Segmentation.CHARACTERS));
        String usual = start.network(numbers ? NUMBER_NETWORK : NETWORKS.get(segmentation));
        String usualScale = images.areGiven() ? "common" : "standard";
        return network.settings(images.areGiven() && !network.isGiven() ? images.network() : usual)
                .units(units.units(segmentation))
                .scaling(scaling(scale == null ? usualScale : scale))
                .objective(new ObjectiveSettings(
                        ObjectiveSettings.Kind.CROSS_ENTROPY,
                        smoothing,
                        Choice.of("--class-weights", classWeights, Map.of("none", false, "balanced", true))))
                .judge(Choice.of(
                        "--stop-on",
                        measure,
                        Map.of(
                                "accuracy", NetworkTrainingSettings.Judge.ACCURACY,
                                "loss", NetworkTrainingSettings.Judge.LOSS)))
                .training(optimisation.training(threads, ADAM_RATE, start.frozen()))
                .build();
    }

    static NumberScaling scaling(String name) {
        return Choice.of(
                "--scale",
                name,
                Map.of(
                        "none", NumberScaling.NONE,
                        "standard", NumberScaling.STANDARD,
                        "unit", NumberScaling.UNIT,
                        "symmetric", NumberScaling.SYMMETRIC,
                        "common", NumberScaling.COMMON));
    }

    private static void belongs(String option, boolean wrong, String to) {
        if (wrong) {
            throw new InputException(option, "belongs to " + to, "other data", "leave it out");
        }
    }

    private NetworkData samples(long seed) throws IOException {
        if (images.areGiven()) {
            return images.data(parts.validShare(), parts.testShare(), seed);
        }
        Column labels = new Column(label == null ? "1" : label);
        if (numbers) {
            List<Column> read = columns.stream().map(Column::new).toList();
            Path first = parts.files().getFirst();
            return new NetworkData.Features(
                    parts.stratified(file -> table(file, labels, read).labelledRows(), LabelledFeatures::label, seed),
                    table(first, labels, read).inputs());
        }
        Column texts = new Column(text == null ? "2" : text);
        return new NetworkData.Texts(parts.stratified(
                file -> labelOfFile
                        ? LabelledTexts.lines(file.toString(), TextFile.read(file), nameOf(file))
                        : LabelledTexts.table(file.toString(), TextFile.read(file), labels, texts),
                LabelledText::label,
                seed));
    }

    private static NumberTable table(Path file, Column label, List<Column> read) throws IOException {
        return NumberTable.labelled(file.toString(), TextFile.read(file), label, read);
    }

    private static String nameOf(Path file) {
        return String.valueOf(OutputFile.sibling(file, "").getFileName());
    }
}
