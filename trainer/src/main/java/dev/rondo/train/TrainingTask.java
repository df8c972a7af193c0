package dev.rondo.train;

import dev.rondo.graph.Function;
import java.util.Map;

/** What is trained on what. */
public interface TrainingTask {
    /**
     * The function whose f32 weights are trained: outputs {@code loss} f32[], the sum over targets, and {@code count}
     * f32[]. An input {@code seed} i64[] gets a new number at each step, for dropout.
     */
    Function function();

    /** The largest sizes of the function's dimensions in one shard. */
    Map<String, Integer> capacity();

    BatchSource batches();

    /** Lets the parameters begin. */
    void initialise(ParameterStore parameters, long seed);

    /**
     * How good the parameters are, on other data; by default what the training loss says.
     *
     * @param trainingLoss the mean loss since the last evaluation; NaN for parameters that were not trained as they are
     */
    default Evaluation evaluate(ParameterStore parameters, double trainingLoss) {
        return Evaluation.ofLoss(trainingLoss);
    }

    /** What a checkpoint says about the task beside its parameters; a run resumes only where all of it is the same. */
    default Map<String, String> description() {
        return Map.of();
    }
}
