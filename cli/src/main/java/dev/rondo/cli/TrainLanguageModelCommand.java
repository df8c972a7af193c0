package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.error.InputException;
import dev.rondo.train.Checkpoint;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.lm.LanguageModelSettings;
import dev.rondo.train.lm.LanguageModelTraining;
import dev.rondo.train.lm.Texts;
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
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a language model. */
@Command(
        name = "lm",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        customSynopsis = "rondo train lm --data FILE... --out MODEL [OPTION]...",
        description = {
            "Trains a recurrent language model on a text and writes the one with the lowest validation loss; or, with "
                    + "--ngram, counts n-grams, which takes seconds.",
            "Ctrl-C saves a checkpoint beside the model; the same command with --resume goes on from it as if it had "
                    + "never stopped. A finished run removes its checkpoint. docs/training.md tells more."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {" 0:done", " 2:bad usage or bad input", " 3:internal failure", " 130:stopped by Ctrl-C"})
final class TrainLanguageModelCommand implements Callable<Integer> {
    private static final String CHECKPOINT_ENDING = ".checkpoint";

    /** With --resume the others are those of the checkpoint. */
    private static final Set<String> ALSO_TO_RESUME = Set.of(
            "--data",
            "--valid",
            "--out",
            "--threads",
            "--checkpoint",
            "--resume",
            "--curve",
            "--no-curve",
            "--json",
            "--debug");

    @Spec
    private CommandSpec spec;

    @Mixin
    private CorpusOptions corpus;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "MODEL",
            required = true,
            description = "The .rondo file to write.")
    private Path out;

    @Mixin
    private NgramOptions ngrams;

    @Mixin
    private NetworkOptions network;

    @Mixin
    private OptimisationOptions optimisation;

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

    @Override
    public Integer call() throws IOException {
        ngrams.check(spec);
        if (ngrams.isGiven()) {
            ngrams.run(corpus, out, json, spec.commandLine().getOut());
            return Main.DONE;
        }
        Range.check(threads == null || threads >= 1 && threads <= 64, "--threads", "is 1 to 64", threads);
        LanguageModelSettings settings = resume ? null : settings();
        if (noCurve && curve != null) {
            throw new InputException("--curve and --no-curve", "exclude each other", "both", "leave one of them out");
        }
        checkpoint = Optional.ofNullable(checkpoint).orElse(OutputFile.sibling(out, CHECKPOINT_ENDING));
        curve = Optional.ofNullable(curve).orElse(OutputFile.sibling(out, ".svg"));
        checkFiles();
        String unit = unit(settings);
        Texts texts = corpus.texts();
        PrintWriter err = spec.commandLine().getErr();
        boolean terminal = ((Main) spec.root().userObject()).isTerminal();
        try (var interruption = Interruption.listen()) {
            var progress = new TrainingProgress(err, terminal, unit, interruption::isRequested);
            TrainingResult result;
            try (progress) {
                result = resume
                        ? LanguageModelTraining.resume(checkpoint, texts, out, threads(), progress)
                        : LanguageModelTraining.run(settings, texts, out, Optional.of(checkpoint), progress);
            }
            draw(progress, unit);
            if (result.ending() == TrainingResult.Ending.STOPPED) {
                progress.line("stopped after step " + result.steps() + "; go on with: " + resumption());
                return interruption.exitCode();
            }
            Files.deleteIfExists(checkpoint);
            print(result, progress, unit);
        }
        return Main.DONE;
    }

    /** What the options say. */
    LanguageModelSettings settings() {
        LanguageModelSettings.Builder settings = LanguageModelSettings.builder();
        corpus.apply(settings);
        network.apply(settings);
        optimisation.apply(settings);
        return settings.threads(threads()).build();
    }

    int threads() {
        return threads == null
                ? Math.clamp(Runtime.getRuntime().availableProcessors(), 1, Math.clamp(optimisation.shards(), 1, 64))
                : threads;
    }

    /** Finds out what cannot be read or written before the work begins. */
    private void checkFiles() throws IOException {
        var taken = new ArrayList<Path>(corpus.files());
        OutputFile.check("--out", out, taken);
        taken.add(out);
        OutputFile.check("--checkpoint", checkpoint, taken);
        taken.add(checkpoint);
        if (!noCurve) {
            OutputFile.check("--curve", curve, taken);
        }
        if (resume) {
            for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
                if (!ALSO_TO_RESUME.contains(option.longestName())) {
                    throw new InputException(
                            option.longestName(),
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

    /** What a token is, in messages. */
    private String unit(LanguageModelSettings settings) throws IOException {
        String units = resume
                ? Checkpoint.read(checkpoint).entries().getOrDefault("settings.unit", "tokens")
                : settings.unit().name().toLowerCase(Locale.ROOT);
        return units.replaceFirst("s$", ""); // a damaged checkpoint may say anything
    }

    private void draw(TrainingProgress progress, String unit) {
        if (noCurve) {
            return;
        }
        try {
            progress.curve().chart(String.valueOf(out.getFileName()), unit).write(curve);
        } catch (IOException failed) {
            // The model matters more than its picture.
            progress.line("no loss curve: " + failed.getMessage());
        }
    }

    private String resumption() {
        List<String> words =
                new ArrayList<>(List.of("rondo train lm", corpus.commandLine(), "--out", CorpusOptions.quoted(out)));
        if (!checkpoint.equals(OutputFile.sibling(out, CHECKPOINT_ENDING))) {
            words.addAll(List.of("--checkpoint", CorpusOptions.quoted(checkpoint)));
        }
        words.add("--resume");
        return String.join(" ", words);
    }

    private void print(TrainingResult result, TrainingProgress progress, String unit) throws IOException {
        PrintWriter print = spec.commandLine().getOut();
        long bytes = Files.size(out);
        boolean drawn = !noCurve && Files.exists(curve);
        if (json) {
            ObjectNode node = Json.object();
            node.put("model", out.toString());
            node.put("bytes", bytes);
            node.put("ending", result.ending().name().toLowerCase(Locale.ROOT));
            node.put("parameters", progress.summary().parameters());
            node.put("frozen_parameters", progress.summary().frozen());
            node.put("steps", result.steps());
            node.put("epochs", result.epoch());
            node.put("best_step", result.bestStep());
            node.put("validation_nats_per_token", result.bestLoss());
            node.put("validation_perplexity", result.bestPerplexity());
            node.put("seconds", result.seconds());
            node.put("tokens_per_second", result.targetsPerSecond());
            node.put("median_step_tokens_per_second", progress.medianSpeed());
            node.put("threads", progress.summary().threads());
            node.put("kernels", progress.summary().kernels());
            if (drawn) {
                node.put("curve", curve.toString());
            }
            Json.print(node, print);
            return;
        }
        print.printf(
                Locale.ROOT,
                "validation  %.4f nats per %s, perplexity %.4f, after step %d of %d%s%n",
                result.bestLoss(),
                unit,
                result.bestPerplexity(),
                result.bestStep(),
                result.steps(),
                result.ending() == TrainingResult.Ending.PATIENCE ? ", ended by patience" : "");
        print.printf(
                Locale.ROOT,
                "time        %.0f s, %,.0f %ss a second%n",
                result.seconds(),
                result.targetsPerSecond(),
                unit);
        print.printf(Locale.ROOT, "model       %s, %,d bytes%n", out, bytes);
        if (drawn) {
            print.println("curve       " + curve);
        }
        print.flush();
    }
}
