package dev.rondo.cli;

import dev.rondo.architecture.seq2seq.Regularisation;
import dev.rondo.train.seq2seq.NetworkSettings;
import dev.rondo.train.seq2seq.OutputSettings;
import dev.rondo.train.seq2seq.ScheduledSampling;
import java.util.List;
import picocli.CommandLine.Option;

/** What keeps an encoder-decoder from learning by heart. */
final class RegularisationOptions {
    @Option(
            names = "--dropout-input",
            paramLabel = "P",
            defaultValue = "0.3",
            description = "Share of the embeddings' numbers that is dropped in training (default: ${DEFAULT-VALUE}).")
    private double dropoutInput;

    @Option(
            names = "--dropout-between",
            paramLabel = "P",
            description = "The same between layers (default: 0.3 where there are several).")
    private Double dropoutBetween;

    @Option(
            names = "--dropout-memory",
            paramLabel = "P",
            description = "The same of the encoder's memory (default: 0.5).")
    private Double dropoutMemory;

    @Option(
            names = "--dropout-output",
            paramLabel = "P",
            defaultValue = "0.5",
            description = "The same of the readout (default: ${DEFAULT-VALUE}).")
    private double dropoutOutput;

    @Option(
            names = "--dropout-recurrent",
            paramLabel = "P",
            defaultValue = "0",
            description = "The same of the matrices from states to gates (default: ${DEFAULT-VALUE}).")
    private double dropoutRecurrent;

    @Option(
            names = "--label-smoothing",
            paramLabel = "P",
            description = "The share of a target's weight that all tokens get alike (default: 0.1; 0 where tokens are "
                    + "only copied).")
    private Double smoothing;

    @Option(
            names = "--sampling",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "Scheduled sampling: how often, in the end, the decoder reads its own guess in training and not "
                            + "the target's token (default: ${DEFAULT-VALUE}).")
    private double sampling;

    @Option(
            names = "--sampling-epochs",
            paramLabel = "N",
            description = "Epochs in which that share rises from 0 (default: 10).")
    private Integer samplingEpochs;

    Regularisation regularisation(NetworkSettings network) {
        double between = dropoutBetween == null ? network.isStacked() ? 0.3 : 0 : dropoutBetween;
        double memory = dropoutMemory == null ? network.isDecoderOnly() ? 0 : 0.5 : dropoutMemory;
        boolean copies = network.output().kind() == OutputSettings.Kind.COPY;
        double smooth = smoothing == null ? copies ? 0 : 0.1 : smoothing;
        return new Regularisation(dropoutInput, between, memory, dropoutOutput, dropoutRecurrent, smooth);
    }

    ScheduledSampling sampling() {
        OptimisationOptions.belongs(
                "--sampling-epochs",
                samplingEpochs,
                sampling == 0 ? "no sampling" : "--sampling",
                List.of("--sampling"));
        return sampling == 0
                ? ScheduledSampling.NONE
                : new ScheduledSampling(sampling, samplingEpochs == null ? 10 : samplingEpochs);
    }
}
