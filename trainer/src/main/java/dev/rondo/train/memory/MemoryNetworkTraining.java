package dev.rondo.train.memory;

import dev.rondo.architecture.memory.MemoryNetwork;
import dev.rondo.train.Checkpoint;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.run.ModelTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Trains memory networks: stories in, a {@code .rondo} file out that answers questions about others. */
public final class MemoryNetworkTraining {
    private MemoryNetworkTraining() {}

    /**
     * Trains a network and writes that with the lowest validation loss.
     *
     * @param out        the model; written when the run ends other than by the listener's wish
     * @param checkpoint written after each evaluation and when the listener stops the run; empty for none
     * @throws dev.rondo.error.RondoException when stories or settings cannot be used, or when losses stay no numbers
     * @throws IOException when a file cannot be written
     */
    public static TrainingResult run(
            MemoryNetworkSettings settings,
            StoryTexts texts,
            Path out,
            Optional<Path> checkpoint,
            TrainingListener listener)
            throws IOException {
        return run(settings, texts, out, checkpoint, Optional.empty(), listener);
    }

    /**
     * Goes on where a checkpoint was saved: the same bits as a run that never stopped.
     *
     * @param texts   the same as before
     * @param threads that compute; they do not change the result
     * @throws dev.rondo.error.FormatException when the file is damaged or no checkpoint of a memory network
     */
    public static TrainingResult resume(
            Path checkpoint, StoryTexts texts, Path out, int threads, TrainingListener listener) throws IOException {
        Checkpoint read = Checkpoint.read(checkpoint);
        MemoryNetworkSettings settings = MemoryNetworkSettingsText.read(read.entries(), threads);
        return run(settings, texts, out, Optional.of(checkpoint), Optional.of(read), listener);
    }

    private static TrainingResult run(
            MemoryNetworkSettings settings,
            StoryTexts texts,
            Path out,
            Optional<Path> checkpoint,
            Optional<Checkpoint> from,
            TrainingListener listener)
            throws IOException {
        // The position encoding is no parameter.
        TrainingSettings training = settings.encoding() == MemoryNetworkSettings.Encoding.POSITION
                ? settings.training().withFrozen(MemoryNetwork.POSITION)
                : settings.training();
        StoryCorpus corpus = StoryCorpus.of(texts, settings.sentences());
        return new ModelTraining(training, out, checkpoint, from, listener)
                .run(_ -> new MemoryNetworkTask(settings, corpus));
    }
}
