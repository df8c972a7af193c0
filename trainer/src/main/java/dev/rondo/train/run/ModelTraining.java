package dev.rondo.train.run;

import dev.rondo.Model;
import dev.rondo.train.Checkpoint;
import dev.rondo.train.Trainer;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A run whose best parameters become a file.
 *
 * @param out        the model; written when the run ends other than by the listener's wish
 * @param checkpoint written after each evaluation and when the listener stops the run; empty for none
 * @param from       what the run goes on from; empty for its beginning
 */
public record ModelTraining(
        TrainingSettings settings,
        Path out,
        Optional<Path> checkpoint,
        Optional<Checkpoint> from,
        TrainingListener listener) {

    /** @param tasks makes the task, for the threads that work on it */
    public TrainingResult run(Function<Workers, ModelTask> tasks) throws IOException {
        try (Workers workers = Workers.of(settings.threads())) {
            ModelTask task = tasks.apply(workers);
            // Before memory is asked for and parameters begin.
            from.ifPresent(saved -> saved.require(task.description()));
            var trainer = new Trainer(task, settings, workers, Model.Kernel.BEST);
            from.ifPresent(trainer::resume);
            TrainingResult result = trainer.train(checkpoint, listener);
            if (result.ending() == TrainingResult.Ending.STOPPED) {
                return result;
            }
            TrainingResult exact = task.exact(result, trainer.parameters());
            task.write(out, trainer.parameters(), metadata(task, exact));
            listener.saved(out);
            return exact;
        }
    }

    private static Map<String, String> metadata(ModelTask task, TrainingResult result) {
        var metadata = new LinkedHashMap<String, String>();
        metadata.put("trainer.version", task.version());
        metadata.putAll(task.description());
        metadata.put("training.steps", Long.toString(result.bestStep()));
        metadata.put("training.averaged", Integer.toString(result.averaged()));
        metadata.put("training.validation_loss", Double.toString(result.bestLoss()));
        metadata.putAll(task.figures(result.best()));
        return metadata;
    }
}
