package dev.rondo.cli;

import dev.rondo.architecture.Cell;
import dev.rondo.cli.chart.Axis;
import dev.rondo.cli.chart.LineChart;
import dev.rondo.cli.chart.Series;
import dev.rondo.cli.chart.Series.Point;
import dev.rondo.error.InputException;
import dev.rondo.train.synthetic.AddingProblem;
import dev.rondo.train.synthetic.BracketNesting;
import dev.rondo.train.synthetic.CopyMemory;
import dev.rondo.train.synthetic.GradientDistance;
import dev.rondo.train.synthetic.SequenceProblem;
import dev.rondo.train.synthetic.SyntheticSettings;
import dev.rondo.train.synthetic.SyntheticTraining;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a network on a task that is made, to see how long its cell remembers. */
@Command(
        name = "synthetic",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        defaultValueProvider = TrainSyntheticCommand.Defaults.class,
        customSynopsis = "rondo train synthetic --task TASK --length N --cell CELL --out MODEL [OPTION]...",
        description = {
            "Trains one recurrent layer on sequences that are made, and tests it on others: the adding problem, copy"
                    + " memory, or the nesting of brackets. docs/training.md says what they ask.",
            "With --gradients it also draws how far back the gradient of the last answer reaches, before and after"
                    + " training."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {" 0:done", " 2:bad usage or bad input", " 3:internal failure", " 130:stopped by Ctrl-C"})
final class TrainSyntheticCommand implements Callable<Integer> {
    private static final double ADAM_RATE = 0.002;
    private static final int[] PRINTED = {1, 10, 50, 99, 199, 399};

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--task",
            paramLabel = "TASK",
            defaultValue = "adding",
            description = "adding, copy or brackets (default: ${DEFAULT-VALUE}).")
    private String task;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "100",
            description = "Steps over which to remember: of a sequence of numbers; between reading and giving back; "
                    + "characters of a text (default: ${DEFAULT-VALUE}).")
    private int length;

    @Option(names = "--depth", paramLabel = "N", description = "Of brackets: open at once at most (default: 5).")
    private Integer depth;

    @Option(
            names = "--cell",
            paramLabel = "CELL",
            defaultValue = "lstm",
            description = "elman, lstm or gru (default: ${DEFAULT-VALUE}).")
    private String cell;

    @Option(
            names = "--hidden",
            paramLabel = "N",
            defaultValue = "128",
            description = "Units of the layer (default: ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(
            names = "--memory",
            paramLabel = "N",
            description = "Biases of gates begin so that units remember up to N steps; 1 for biases of 0 (default: the "
                    + "steps of a sequence).")
    private Integer memory;

    @Option(
            names = "--shortest",
            paramLabel = "N",
            description =
                    "Train with lengths from N to that of --length, a batch all of one, short ones as often as long "
                            + "ones (default: of one length). Tests are as long as --length says.")
    private Integer shortest;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Sequences of a batch (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--batches",
            paramLabel = "N",
            defaultValue = "250",
            description = "Batches between evaluations, which here are an epoch (default: ${DEFAULT-VALUE}).")
    private long batches;

    @Option(
            names = "--tests",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Other sequences, to evaluate with (default: ${DEFAULT-VALUE}).")
    private int tests;

    @Option(
            names = "--gradients",
            paramLabel = "FILE",
            description =
                    "Draw as SVG the norm of the gradient of the last answer's loss by the state of each step before "
                            + "it, before and after training.")
    private Path gradients;

    @Option(
            names = "--gradients-with",
            paramLabel = "MODEL",
            arity = "1..2",
            description = "Beside those of up to two other models that this command wrote.")
    private List<Path> others = new ArrayList<>();

    @Mixin
    private OptimisationOptions optimisation;

    @Mixin
    private TrainingRun run;

    /** What suits these tasks where it is not what suits texts. */
    static final class Defaults implements IDefaultValueProvider {
        private static final Map<String, String> VALUES = Map.of(
                "--optimizer", "adam",
                "--schedule", "constant",
                "--warm-up", "0",
                "--epochs", "40",
                "--shards", "1");

        @Override
        public String defaultValue(ArgSpec argument) {
            return argument instanceof OptionSpec option ? VALUES.get(option.longestName()) : null;
        }
    }

    @Override
    public Integer call() throws IOException {
        OptimisationOptions.belongs("--depth", depth, task, List.of("brackets"));
        int threads = run.threads(optimisation.shards());
        SyntheticSettings settings = settings(threads);
        if (gradients == null && !others.isEmpty()) {
            throw new InputException(
                    "--gradients-with", "belongs to --gradients", "no --gradients", "name the file to draw");
        }
        if (gradients != null) {
            var files = new ArrayList<>(others);
            files.add(run.out());
            OutputFile.check("--gradients", gradients, files);
        }
        run.check(spec, others, Set.of("--gradients", "--gradients-with"));
        var kind = new TrainingRun.Kind("train synthetic", "", List.of(), measures(settings.problem()));
        var distances = new LinkedHashMap<Path, GradientDistance>();
        // Before the training, lest it be found only then that one of them has no gradients.
        for (Path other : others) {
            distances.put(other, GradientDistance.of(other));
        }
        int code = run.run(
                spec,
                kind,
                (out, checkpoint, resume, listener) -> resume
                        ? SyntheticTraining.resume(checkpoint, out, threads, listener)
                        : SyntheticTraining.run(settings, out, Optional.of(checkpoint), listener));
        if (code == Main.DONE && gradients != null) {
            drawGradients(distances);
        }
        return code;
    }

    private SyntheticSettings settings(int threads) {
        SequenceProblem problem = Choice.<Supplier<SequenceProblem>>of(
                        "--task",
                        task,
                        Map.of(
                                "adding", () -> new AddingProblem(length),
                                "copy", () -> new CopyMemory(length),
                                "brackets", () -> new BracketNesting(length, depth == null ? 5 : depth)))
                .get();
        Cell chosen = Choice.of("--cell", cell, NetworkOptions.CELLS);
        return new SyntheticSettings(
                problem,
                chosen,
                hidden,
                memory == null ? problem.steps() : memory,
                shortest == null ? problem.steps() : problem.steps() - length + shortest,
                batch,
                batches,
                tests,
                optimisation.training(threads, ADAM_RATE));
    }

    private static Measures measures(SequenceProblem problem) {
        return (problem.readsSymbols() ? Measures.nats("answer") : Measures.error("squared", "sum"))
                .withQuality("accuracy");
    }

    /** Each model before and after training, in one chart, and some distances as a table. */
    private void drawGradients(Map<Path, GradientDistance> distances) throws IOException {
        var series = new ArrayList<Series>();
        PrintWriter print = spec.commandLine().getOut();
        var names = new HashSet<String>();
        var all = new LinkedHashMap<Path, GradientDistance>();
        all.put(run.out(), GradientDistance.of(run.out()));
        all.putAll(distances);
        all.forEach((model, distance) -> {
            String name = names.add(distance.name()) ? distance.name() : distance.name() + " of " + model.getFileName();
            add(series, name + ", untrained", distance.before(), print);
            add(series, name + ", trained", distance.after(), print);
        });
        new LineChart(
                        "Gradient of the last answer by the states before it",
                        Axis.linear("steps back"),
                        Axis.logarithmic("norm, as a share of that at the last step"),
                        Optional.empty(),
                        series)
                .write(gradients);
        if (!run.isJson()) {
            print.println("gradients   " + gradients);
        }
        print.flush();
    }

    private void add(List<Series> series, String name, double[] norms, PrintWriter print) {
        var points = new ArrayList<Point>();
        for (int distance = 0; distance < norms.length; distance++) {
            points.add(new Point(distance, norms[distance]));
        }
        series.add(Series.line(name, points));
        if (run.isJson()) {
            return;
        }
        var line = new StringBuilder("gradient    " + name + ":");
        for (int distance : PRINTED) {
            if (distance < norms.length) {
                line.append(String.format(Locale.ROOT, " %d back %.2g,", distance, norms[distance]));
            }
        }
        print.println(line.substring(0, line.length() - 1));
    }
}
