package dev.rondo.train.network;

import dev.rondo.error.FormatException;
import dev.rondo.train.Checkpoint;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.embedding.PretrainedVectors;
import dev.rondo.train.run.ModelTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Trains networks of layers: samples in, a {@code .rondo} file out. */
public final class NetworkTraining {
    private NetworkTraining() {}

    /**
     * Trains a network and writes the best one, by the measure of the settings.
     *
     * @param out        the model; written when the run ends other than by the listener's wish
     * @param checkpoint written after each evaluation and when the listener stops the run, so that {@link #resume} goes on;
     *                   empty for none
     * @throws dev.rondo.error.InputException when data or settings cannot be used
     * @throws dev.rondo.error.StateException when losses stay no numbers, however low the learning rate
     * @throws IOException when a file cannot be written
     */
    public static NetworkResult run(
            NetworkTrainingSettings settings,
            NetworkData data,
            Path out,
            Optional<Path> checkpoint,
            TrainingListener listener)
            throws IOException {
        return run(settings, data, NetworkStart.RANDOM, out, checkpoint, listener);
    }

    /** The same from a beginning that is not random. */
    public static NetworkResult run(
            NetworkTrainingSettings settings,
            NetworkData data,
            NetworkStart start,
            Path out,
            Optional<Path> checkpoint,
            TrainingListener listener)
            throws IOException {
        return run(settings, data, start, out, checkpoint, Optional.empty(), listener);
    }

    /**
     * Goes on where a checkpoint was saved, with its settings: the same bits as a run that never stopped. Saves to the same
     * checkpoint.
     *
     * @param data    the same as before
     * @param start   likewise
     * @param threads that compute; they do not change the result
     * @throws FormatException when the file is damaged or no checkpoint of a network of layers
     * @throws dev.rondo.error.InputException when the data is other
     */
    public static NetworkResult resume(
            Path checkpoint, NetworkData data, NetworkStart start, Path out, int threads, TrainingListener listener)
            throws IOException {
        Checkpoint read = Checkpoint.read(checkpoint);
        NetworkTrainingSettings settings = NetworkTrainingSettingsText.read(read.entries(), threads);
        return run(settings, data, start, out, Optional.of(checkpoint), Optional.of(read), listener);
    }

    private static NetworkResult run(
            NetworkTrainingSettings settings,
            NetworkData data,
            NetworkStart start,
            Path out,
            Optional<Path> checkpoint,
            Optional<Checkpoint> from,
            TrainingListener listener)
            throws IOException {
        try (PretrainedNetwork pretrained =
                start.from().isPresent() ? PretrainedNetwork.open(start.from().get()) : null) {
            Optional<PretrainedNetwork> begin = Optional.ofNullable(pretrained);
            NetworkCorpus corpus = NetworkCorpus.of(settings, data, begin);
            Optional<PretrainedVectors> vectors = start.vectors().isPresent()
                    ? Optional.of(PretrainedVectors.read(
                            start.vectors().get(),
                            corpus.vocabulary(),
                            settings.training().seed()))
                    : Optional.empty();
            var made = new AtomicReference<NetworkTask>();
            TrainingResult result = new ModelTraining(settings.training(), out, checkpoint, from, listener)
                    .run(workers -> {
                        made.set(new NetworkTask(settings, corpus, begin, vectors, workers));
                        return made.get();
                    });
            return new NetworkResult(
                    result, made.get().validation(), made.get().test(), vectors.map(PretrainedVectors::coverage));
        }
    }
}
