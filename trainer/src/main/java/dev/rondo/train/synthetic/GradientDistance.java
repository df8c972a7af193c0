package dev.rondo.train.synthetic;

import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.format.RondoFile;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.train.Feed;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import dev.rondo.train.gradient.Gradient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * How far back a gradient reaches: {@code ‖∂L/∂h_(T−ℓ)‖} for ℓ = 0 to T − 1, as a share of that at ℓ = 0, where L is the loss of
 * the last answer and h_t the state after step t, of an LSTM with its c_t (Bengio, Simard and Frasconi 1994; Pascanu, Mikolov
 * and Bengio 2013). The norm is over a batch of sequences.
 */
public final class GradientDistance {
    private static final int ROWS = 32;
    /** Names the stream of random numbers that these sequences are made of. */
    private static final int SEQUENCES = -2;

    private final SyntheticSettings settings;
    private final double[] before;
    private final double[] after;

    private GradientDistance(SyntheticSettings settings, double[] before, double[] after) {
        this.settings = settings;
        this.before = before;
        this.after = after;
    }

    /**
     * Of a model that {@link SyntheticTraining} wrote, and of the network that it began as.
     *
     * @throws FormatException when the file is damaged or another kind of model
     * @throws IOException     when it cannot be read
     */
    public static GradientDistance of(Path model) throws IOException {
        try (RondoFile file = RondoFile.load(model)) {
            String task = file.metadata().get("task");
            if (!SyntheticTask.TASK.equals(task)) {
                throw new FormatException(
                        "model " + model,
                        "is one that training on a synthetic problem has written",
                        task == null ? "a file without a task" : "a file of the task " + task,
                        "name such a model");
            }
            SyntheticSettings settings = SyntheticSettingsText.read(file.metadata(), 1);
            var network = new SequenceNetwork(settings.problem(), settings.cell(), settings.hiddenSize());
            Function function = network.nudged();
            ParameterStore parameters = ParameterStore.of(function, List.of());
            network.initialise(
                    parameters, settings.memory(), settings.training().seed());
            double[] before = norms(settings, function, parameters);
            parameters.load(file.tensors());
            return new GradientDistance(settings, before, norms(settings, function, parameters));
        }
    }

    /** The cell, as charts name it. */
    public String name() {
        return settings.cell().text();
    }

    /** The norms by distance before training; the first is 1. */
    public double[] before() {
        return before.clone();
    }

    /** The norms by distance after training; the first is 1. */
    public double[] after() {
        return after.clone();
    }

    /** Of parameters as they are. */
    static double[] norms(SyntheticSettings settings, Function function, ParameterStore parameters) {
        SequenceProblem problem = settings.problem();
        int steps = problem.steps();
        int hidden = settings.hiddenSize();
        List<Value> nudges = function.inputs().stream()
                .filter(v -> v.name().equals(SequenceNetwork.NUDGES) || v.name().equals(SequenceNetwork.CELL_NUDGES))
                .toList();
        Function gradient = Gradient.of(function, function.output("loss").orElseThrow(), nudges);
        Shard shard = Shard.forward(gradient, parameters, Map.of("B", ROWS, "T", steps), Model.Kernel.BEST);
        shard.size("B", ROWS);
        shard.size("T", steps);
        var sequences = new SequenceBatch(problem, ROWS);
        sequences.draw(SeededRandom.of(settings.training().seed(), SEQUENCES));
        sequences.copyInputs(shard.input("x"));
        sequences.copyLastTargets(shard.input("target"));
        double[] squares = new double[steps];
        for (Value nudge : nudges) {
            Feed zeros = shard.input(nudge.name());
            zeros.set(0, new float[zeros.size()], 0, zeros.size());
        }
        shard.run();
        for (Value nudge : nudges) {
            float[] g = shard.floats("grad/" + nudge.name());
            for (int i = 0; i < g.length; i++) {
                squares[steps - 1 - i / hidden % steps] += (double) g[i] * g[i];
            }
        }
        double[] norms = Arrays.stream(squares).map(Math::sqrt).toArray();
        double nearest = norms[0];
        for (int distance = 0; distance < steps; distance++) {
            norms[distance] /= nearest;
        }
        return norms;
    }
}
