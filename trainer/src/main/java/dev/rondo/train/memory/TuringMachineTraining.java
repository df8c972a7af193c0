package dev.rondo.train.memory;

import dev.rondo.train.Checkpoint;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.run.ModelTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Trains Neural Turing Machines to copy. The file has the functions {@code start}, {@code step} and {@code sequence} of
 * {@link dev.rondo.architecture.memory.TuringMachineGraph}.
 */
public final class TuringMachineTraining {
    /** Metadata {@code task} of such files. */
    public static final String TASK = "copy";

    private TuringMachineTraining() {}

    /**
     * Trains a machine and writes that with the lowest loss at the test's length.
     *
     * @param out        the model; written when the run ends other than by the listener's wish
     * @param checkpoint written after each evaluation and when the listener stops the run; empty for none
     * @throws dev.rondo.error.StateException when losses stay no numbers, however low the learning rate
     * @throws IOException when a file cannot be written
     */
    public static TrainingResult run(
            TuringMachineSettings settings, Path out, Optional<Path> checkpoint, TrainingListener listener)
            throws IOException {
        return run(settings, out, checkpoint, Optional.empty(), listener);
    }

    /**
     * Goes on where a checkpoint was saved: the same bits as a run that never stopped.
     *
     * @param threads that compute; they do not change the result
     * @throws dev.rondo.error.FormatException when the file is damaged or no checkpoint of such a training
     */
    public static TrainingResult resume(Path checkpoint, Path out, int threads, TrainingListener listener)
            throws IOException {
        Checkpoint read = Checkpoint.read(checkpoint);
        TuringMachineSettings settings = TuringMachineSettingsText.read(read.entries(), threads);
        return run(settings, out, Optional.of(checkpoint), Optional.of(read), listener);
    }

    private static TrainingResult run(
            TuringMachineSettings settings,
            Path out,
            Optional<Path> checkpoint,
            Optional<Checkpoint> from,
            TrainingListener listener)
            throws IOException {
        return new ModelTraining(settings.training(), out, checkpoint, from, listener)
                .run(_ -> new TuringMachineTask(settings));
    }
}
