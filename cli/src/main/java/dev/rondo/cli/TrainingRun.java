package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.error.InputException;
import dev.rondo.train.Checkpoint;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** One run of any training: its files, its threads, how it is shown, stopped and gone on with. */
final class TrainingRun {
    private static final String CHECKPOINT_ENDING = ".checkpoint";

    /** With --resume the others are those of the checkpoint. */
    private static final Set<String> ALSO_TO_RESUME =
            Set.of("--out", "--threads", "--checkpoint", "--resume", "--curve", "--no-curve", "--json", "--debug");

    @Option(
            names = {"-o", "--out"},
            paramLabel = "MODEL",
            required = true,
            description = "The .rondo file to write.")
    private Path out;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "How many compute; the result is the same (default: one a core, and no more than shards).")
    private Integer threads;

    @Option(
            names = "--checkpoint",
            paramLabel = "FILE",
            description = "Where the unfinished run is saved (default: beside the model, with the ending .checkpoint).")
    private Path checkpoint;

    @Option(names = "--resume", description = "Go on from the checkpoint, with its settings.")
    private boolean resume;

    @Option(
            names = "--curve",
            paramLabel = "FILE",
            description = "Where losses are drawn, as SVG (default: beside the model, with the ending .svg).")
    private Path curve;

    @Option(names = "--no-curve", description = "Draw nothing.")
    private boolean noCurve;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    /** What a run trains. */
    interface Training {
        /** From the beginning, or on from a checkpoint. */
        TrainingResult run(Path out, Path checkpoint, boolean resume, TrainingListener listener) throws IOException;
    }

    /**
     * What is special about a kind of model.
     *
     * @param command  the words of the command
     * @param data     the options that name its data, to resume
     * @param files    which it reads
     * @param measures what its losses and qualities are called
     * @param more     what else its result says
     */
    record Kind(String command, String data, List<Path> files, Measures measures, More more) {
        /** Of which the result says nothing else. */
        Kind(String command, String data, List<Path> files, Measures measures) {
            this(command, data, files, measures, More.NOTHING);
        }
    }

    /** What else a result says, once the run has ended. */
    interface More {
        /** Nothing. */
        More NOTHING = new More() {};

        /** Adds lines. */
        default void print(PrintWriter out) {}

        /** Adds fields. */
        default void put(ObjectNode node) {}
    }

    Path out() {
        return out;
    }

    boolean isJson() {
        return json;
    }

    boolean resumes() {
        return resume;
    }

    int threads(int shards) {
        Range.check(threads == null || threads >= 1 && threads <= 64, "--threads", "is 1 to 64", threads);
        return threads == null
                ? Math.clamp(Runtime.getRuntime().availableProcessors(), 1, Math.clamp(shards, 1, 64))
                : threads;
    }

    /**
     * Finds out what cannot be read or written before the work begins.
     *
     * @param files that are read
     * @param data  options that name them: they are given to resume, too
     */
    void check(CommandSpec spec, List<Path> files, Set<String> data) throws IOException {
        if (noCurve && curve != null) {
            throw new InputException("--curve and --no-curve", "exclude each other", "both", "leave one of them out");
        }
        checkpoint = Optional.ofNullable(checkpoint).orElse(OutputFile.sibling(out, CHECKPOINT_ENDING));
        curve = Optional.ofNullable(curve).orElse(OutputFile.sibling(out, ".svg"));
        var taken = new ArrayList<>(files);
        OutputFile.check("--out", out, taken);
        taken.add(out);
        OutputFile.check("--checkpoint", checkpoint, taken);
        taken.add(checkpoint);
        if (!noCurve) {
            OutputFile.check("--curve", curve, taken);
        }
        if (resume) {
            for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
                String name = option.longestName();
                if (!ALSO_TO_RESUME.contains(name) && !data.contains(name)) {
                    throw new InputException(
                            name,
                            "is not given with --resume, which takes the settings of the checkpoint",
                            "both",
                            "leave it out, or train anew without --resume");
                }
            }
            if (!Files.exists(checkpoint)) {
                throw new NoSuchFileException(checkpoint.toString());
            }
        } else if (Files.exists(checkpoint)) {
            throw new InputException(
                    "--checkpoint",
                    "must not exist when a run begins",
                    checkpoint + ", of a run that has not finished",
                    "go on from it with --resume, or delete it");
        }
    }

    /** A setting of the run that is resumed. */
    String setting(String name, String otherwise) throws IOException {
        // A damaged checkpoint may say anything.
        return Checkpoint.read(checkpoint).entries().getOrDefault("settings." + name, otherwise);
    }

    /** Trains, shows how it goes, and prints what came out. Returns the exit code. */
    int run(CommandSpec spec, Kind kind, Training training) throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        boolean terminal = ((Main) spec.root().userObject()).isTerminal();
        try (var interruption = Interruption.listen()) {
            var progress = new TrainingProgress(err, terminal, kind.measures, interruption::isRequested);
            TrainingResult result;
            try (progress) {
                result = training.run(out, checkpoint, resume, progress);
            }
            draw(progress, kind.measures);
            if (result.ending() == TrainingResult.Ending.STOPPED) {
                progress.line("stopped after step " + result.steps() + "; go on with: " + resumption(kind));
                return interruption.exitCode();
            }
            Files.deleteIfExists(checkpoint);
            PrintWriter print = spec.commandLine().getOut();
            if (json) {
                printJson(result, progress, kind, print);
            } else {
                print(result, kind, print);
            }
        }
        return Main.DONE;
    }

    private void draw(TrainingProgress progress, Measures measures) {
        if (noCurve) {
            return;
        }
        try {
            progress.curve().chart(String.valueOf(out.getFileName()), measures).write(curve);
        } catch (IOException failed) {
            // The model matters more than its picture.
            progress.line("no curve: " + failed.getMessage());
        }
    }

    private String resumption(Kind kind) {
        List<String> words =
                new ArrayList<>(List.of("rondo", kind.command, kind.data, "--out", CorpusOptions.quoted(out)));
        if (!checkpoint.equals(OutputFile.sibling(out, CHECKPOINT_ENDING))) {
            words.addAll(List.of("--checkpoint", CorpusOptions.quoted(checkpoint)));
        }
        words.add("--resume");
        words.removeIf(String::isEmpty);
        return String.join(" ", words);
    }

    private boolean isDrawn() {
        return !noCurve && Files.exists(curve);
    }

    private void printJson(TrainingResult result, TrainingProgress progress, Kind kind, PrintWriter print)
            throws IOException {
        Measures measures = kind.measures;
        ObjectNode node = Json.object();
        node.put("model", out.toString());
        node.put("bytes", Files.size(out));
        node.put("ending", result.ending().name().toLowerCase(Locale.ROOT));
        node.put("parameters", progress.summary().parameters());
        node.put("frozen_parameters", progress.summary().frozen());
        node.put("steps", result.steps());
        node.put("epochs", result.epoch());
        node.put("best_step", result.bestStep());
        node.put("averaged", result.averaged());
        node.put("validation_loss", result.bestLoss());
        if (measures.text()) {
            node.put("validation_nats_per_token", result.bestLoss());
            node.put("validation_perplexity", result.bestPerplexity());
        }
        if (result.best().hasQuality()) {
            node.put("quality", measures.qualityKey());
            node.put(measures.qualityKey(), result.best().quality());
        }
        kind.more.put(node);
        node.put("seconds", result.seconds());
        node.put("tokens_per_second", result.targetsPerSecond());
        node.put("median_step_tokens_per_second", progress.medianSpeed());
        node.put("threads", progress.summary().threads());
        node.put("kernels", progress.summary().kernels());
        if (isDrawn()) {
            node.put("curve", curve.toString());
        }
        Json.print(node, print);
    }

    private void print(TrainingResult result, Kind kind, PrintWriter print) throws IOException {
        Measures measures = kind.measures;
        print.printf(
                Locale.ROOT,
                "validation  %s%s, after step %d of %d%s%s%n",
                result.best().hasQuality() ? measures.qualityText(result.best()) + ", " : "",
                measures.lossText(result.bestLoss()),
                result.bestStep(),
                result.steps(),
                result.averaged() > 1 ? ", mean of the " + result.averaged() + " best" : "",
                result.ending() == TrainingResult.Ending.PATIENCE ? ", ended by patience" : "");
        kind.more.print(print);
        print.printf(
                Locale.ROOT,
                "time        %.0f s, %,.0f %ss a second%n",
                result.seconds(),
                result.targetsPerSecond(),
                measures.unit());
        print.printf(Locale.ROOT, "model       %s, %,d bytes%n", out, Files.size(out));
        if (isDrawn()) {
            print.println("curve       " + curve);
        }
        print.flush();
    }
}
