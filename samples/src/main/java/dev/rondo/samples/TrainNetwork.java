package dev.rondo.samples;

import dev.rondo.Model;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import dev.rondo.train.GradientRun;
import dev.rondo.train.Initialisation;
import dev.rondo.train.Loss;
import dev.rondo.train.ModelFile;
import dev.rondo.train.Optimizer;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import dev.rondo.train.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Trains a network of one's own: build a function, differentiate it, step an optimizer, write a file. A GRU reads a wave and
 * says its next value at each step. {@code java ... dev.rondo.samples.TrainNetwork OUT} prints the mean squared error.
 */
public final class TrainNetwork {
    private static final int STEPS = 40;
    private static final int HIDDEN = 16;
    private static final int ROWS = 16;

    private TrainNetwork() {}

    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            System.err.println("usage: TrainNetwork MODEL");
            System.exit(2);
        }
        // The network, once with a loss and once as it will be used.
        FunctionBuilder f = Function.builder("training");
        Loss.squaredError(f, network(f), f.input("target", ElementType.F32, "B", "T", 1));
        Function training = f.build();
        FunctionBuilder g = Function.builder("predict");
        g.output(network(g));

        ParameterStore parameters = ParameterStore.of(training, List.of());
        parameters.initialise("weight_hidden", new Initialisation.Orthogonal(), 3, 1);
        parameters.initialise("weight_input", new Initialisation.Xavier(), 3, 1);
        parameters.initialise("output", new Initialisation.Xavier(), 1, 1);

        Optimizer adam = Optimizer.adam();
        try (Workers workers = Workers.of(1)) {
            var gradient =
                    new GradientRun(training, parameters, Map.of("B", ROWS, "T", STEPS), 1, Model.Kernel.BEST, workers);
            Shard batch = gradient.shards().getFirst();
            for (int step = 1; step <= 300; step++) {
                fill(batch, SeededRandom.of(1, step));
                GradientRun.Outcome outcome = gradient.run();
                parameters.update(adam, 0.01, step);
                if (step % 50 == 0) {
                    System.out.printf("step %d: mean squared error %.5f%n", step, outcome.loss());
                }
            }
        }
        ModelFile.write(Path.of(args[0]), List.of(g.build()), parameters, Encoding.F32, Map.of("task", "wave"));
    }

    private static Value network(FunctionBuilder f) {
        Value x = f.input("x", ElementType.F32, "B", "T", 1);
        var layer = new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, false, false, false);
        Value none = Value.ABSENT;
        Value h = f.add(
                layer,
                x,
                none,
                f.weight("weight_hidden", 3 * HIDDEN, HIDDEN),
                f.weight("weight_input", 3 * HIDDEN, 1),
                f.weight("bias", 3 * HIDDEN),
                none,
                none);
        return f.add("y", new Contraction.Linear(), h, f.weight("output", 1, HIDDEN), f.weight("output_bias", 1));
    }

    /** Waves of random length and phase; each target is the next value. */
    private static void fill(Shard batch, SeededRandom random) {
        for (int row = 0; row < ROWS; row++) {
            double speed = 0.2 + 0.4 * random.nextDouble();
            double phase = 2 * Math.PI * random.nextDouble();
            for (int t = 0; t < STEPS; t++) {
                batch.input("x").set(row * STEPS + t, Math.sin(phase + speed * t));
                batch.input("target").set(row * STEPS + t, Math.sin(phase + speed * (t + 1)));
            }
        }
    }
}
