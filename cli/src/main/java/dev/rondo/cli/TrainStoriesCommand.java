package dev.rondo.cli;

import dev.rondo.architecture.memory.Tying;
import dev.rondo.train.memory.MemoryNetworkSettings;
import dev.rondo.train.memory.MemoryNetworkTraining;
import dev.rondo.train.memory.StoryTexts;
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

/** Trains a memory network. */
@Command(
        name = "stories",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        customSynopsis = "rondo train stories --data FILE --valid FILE --out MODEL [OPTION]...",
        description = {
            "Trains an end-to-end memory network on stories with questions, in the format of bAbI, and writes the one"
                    + " with the lowest validation loss. 'rondo answer' asks it.",
            "Ctrl-C saves a checkpoint beside the model; the same command with --resume goes on from it as if it had "
                    + "never stopped. A finished run removes its checkpoint. docs/training.md tells more."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {" 0:done", " 2:bad usage or bad input", " 3:internal failure", " 130:stopped by Ctrl-C"})
final class TrainStoriesCommand implements Callable<Integer> {
    private static final double ADAM_RATE = 0.005;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            required = true,
            description = "Stories to train on; 'rondo sample stories' writes some.")
    private Path data;

    @Option(
            names = "--valid",
            paramLabel = "FILE",
            required = true,
            description = "Stories that judge the model while it is trained.")
    private Path valid;

    @Option(
            names = "--size",
            paramLabel = "N",
            defaultValue = "32",
            description = "Numbers in the vector of a sentence (default: ${DEFAULT-VALUE}).")
    private int size;

    @Option(
            names = "--memory",
            paramLabel = "N",
            defaultValue = "50",
            description =
                    "Places of the memory; of longer stories the last sentences count (default: ${DEFAULT-VALUE}).")
    private int memory;

    @Option(
            names = "--hops",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often the memory is read for an answer (default: ${DEFAULT-VALUE}).")
    private int hops;

    @Option(
            names = "--tying",
            paramLabel = "KIND",
            defaultValue = "adjacent",
            description = "What hops share: adjacent (a hop's values are the next one's keys) or layer-wise "
                    + "(all hops share tables) (default: ${DEFAULT-VALUE}).")
    private String tying;

    @Option(
            names = "--sentences",
            paramLabel = "KIND",
            defaultValue = "position",
            description =
                    "How words become a sentence: bag, position (a bag whose words have weights by their place) or "
                            + "recurrent (a GRU) (default: ${DEFAULT-VALUE}).")
    private String sentences;

    @Option(names = "--no-temporal", description = "Without vectors of the places of the memory.")
    private boolean noTemporal;

    @Option(
            names = "--memory-noise",
            paramLabel = "P",
            defaultValue = "0.1",
            description = "How often an empty place follows one in training (default: ${DEFAULT-VALUE}).")
    private double noise;

    @Option(
            names = "--linear-start",
            paramLabel = "N",
            defaultValue = "5",
            description = "Epochs at the beginning in which the memory is read without softmax "
                    + "(default: ${DEFAULT-VALUE}).")
    private int linearStart;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Questions of a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Mixin
    private OptimisationOptions optimisation;

    @Mixin
    private TrainingRun run;

    @Override
    public Integer call() throws IOException {
        int threads = run.threads(optimisation.shards());
        MemoryNetworkSettings settings = run.resumes() ? null : settings(threads);
        List<Path> files = List.of(data, valid);
        run.check(spec, files, Set.of("--data", "--valid"));
        var texts = new StoryTexts(TextFile.read(data), TextFile.read(valid));
        var kind = new TrainingRun.Kind(
                "train stories",
                "--data " + CorpusOptions.quoted(data) + " --valid " + CorpusOptions.quoted(valid),
                files,
                Measures.nats("answer").withQuality("accuracy"));
        return run.run(
                spec,
                kind,
                (out, checkpoint, resume, listener) -> resume
                        ? MemoryNetworkTraining.resume(checkpoint, texts, out, threads, listener)
                        : MemoryNetworkTraining.run(settings, texts, out, Optional.of(checkpoint), listener));
    }

    private MemoryNetworkSettings settings(int threads) {
        return new MemoryNetworkSettings(
                size,
                memory,
                hops,
                Choice.of("--tying", tying, Map.of("adjacent", Tying.ADJACENT, "layer-wise", Tying.LAYER_WISE)),
                Choice.of(
                        "--sentences",
                        sentences,
                        Map.of(
                                "bag", MemoryNetworkSettings.Encoding.BAG,
                                "position", MemoryNetworkSettings.Encoding.POSITION,
                                "recurrent", MemoryNetworkSettings.Encoding.RECURRENT)),
                !noTemporal,
                noise,
                linearStart,
                batch,
                optimisation.training(threads, ADAM_RATE));
    }
}
