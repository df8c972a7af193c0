package dev.rondo.cli;

import dev.rondo.train.seq2seq.EncoderDecoderSettings;
import dev.rondo.train.seq2seq.EncoderDecoderTraining;
import dev.rondo.train.seq2seq.NetworkSettings;
import dev.rondo.train.seq2seq.PairTexts;
import dev.rondo.train.seq2seq.ValidationSettings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains an encoder-decoder. */
@Command(
        name = "seq2seq",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        defaultValueProvider = TrainEncoderDecoderCommand.Defaults.class,
        customSynopsis =
                "rondo train seq2seq --source FILE --target FILE --valid-source FILE --valid-target FILE --out MODEL "
                        + "[OPTION]...",
        description = {
            "Trains a recurrent encoder-decoder, with attention or without, on pairs of sentences, and writes the one"
                + " that translates the validation sentences best. The defaults suit tens of thousands of pairs; for"
                + " hundreds docs/training.md has others.",
            "Ctrl-C saves a checkpoint beside the model; the same command with --resume goes on from it as if it had "
                    + "never stopped. A finished run removes its checkpoint. docs/training.md tells more."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {" 0:done", " 2:bad usage or bad input", " 3:internal failure", " 130:stopped by Ctrl-C"})
final class TrainEncoderDecoderCommand implements Callable<Integer> {
    private static final double ADAM_RATE = 0.001;

    @Spec
    private CommandSpec spec;

    @Mixin
    private PairOptions pairs;

    @Mixin
    private EncoderDecoderOptions network;

    @Mixin
    private RegularisationOptions regularisation;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Pairs of a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--stop-on",
            paramLabel = "MEASURE",
            defaultValue = "bleu",
            description = "What decides which parameters are the best: bleu of greedy translations of the validation "
                    + "sentences, or their loss (default: ${DEFAULT-VALUE}). BLEU is 0 where targets have fewer than "
                    + "four words: there take loss.")
    private String measure;

    @Option(
            names = "--valid-beam",
            paramLabel = "K",
            description = "Translate them with a beam of K (default: greedily).")
    private Integer validBeam;

    @Mixin
    private OptimisationOptions optimisation;

    @Mixin
    private TrainingRun run;

    /** Where encoder-decoders want other numbers than language models. */
    static final class Defaults implements IDefaultValueProvider {
        private static final Map<String, String> VALUES = Map.of(
                "--optimizer", "adam",
                "--schedule", "plateau",
                "--warm-up", "500",
                "--epochs", "60",
                "--patience", "8",
                "--average", "5");

        Defaults() {}

        @Override
        public String defaultValue(ArgSpec argument) {
            return argument instanceof OptionSpec option ? VALUES.get(option.longestName()) : null;
        }
    }

    @Override
    public Integer call() throws IOException {
        int threads = run.threads(optimisation.shards());
        EncoderDecoderSettings settings = run.resumes() ? null : settings();
        run.check(spec, pairs.files(), PairOptions.DATA);
        PairTexts texts = pairs.texts();
        var kind = new TrainingRun.Kind(
                "train seq2seq",
                pairs.commandLine(),
                pairs.files(),
                Measures.ofText("token").withQuality("BLEU"));
        return run.run(
                spec,
                kind,
                (out, checkpoint, resume, listener) -> resume
                        ? EncoderDecoderTraining.resume(checkpoint, texts, out, threads, listener)
                        : EncoderDecoderTraining.run(settings, texts, out, Optional.of(checkpoint), listener));
    }

    /** What the options say. */
    EncoderDecoderSettings settings() {
        NetworkSettings settings = network.network();
        ValidationSettings.Measure chosen = Choice.of(
                "--stop-on",
                measure,
                Map.of("bleu", ValidationSettings.Measure.BLEU, "loss", ValidationSettings.Measure.LOSS));
        OptimisationOptions.belongs("--valid-beam", validBeam, measure, List.of("bleu"));
        return EncoderDecoderSettings.builder()
                .vocabulary(pairs.vocabulary(settings.sharesVocabulary()))
                .maxLength(pairs.maxLength())
                .network(settings)
                .regularisation(regularisation.regularisation(settings))
                .sampling(regularisation.sampling())
                .batchSize(batch)
                .encoding(network.encoding())
                .validation(new ValidationSettings(chosen, validBeam == null ? 1 : validBeam))
                .training(optimisation.training(run.threads(optimisation.shards()), ADAM_RATE))
                .build();
    }
}
