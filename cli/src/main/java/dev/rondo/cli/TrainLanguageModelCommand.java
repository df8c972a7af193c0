package dev.rondo.cli;

import dev.rondo.error.InputException;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.lm.LanguageModelSettings;
import dev.rondo.train.lm.LanguageModelTraining;
import dev.rondo.train.lm.Texts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
    private static final double ADAM_RATE = 0.004;

    private static final Set<String> BROUGHT = Set.of(
            "--unit",
            "--vocabulary-size",
            "--min-count",
            "--vocabulary-of",
            "--cell",
            "--hidden",
            "--layers",
            "--embedding",
            "--tie",
            "--init",
            "--forget-bias");

    @Spec
    private CommandSpec spec;

    @Mixin
    private CorpusOptions corpus;

    @Mixin
    private NgramOptions ngrams;

    @Mixin
    private NetworkOptions network;

    @Option(
            names = "--from",
            paramLabel = "MODEL",
            description = "Begin with this language model, trained or converted, but not one of --network: its cells, its "
                    + "vocabulary and its parameters. --freeze keeps some of them as they are.")
    private Path from;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Streams of text side by side (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens after which back-propagation through time is cut off; the state goes on "
                    + "(default: ${DEFAULT-VALUE}).")
    private int steps;

    @Mixin
    private OptimisationOptions optimisation;

    @Mixin
    private TrainingRun run;

    @Override
    public Integer call() throws IOException {
        ngrams.check(spec);
        if (ngrams.isGiven()) {
            ngrams.run(corpus, run.out(), run.isJson(), spec.commandLine().getOut());
            return Main.DONE;
        }
        if (from != null) {
            checkFrom();
        }
        int threads = run.threads(optimisation.shards());
        LanguageModelSettings settings = run.resumes() ? null : settings();
        var files = new ArrayList<>(corpus.files());
        files.addAll(ngrams.files());
        Optional.ofNullable(from).ifPresent(files::add);
        run.check(spec, files, Set.of("--data", "--valid", "--vocabulary-of", "--from"));
        String units = from != null
                ? "tokens"
                : settings == null
                        ? run.setting("unit", "tokens")
                        : settings.unit().name().toLowerCase(Locale.ROOT);
        Texts texts = ngrams.hasVocabulary() ? corpus.texts().withVocabulary(ngrams.vocabulary()) : corpus.texts();
        var kind = new TrainingRun.Kind(
                "train lm",
                corpus.commandLine()
                        + ngrams.commandLine()
                        + (from == null ? "" : " --from " + CorpusOptions.quoted(from)),
                files,
                Measures.ofText(ngrams.hasVocabulary() ? "token" : units.replaceFirst("s$", "")));
        return run.run(
                spec,
                kind,
                (out, checkpoint, resume, listener) -> from != null
                        ? fineTune(settings, texts, out, checkpoint, resume, listener)
                        : resume
                                ? LanguageModelTraining.resume(checkpoint, texts, out, threads, listener)
                                : LanguageModelTraining.run(settings, texts, out, Optional.of(checkpoint), listener));
    }

    private TrainingResult fineTune(
            LanguageModelSettings settings,
            Texts texts,
            Path out,
            Path checkpoint,
            boolean resume,
            TrainingListener listener)
            throws IOException {
        return resume
                ? LanguageModelTraining.resumeFineTuning(
                        checkpoint, texts, from, out, run.threads(optimisation.shards()), listener)
                : LanguageModelTraining.fineTune(settings, texts, from, out, Optional.of(checkpoint), listener);
    }

    /** Refuses what the model brings. */
    private void checkFrom() {
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            if (BROUGHT.contains(option.longestName())) {
                throw new InputException(
                        option.longestName(),
                        "is not given with --from, whose model brings network and vocabulary",
                        "both",
                        "leave it out");
            }
        }
    }

    /** What the options say. */
    LanguageModelSettings settings() {
        LanguageModelSettings.Builder settings = LanguageModelSettings.builder();
        corpus.apply(settings);
        network.apply(settings, spec);
        return settings.batchSize(batch)
                .steps(steps)
                .training(optimisation.training(run.threads(optimisation.shards()), ADAM_RATE))
                .build();
    }
}
