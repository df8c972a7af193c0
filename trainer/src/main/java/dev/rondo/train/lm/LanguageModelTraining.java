package dev.rondo.train.lm;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.train.Checkpoint;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.run.ModelTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Trains language models: texts in, a {@code .rondo} file out. */
public final class LanguageModelTraining {
    private LanguageModelTraining() {}

    /**
     * Trains a model and writes that with the lowest validation loss.
     *
     * <p>While it runs, the validation text is read in several streams side by side, each but the first from the middle of
     * the text, after some tokens that do not count. The loss in the result is exact: one stream from beginning to end.
     *
     * @param out        the model; written when the run ends other than by the listener's wish
     * @param checkpoint written after each evaluation and when the listener stops the run, so that {@link #resume} goes on;
     *                   empty for none
     * @throws dev.rondo.error.InputException when texts or settings cannot be used
     * @throws dev.rondo.error.StateException when losses stay no numbers, however low the learning rate
     * @throws IOException when a file cannot be written
     */
    public static TrainingResult run(
            LanguageModelSettings settings, Texts texts, Path out, Optional<Path> checkpoint, TrainingListener listener)
            throws IOException {
        return run(settings, texts, Optional.empty(), out, checkpoint, Optional.empty(), listener);
    }

    /**
     * Goes on training a model, one that was trained here or converted: fine-tuning. Its network, its vocabulary and its
     * parameters are where the new model begins; the settings of those are not looked at. Those of the parameters that the
     * settings freeze stay as they are.
     *
     * @param from the model, which stays as it is
     * @throws dev.rondo.error.InputException when it is no language model of an embedding, recurrent layers and a matrix, or
     *     the text has characters that its vocabulary cannot hold
     */
    public static TrainingResult fineTune(
            LanguageModelSettings settings,
            Texts texts,
            Path from,
            Path out,
            Optional<Path> checkpoint,
            TrainingListener listener)
            throws IOException {
        try (PretrainedModel model = PretrainedModel.open(from)) {
            return run(settings, texts, Optional.of(model), out, checkpoint, Optional.empty(), listener);
        }
    }

    /** {@link #resume} of a run that {@link #fineTune} began, with the same model. */
    public static TrainingResult resumeFineTuning(
            Path checkpoint, Texts texts, Path from, Path out, int threads, TrainingListener listener)
            throws IOException {
        Checkpoint read = Checkpoint.read(checkpoint);
        LanguageModelSettings settings = LanguageModelSettingsText.read(read.entries(), threads);
        try (PretrainedModel model = PretrainedModel.open(from)) {
            return run(settings, texts, Optional.of(model), out, Optional.of(checkpoint), Optional.of(read), listener);
        }
    }

    /**
     * Goes on where a checkpoint was saved, with its settings: the same bits as a run that never stopped. Saves to the same
     * checkpoint.
     *
     * @param texts the same as before
     * @param threads that compute; they do not change the result
     * @throws FormatException when the file is damaged or no checkpoint of a language model
     * @throws dev.rondo.error.InputException when the texts are others
     */
    public static TrainingResult resume(Path checkpoint, Texts texts, Path out, int threads, TrainingListener listener)
            throws IOException {
        Checkpoint read = Checkpoint.read(checkpoint);
        LanguageModelSettings settings = LanguageModelSettingsText.read(read.entries(), threads);
        if (read.entries().containsKey(LanguageModelTask.FROM)) {
            throw new InputException(
                    "checkpoint " + checkpoint,
                    "is gone on from with the model that the run began with",
                    "no model",
                    "name it with --from");
        }
        return run(settings, texts, Optional.empty(), out, Optional.of(checkpoint), Optional.of(read), listener);
    }

    private static TrainingResult run(
            LanguageModelSettings given,
            Texts texts,
            Optional<PretrainedModel> model,
            Path out,
            Optional<Path> checkpoint,
            Optional<Checkpoint> from,
            TrainingListener listener)
            throws IOException {
        LanguageModelSettings settings =
                model.map(m -> given.withNetworkOf(m.architecture())).orElse(given);
        Corpus corpus = Corpus.of(settings, texts, model.map(PretrainedModel::pipeline));
        return new ModelTraining(settings.training(), out, checkpoint, from, listener)
                .run(workers -> new LanguageModelTask(settings, corpus, model, workers));
    }
}
