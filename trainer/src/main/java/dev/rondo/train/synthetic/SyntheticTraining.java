package dev.rondo.train.synthetic;

import dev.rondo.train.Checkpoint;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.TrainingTask;
import dev.rondo.train.run.ModelTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Trains networks on problems that are made: settings in, a {@code .rondo} file out. */
public final class SyntheticTraining {
    private SyntheticTraining() {}

    /** The task by itself, for a {@link dev.rondo.train.Trainer} of one's own. */
    public static TrainingTask task(SyntheticSettings settings) {
        return new SyntheticTask(settings);
    }

    /**
     * Trains a network and writes that with the lowest loss on test sequences.
     *
     * @param checkpoint written after each evaluation and when the listener stops the run; empty for none
     * @throws dev.rondo.error.StateException when losses stay no numbers, however low the learning rate
     * @throws IOException when a file cannot be written
     */
    public static TrainingResult run(
            SyntheticSettings settings, Path out, Optional<Path> checkpoint, TrainingListener listener)
            throws IOException {
        return new ModelTraining(settings.training(), out, checkpoint, Optional.empty(), listener)
                .run(_ -> new SyntheticTask(settings));
    }

    /**
     * Goes on where a checkpoint was saved, with its settings; saves to the same checkpoint.
     *
     * @param threads that compute; they do not change the result
     * @throws dev.rondo.error.FormatException when the file is damaged or a checkpoint of something else
     */
    public static TrainingResult resume(Path checkpoint, Path out, int threads, TrainingListener listener)
            throws IOException {
        Checkpoint read = Checkpoint.read(checkpoint);
        SyntheticSettings settings = SyntheticSettingsText.read(read.entries(), threads);
        return new ModelTraining(settings.training(), out, Optional.of(checkpoint), Optional.of(read), listener)
                .run(_ -> new SyntheticTask(settings));
    }
}
