package dev.rondo.cli;

import dev.rondo.architecture.memory.TuringMachine;
import dev.rondo.train.memory.CopyProblem;
import dev.rondo.train.memory.TuringMachineSettings;
import dev.rondo.train.memory.TuringMachineTraining;
import java.io.IOException;
import java.nio.file.Path;
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

/** Trains a Neural Turing Machine to copy. */
@Command(
        name = "ntm",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        customSynopsis = "rondo train ntm --out MODEL [OPTION]...",
        description = {
            "Trains a Neural Turing Machine to copy sequences of random bits, made while it trains, and judges it by"
                    + " longer ones.",
            "Ctrl-C saves a checkpoint beside the model; the same command with --resume goes on from it as if it had "
                    + "never stopped. A finished run removes its checkpoint. docs/training.md tells more."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {" 0:done", " 2:bad usage or bad input", " 3:internal failure", " 130:stopped by Ctrl-C"})
final class TrainTuringMachineCommand implements Callable<Integer> {
    private static final double ADAM_RATE = 0.001;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            defaultValue = "20",
            description = "Longest sequence in training; all lengths from 1 on come alike (default: ${DEFAULT-VALUE}).")
    private int maxLength;

    @Option(
            names = "--eval-length",
            paramLabel = "N",
            description = "Length of the sequences that it is judged by (default: twice the longest in training).")
    private Integer evalLength;

    @Option(
            names = "--eval-sequences",
            paramLabel = "N",
            defaultValue = "32",
            description = "How many they are (default: ${DEFAULT-VALUE}).")
    private int evalSequences;

    @Option(
            names = "--bits",
            paramLabel = "N",
            defaultValue = "8",
            description = "Of each vector (default: ${DEFAULT-VALUE}).")
    private int bits;

    @Option(
            names = "--controller",
            paramLabel = "KIND",
            defaultValue = "lstm",
            description = "lstm or feed-forward (default: ${DEFAULT-VALUE}).")
    private String controller;

    @Option(
            names = "--hidden",
            paramLabel = "N",
            defaultValue = "100",
            description = "Units of the controller (default: ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "64",
            description = "Places of the memory (default: ${DEFAULT-VALUE}).")
    private int rows;

    @Option(
            names = "--columns",
            paramLabel = "N",
            defaultValue = "20",
            description = "Numbers in each (default: ${DEFAULT-VALUE}).")
    private int columns;

    @Option(names = "--read-heads", paramLabel = "N", defaultValue = "1", description = "(default: ${DEFAULT-VALUE}).")
    private int readHeads;

    @Option(names = "--write-heads", paramLabel = "N", defaultValue = "1", description = "(default: ${DEFAULT-VALUE}).")
    private int writeHeads;

    @Option(
            names = "--shift",
            paramLabel = "N",
            defaultValue = "1",
            description = "How far a head can move in a step (default: ${DEFAULT-VALUE}).")
    private int shift;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "16",
            description = "Sequences of a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--batches",
            paramLabel = "N",
            defaultValue = "200",
            description = "Steps of an epoch, after which it is judged (default: ${DEFAULT-VALUE}).")
    private int batches;

    @Mixin
    private OptimisationOptions optimisation;

    @Mixin
    private TrainingRun run;

    @Override
    public Integer call() throws IOException {
        int threads = run.threads(optimisation.shards());
        TuringMachineSettings settings = run.resumes() ? null : settings(threads);
        List<Path> none = List.of();
        run.check(spec, none, Set.of());
        var measures = Measures.nats("bit").withQuality("accuracy");
        return run.run(
                spec,
                new TrainingRun.Kind("train ntm", "", none, measures),
                (out, checkpoint, resume, listener) -> resume
                        ? TuringMachineTraining.resume(checkpoint, out, threads, listener)
                        : TuringMachineTraining.run(settings, out, Optional.of(checkpoint), listener));
    }

    private TuringMachineSettings settings(int threads) {
        var problem = new CopyProblem(bits);
        TuringMachine.Controller kind = Choice.of(
                "--controller",
                controller,
                Map.of("lstm", TuringMachine.Controller.LSTM, "feed-forward", TuringMachine.Controller.FEED_FORWARD));
        var machine = new TuringMachine(
                problem.inputs(), problem.bits(), kind, hidden, rows, columns, readHeads, writeHeads, shift);
        return new TuringMachineSettings(
                machine,
                problem,
                maxLength,
                evalLength == null ? 2 * maxLength : evalLength,
                evalSequences,
                batch,
                batches,
                optimisation.training(threads, ADAM_RATE));
    }
}
