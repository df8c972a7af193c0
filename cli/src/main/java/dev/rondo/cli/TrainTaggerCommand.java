package dev.rondo.cli;

import dev.rondo.error.InputException;
import dev.rondo.format.Segmentation;
import dev.rondo.train.network.NetworkData;
import dev.rondo.train.network.NetworkTraining;
import dev.rondo.train.network.NetworkTrainingSettings;
import dev.rondo.train.network.ObjectiveSettings;
import java.io.IOException;
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

/** Trains a tagger. */
@Command(
        name = "tag",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        defaultValueProvider = TrainClassifierCommand.Defaults.class,
        customSynopsis = "rondo train tag --data FILE... --out MODEL [OPTION]...",
        description = {
            "Trains a network that gives each token of a sentence a tag, such as its part of speech, and writes the"
                    + " one that is right most often on the validation sentences.",
            "By default it reads words and their characters in both directions; with --crf it also learns which tag"
                    + " follows which. docs/training.md tells more."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {" 0:done", " 2:bad usage or bad input", " 3:internal failure", " 130:stopped by Ctrl-C"})
final class TrainTaggerCommand implements Callable<Integer> {
    private static final double ADAM_RATE = 0.002;
    private static final String CHARACTERS = "characters(embedding(32) lstm(50, bidirectional) pool(ends))";
    private static final String CONTEXT = "dropout(0.5) lstm(100, bidirectional) dropout(0.5)";

    @Spec
    private CommandSpec spec;

    @Mixin
    private PartOptions parts;

    @Mixin
    private TaggedTextOptions texts;

    @Option(
            names = "--no-characters",
            description = "Where --network is not given: read words only, not how they are spelt.")
    private boolean noCharacters;

    @Option(
            names = "--crf",
            description =
                    "Score whole sentences of tags with a linear chain (Lafferty et al. 2001), which also says how well"
                            + " a tag follows another one.")
    private boolean chain;

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
            description =
                    "none, or balanced: each tag weighs as much as any other in the loss, however rare it is; not "
                            + "with --crf (default: ${DEFAULT-VALUE}).")
    private String classWeights;

    @Option(
            names = "--label-smoothing",
            paramLabel = "EPSILON",
            defaultValue = "0",
            description =
                    "The share of each target that all tags have alike; not with --crf (default: ${DEFAULT-VALUE}).")
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

    @Override
    public Integer call() throws IOException {
        int threads = run.threads(optimisation.shards());
        parts.check();
        start.check();
        NetworkTrainingSettings settings = run.resumes() ? null : settings(threads);
        Set<String> data = new HashSet<>(PartOptions.DATA);
        data.addAll(TaggedTextOptions.NAMES);
        data.addAll(StartOptions.NAMES);
        var files = new ArrayList<>(parts.files());
        files.addAll(start.files());
        run.check(spec, files, data);
        long seed = run.resumes() ? TrainClassifierCommand.seedOf(run) : optimisation.seed();
        var samples = new NetworkData.Sentences(
                parts.stratified(file -> texts.read(List.of(file)).sentences(), sentence -> "", seed));
        boolean chained = run.resumes() ? run.setting("objective", "").equals("chain") : chain;
        var scores = new TestScores("token");
        if (!run.resumes()) {
            network.validate(
                    settings, samples, start.start(), scores, spec.commandLine().getErr());
        }
        var kind = new TrainingRun.Kind(
                "train tag",
                parts.commandLine() + texts.commandLine() + start.commandLine(),
                files,
                Measures.nats(chained ? "sentence" : "token").withQuality("accuracy"),
                scores);
        return run.run(
                spec,
                kind,
                (out, checkpoint, resume, listener) -> scores.keep(
                        resume
                                ? NetworkTraining.resume(checkpoint, samples, start.start(), out, threads, listener)
                                : NetworkTraining.run(
                                        settings, samples, start.start(), out, Optional.of(checkpoint), listener)));
    }

    /** What the options say. */
    NetworkTrainingSettings settings(int threads) throws IOException {
        if (noCharacters && network.isGiven()) {
            throw new InputException(
                    "--no-characters and --network", "exclude each other", "both", "say in --network what is read");
        }
        boolean balanced = Choice.of("--class-weights", classWeights, Map.of("none", false, "balanced", true));
        if (balanced && chain) {
            throw new InputException(
                    "--class-weights and --crf",
                    "exclude each other: a chain gives a loss to whole sentences, not to a tag",
                    "both",
                    "leave one of them out");
        }
        return network.settings(start.network("embedding(100) " + (noCharacters ? "" : CHARACTERS + " ") + CONTEXT))
                .units(units.units(Segmentation.WORDS))
                .objective(new ObjectiveSettings(
                        chain ? ObjectiveSettings.Kind.CHAIN : ObjectiveSettings.Kind.CROSS_ENTROPY,
                        smoothing,
                        balanced))
                .judge(Choice.of(
                        "--stop-on",
                        measure,
                        Map.of(
                                "accuracy", NetworkTrainingSettings.Judge.ACCURACY,
                                "loss", NetworkTrainingSettings.Judge.LOSS)))
                .training(optimisation.training(threads, ADAM_RATE, start.frozen()))
                .build();
    }
}
