package dev.rondo.train.seq2seq;

import dev.rondo.error.FormatException;
import dev.rondo.train.Checkpoint;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.run.ModelTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Trains encoder-decoders: parallel texts in, a {@code .rondo} file out. */
public final class EncoderDecoderTraining {
    private EncoderDecoderTraining() {}

    /**
     * Trains a model and writes the best one, by the measure of the settings.
     *
     * @param out        the model; written when the run ends other than by the listener's wish
     * @param checkpoint written after each evaluation and when the listener stops the run, so that {@link #resume} goes on;
     *                   empty for none
     * @throws dev.rondo.error.InputException when texts or settings cannot be used
     * @throws dev.rondo.error.StateException when losses stay no numbers, however low the learning rate
     * @throws IOException when a file cannot be written
     */
    public static TrainingResult run(
            EncoderDecoderSettings settings,
            PairTexts texts,
            Path out,
            Optional<Path> checkpoint,
            TrainingListener listener)
            throws IOException {
        return run(settings, texts, out, checkpoint, Optional.empty(), listener);
    }

    /**
     * Goes on where a checkpoint was saved, with its settings: the same bits as a run that never stopped. Saves to the same
     * checkpoint.
     *
     * @param texts   the same as before
     * @param threads that compute; they do not change the result
     * @throws FormatException when the file is damaged or no checkpoint of an encoder-decoder
     * @throws dev.rondo.error.InputException when the texts are others
     */
    public static TrainingResult resume(
            Path checkpoint, PairTexts texts, Path out, int threads, TrainingListener listener) throws IOException {
        Checkpoint read = Checkpoint.read(checkpoint);
        EncoderDecoderSettings settings = EncoderDecoderSettingsText.read(read.entries(), threads);
        return run(settings, texts, out, Optional.of(checkpoint), Optional.of(read), listener);
    }

    private static TrainingResult run(
            EncoderDecoderSettings settings,
            PairTexts texts,
            Path out,
            Optional<Path> checkpoint,
            Optional<Checkpoint> from,
            TrainingListener listener)
            throws IOException {
        PairCorpora corpora = PairCorpora.of(settings, texts);
        return new ModelTraining(settings.training(), out, checkpoint, from, listener)
                .run(workers -> new EncoderDecoderTask(settings, corpora, workers));
    }
}
