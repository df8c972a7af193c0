package dev.rondo.train.run;

import dev.rondo.train.Evaluation;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.TrainingTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A task whose parameters become a model file. */
public interface ModelTask extends TrainingTask {
    /** Raised whenever the same settings and texts would give another model. */
    String version();

    /**
     * The result of a run that has ended, with the figures of the parameters that it leaves: for a task whose evaluations between
     * steps are not exact.
     */
    default TrainingResult exact(TrainingResult result, ParameterStore parameters) {
        return result;
    }

    /** What a model says about how good it is, beside its loss. */
    default Map<String, String> figures(Evaluation best) {
        return Map.of();
    }

    /**
     * Writes the model.
     *
     * @param metadata what it says about itself, beside its kind
     * @throws IOException when the file cannot be written
     */
    void write(Path path, ParameterStore parameters, Map<String, String> metadata) throws IOException;
}
