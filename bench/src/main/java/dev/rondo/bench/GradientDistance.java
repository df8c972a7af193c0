package dev.rondo.bench;

import dev.rondo.Model;
import dev.rondo.architecture.Cell;
import dev.rondo.cli.chart.Axis;
import dev.rondo.cli.chart.LineChart;
import dev.rondo.cli.chart.Series;
import dev.rondo.cli.chart.Series.Point;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import dev.rondo.train.Initialisation;
import dev.rondo.train.Loss;
import dev.rondo.train.Optimizer;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.TrainingTask;
import dev.rondo.train.gradient.Gradient;
import dev.rondo.train.synthetic.AddingProblem;
import dev.rondo.train.synthetic.SyntheticSettings;
import dev.rondo.train.synthetic.SyntheticTraining;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How far back gradients reach before training: the norm of the gradient of a loss at the last step by the input ℓ steps
 * before, as a share of that at ℓ = 0. In a linear network {@code h_t = λ Q h_{t−1} + x_t}, Q orthogonal, it is λ^ℓ: it
 * vanishes or explodes with the spectrum (Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013). The others are the networks
 * that {@link AddingProblemTable} trains.
 */
final class GradientDistance {
    private static final List<Double> SPECTRA = List.of(0.9, 1.0, 1.1);
    private static final int HIDDEN = 24;
    private static final int BATCH = 32;
    private static final int STEPS = 100;
    private static final long SEED = 1;

    private GradientDistance() {}

    /** Prints some distances and draws all of them into the SVG file of the argument, if there is one. */
    public static void main(String[] args) throws IOException {
        Map<String, double[]> norms = norms(STEPS);
        print(norms, System.out);
        if (args.length > 0) {
            chart(norms).write(Path.of(args[0]));
        }
    }

    /** For each network the norms by distance, from 0 on; the first is 1. */
    static Map<String, double[]> norms(int steps) {
        var norms = new LinkedHashMap<String, double[]>();
        for (double lambda : SPECTRA) {
            norms.put(String.format(Locale.ROOT, "linear, λ = %.1f", lambda), linear(lambda, steps));
        }
        norms.put("Elman, tanh", untrained(new Cell.Elman(Activation.TANH), steps));
        norms.put("LSTM", untrained(new Cell.Lstm(), steps));
        norms.put("GRU", untrained(new Cell.Gru(true), steps));
        return norms;
    }

    static LineChart chart(Map<String, double[]> norms) {
        var series = new ArrayList<Series>();
        norms.forEach((name, norm) -> {
            var points = new ArrayList<Point>();
            for (int distance = 0; distance < norm.length; distance++) {
                points.add(new Point(distance, norm[distance]));
            }
            series.add(Series.line(name, points));
        });
        return new LineChart(
                "Gradient by the input, before training",
                Axis.linear("steps back from the loss"),
                Axis.logarithmic("norm, as a share of that at the last step"),
                Optional.empty(),
                series);
    }

    private static void print(Map<String, double[]> norms, PrintStream out) {
        out.println("| network | 1 step back | 10 | 50 | 99 |");
        out.println("|---|--:|--:|--:|--:|");
        norms.forEach((name, norm) -> out.printf(
                Locale.ROOT, "| %s | %.2g | %.2g | %.2g | %.2g |%n", name, norm[1], norm[10], norm[50], norm[99]));
    }

    private static double[] linear(double lambda, int steps) {
        FunctionBuilder f = Function.builder("linear");
        Value x = f.input("x", ElementType.F32, "B", "T", HIDDEN);
        Value none = Value.ABSENT;
        var layer = new Recurrent.ElmanLayer(Activation.IDENTITY, false, false);
        Value u = f.weight("weight_hidden", HIDDEN, HIDDEN);
        Value last = f.addAll(layer, List.of(), List.of(x, none, u, none, none, none))
                .get(1);
        Loss.squaredError(f, last, f.input("target", ElementType.F32, "B", HIDDEN));
        Function function = f.build();
        ParameterStore parameters = ParameterStore.of(function, List.of());
        parameters.initialise("weight_hidden", new Initialisation.Orthogonal(), 1, SEED);
        float[] scaled = parameters.get("weight_hidden");
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= (float) lambda;
        }
        parameters.set("weight_hidden", scaled);
        return norms(function, parameters, steps);
    }

    private static double[] untrained(Cell cell, int steps) {
        var training = TrainingSettings.of(Optimizer.adam(), 0.01, 1, SEED);
        TrainingTask problem = SyntheticTraining.task(
                SyntheticSettings.of(new AddingProblem(steps), cell, HIDDEN, BATCH, 1, training));
        ParameterStore parameters = ParameterStore.of(problem.function(), List.of());
        problem.initialise(parameters, SEED);
        return norms(problem.function(), parameters, steps);
    }

    /** Normal numbers as inputs x [B,T,I], and zeros as targets. */
    private static double[] norms(Function function, ParameterStore parameters, int steps) {
        Value x = function.inputs().getFirst();
        Value loss = function.output("loss").orElseThrow();
        Function gradient = Gradient.of(function, loss, List.of(x));
        Shard shard = Shard.forward(gradient, parameters, Map.of("B", BATCH, "T", steps), Model.Kernel.BEST);
        shard.size("B", BATCH);
        shard.size("T", steps);
        var random = SeededRandom.of(SEED);
        int inputs = shard.input("x").size() / (BATCH * steps);
        for (int i = 0; i < BATCH * steps * inputs; i++) {
            shard.input("x").set(i, random.nextGaussian());
        }
        shard.run();
        float[] g = shard.floats("grad/x");
        double[] norms = new double[steps];
        for (int distance = 0; distance < steps; distance++) {
            double squares = 0;
            for (int row = 0; row < BATCH; row++) {
                int from = (row * steps + steps - 1 - distance) * inputs;
                for (int k = from; k < from + inputs; k++) {
                    squares += (double) g[k] * g[k];
                }
            }
            norms[distance] = Math.sqrt(squares);
        }
        double nearest = norms[0];
        for (int distance = 0; distance < steps; distance++) {
            norms[distance] /= nearest;
        }
        return norms;
    }
}
