package dev.rondo.train.synthetic;

import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.format.RondoFile;
import dev.rondo.format.Tensor;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import dev.rondo.train.rule.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How well a model answers sequences that neither trained it nor chose its parameters.
 *
 * @param problem   its task, of the length of its tests
 * @param sequences how many were made
 * @param answers   of all of them
 * @param loss      mean squared error, or cross-entropy in nats
 * @param quality   right answers in 100
 */
public record SyntheticEvaluation(SequenceProblem problem, int sequences, long answers, double loss, double quality) {
    /** The metadata {@code task} of such models. */
    public static final String TASK = SyntheticTask.TASK;

    /** Names the stream of random numbers that these sequences are made of: not those of the tests, whatever the seed. */
    private static final int SEQUENCES = -3;

    private static final int MAX_SEQUENCES = 1 << 24;

    /**
     * Makes sequences and compares the model's answers.
     *
     * @param model of {@link SyntheticTraining}
     * @param seed  of the sequences
     * @throws FormatException when the file is damaged or another kind of model
     * @throws IOException     when it cannot be read
     */
    public static SyntheticEvaluation of(Path model, int sequences, long seed, Model.Kernel kernel) throws IOException {
        Settings.require(
                sequences >= 1 && sequences <= MAX_SEQUENCES, "sequences", "are 1 to " + MAX_SEQUENCES, sequences);
        try (RondoFile file = RondoFile.load(model)) {
            String task = file.metadata().get("task");
            if (!TASK.equals(task)) {
                throw new FormatException(
                        "model " + model,
                        "is one that training on a synthetic problem has written",
                        task == null ? "a file without a task" : "a file of the task " + task,
                        "name such a model");
            }
            SyntheticSettings settings = SyntheticSettingsText.read(file.metadata(), 1);
            SequenceProblem problem = settings.problem();
            Function answer = new SequenceNetwork(problem, settings.cell(), settings.hiddenSize()).answer();
            check(answer, file.tensors());
            ParameterStore parameters = ParameterStore.of(answer, List.of());
            parameters.load(file.tensors());
            int rows = Math.min(
                    sequences,
                    Math.max(1, settings.batchSize() / settings.training().shards()));
            Shard shard = Shard.forward(answer, parameters, Map.of("B", rows, "T", problem.steps()), kernel);
            SequenceScores found = SequenceScores.of(problem, shard, rows, sequences, SeededRandom.of(seed, SEQUENCES));
            return new SyntheticEvaluation(problem, sequences, found.answers(), found.loss(), found.quality());
        }
    }

    /** Before memory is asked for: metadata may say sizes that the file does not have. */
    private static void check(Function function, Map<String, Tensor> tensors) {
        for (Value weight : function.weights()) {
            Tensor tensor = tensors.get(weight.tensorName());
            String shape = weight.type().dims().toString();
            if (tensor == null || !tensor.shape().toString().equals(shape)) {
                throw new FormatException(
                        "tensor " + weight.tensorName(),
                        "has the shape that the model's settings say, " + shape,
                        tensor == null ? "no such tensor" : tensor.shape().toString(),
                        "train the model anew");
            }
        }
    }
}
