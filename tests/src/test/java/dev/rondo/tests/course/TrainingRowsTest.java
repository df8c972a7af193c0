package dev.rondo.tests.course;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.architecture.BatchNormalisation;
import dev.rondo.architecture.training.Training;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import dev.rondo.tests.Engine;
import dev.rondo.tests.gradient.GradientCase;
import dev.rondo.tests.gradient.TrainingEngine;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.train.GradientRun;
import dev.rondo.train.Initialisation;
import dev.rondo.train.Loss;
import dev.rondo.train.Optimizer;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import dev.rondo.train.Workers;
import dev.rondo.train.gradient.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a course says about training: rows that need a network of their own. The others are in docs/course.md. */
class TrainingRowsTest {
    static List<Engine> engines() {
        return Engine.all();
    }

    // Batch normalisation.

    private static Function normalised(BatchNormalisation norm, Object... shape) {
        FunctionBuilder f = Function.builder("normalised");
        Value x = f.input("x", ElementType.F32, shape);
        f.output(norm.training(f, x));
        return f.build();
    }

    private static NdArray last(Engine engine, Function f, NdArray x, Map<String, NdArray> weights) {
        return engine.run(f, Map.of("x", x), weights)
                .output(f.outputs().getLast().name());
    }

    /** By hand: a feature (1, 3, 5, 7) has μ = 4 and σ = √5. */
    @ParameterizedTest
    @MethodSource("engines")
    void batchNormalisationIsXMinusMuOverSigma(Engine engine) {
        Function f = normalised(new BatchNormalisation("norm", 0, false), "B", 2);
        assertEquals(List.of(), f.weights());
        NdArray x = NdArray.f32(List.of(4, 2), 1, -10, 3, 10, 5, 10, 7, -10);
        double s = Math.sqrt(5);
        NdArray wanted = NdArray.f32(List.of(4, 2), -3 / s, -1, -1 / s, 1, 1 / s, 1, 3 / s, -1);
        assertClose(wanted, last(engine, f, x, Map.of()), 10 * engine.tolerance(), "x̂");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void batchNormalisationWithItsAffinePartHasMeanBiasAndDeviationGain(Engine engine) {
        Function f = normalised(new BatchNormalisation("norm", 0, true), "B", "T", 3);
        double[] gain = {2, -0.5, 1};
        double[] bias = {0.5, 3, -1};
        Map<String, NdArray> weights = Map.of("norm.gain", NdArray.vector(gain), "norm.bias", NdArray.vector(bias));
        NdArray y = last(engine, f, NdArray.random(new Random(5), 3, 7, 5, 3), weights);
        for (int feature = 0; feature < 3; feature++) {
            double mean = 0;
            double square = 0;
            for (int row = 0; row < 35; row++) {
                double v = y.at(row / 5, row % 5, feature);
                mean += v / 35;
                square += v * v / 35;
            }
            assertEquals(bias[feature], mean, 10 * engine.tolerance());
            assertEquals(Math.abs(gain[feature]), Math.sqrt(square - mean * mean), 20 * engine.tolerance());
        }
    }

    /** A feature that never changes becomes 0 with an epsilon, as there is no σ to divide by. */
    @ParameterizedTest
    @MethodSource("engines")
    void batchNormalisationOfAConstantIsZero(Engine engine) {
        Function f = normalised(new BatchNormalisation("norm", 1e-5f, false), "B", 1);
        NdArray x = NdArray.f32(List.of(3, 1), 8, 8, 8);
        assertClose(NdArray.f32(List.of(3, 1), 0, 0, 0), last(engine, f, x, Map.of()), 1e-12, "x̂");
        FunctionBuilder g = Function.builder("vector");
        Value vector = g.input("x", ElementType.F32, 4);
        assertThrows(ShapeException.class, () -> BatchNormalisation.of("norm").training(g, vector));
    }

    /** Linear, batch normalisation, activation, and again: what depends on the batch through μ and σ included. */
    @Test
    void gradientOfBatchNormalisationBeforeTheActivation() {
        var random = new Random(17);
        for (boolean affine : new boolean[] {false, true}) {
            FunctionBuilder f = Function.builder("network");
            Value h = f.input("x", ElementType.F32, "B", 3);
            int inputs = 3;
            for (int layer = 0; layer < 2; layer++) {
                var norm = new BatchNormalisation("norm" + layer, 1e-5f, affine);
                Value z = f.linear(h, f.weight("w" + layer, 4, inputs), Value.ABSENT);
                h = f.activate(Activation.TANH, norm.training(f, z));
                inputs = 4;
            }
            Loss.squaredError(f, h, f.input("target", ElementType.F32, "B", 4));
            Function fed = Parameters.asInputs(f.build());
            Map<String, NdArray> values = new HashMap<>();
            for (Value input : fed.inputs()) {
                Integer[] shape = input.type().dims().stream()
                        .map(d -> d.isFixed() ? (int) d.fixed() : 9)
                        .toArray(Integer[]::new);
                // Deviations well above the steps of the differences: x̂ bends as 1/σ does.
                boolean inside = input.name().contains("norm");
                values.put(input.name(), NdArray.random(random, inside ? 0.5 : 3, shape));
            }
            var parameters = new ArrayList<>(Parameters.of(fed));
            assertEquals(affine ? 6 : 2, parameters.size());
            parameters.add(fed.inputs().getFirst());
            Value loss = fed.output("loss").orElseThrow();
            var found = new GradientCase("batch normalisation", fed, loss, parameters, values);
            for (int i = 0; i < 3; i++) {
                assertTrue(found.agreesWithDifferences(random));
            }
            found.agreesOn(new TrainingEngine(true, true));
            found.agreesOn(new TrainingEngine(false, false));
        }
    }

    private static Value classifier(FunctionBuilder f, BatchNormalisation norm, boolean training) {
        Value z = f.linear(f.input("x", ElementType.F32, "B", 2), f.weight("hidden", 8, 2), Value.ABSENT);
        Value n = training ? norm.training(f, z) : norm.inference(f, z);
        return f.add(
                "logits",
                new Contraction.Linear(),
                f.activate(Activation.TANH, n),
                f.weight("output", 2, 8),
                f.weight("output_bias", 2));
    }

    /** Exclusive or of two numbers far from 0; in use, with statistics of all data, one row gives what the batch gave. */
    @Test
    void aNetworkWithBatchNormalisationLearnsExclusiveOrAndAnswersRowsAlone() {
        var norm = BatchNormalisation.of("norm");
        FunctionBuilder f = Function.builder("training");
        Loss.crossEntropy(f, classifier(f, norm, true), f.input("target", ElementType.I32, "B"));
        FunctionBuilder g = Function.builder("use");
        g.output(classifier(g, norm, false));
        Function use = g.build();
        FunctionBuilder s = Function.builder("statistics");
        Value z = s.linear(s.input("x", ElementType.F32, "B", 2), s.weight("hidden", 8, 2), Value.ABSENT);
        BatchNormalisation.Statistics known = norm.statistics(s, z);
        s.output(known.mean());
        s.output(known.variance());
        float[] x = {100, 100, 100, 101, 101, 100, 101, 101};
        int[] target = {0, 1, 1, 0};

        ParameterStore parameters = ParameterStore.of(use, List.of("norm.mean", "norm.variance"));
        parameters.initialise("hidden", new Initialisation.Xavier(), 1, 3);
        parameters.initialise("output", new Initialisation.Xavier(), 1, 3);
        parameters.set("norm.gain", new float[] {1, 1, 1, 1, 1, 1, 1, 1});
        Map<String, Integer> capacity = Map.of("B", 4);
        double loss = Double.NaN;
        try (Workers workers = Workers.of(1)) {
            var run = new GradientRun(f.build(), parameters, capacity, 1, Model.Kernel.BEST, workers);
            Shard batch = run.shards().getFirst();
            batch.input("x").set(0, x, 0, 8);
            for (int i = 0; i < 4; i++) {
                batch.input("target").set(i, target[i]);
            }
            for (int step = 1; step <= 200; step++) {
                loss = run.run().loss();
                parameters.update(Optimizer.adam(), 0.03, step);
            }
        }
        assertTrue(loss < 0.05, "cross-entropy " + loss);

        Shard statistics = Shard.forward(s.build(), parameters, capacity, Model.Kernel.BEST);
        statistics.input("x").set(0, x, 0, 8);
        statistics.run();
        parameters.set("norm.mean", statistics.floats(known.mean().name()));
        parameters.set("norm.variance", statistics.floats(known.variance().name()));
        Shard alone = Shard.forward(use, parameters, capacity, Model.Kernel.BEST);
        alone.size("B", 1);
        for (int i = 0; i < 4; i++) {
            alone.input("x").set(0, x, 2 * i, 2);
            alone.run();
            float[] logits = alone.floats("logits");
            assertEquals(target[i], logits[1] > logits[0] ? 1 : 0, "row " + i);
        }
    }

    // One input to many outputs.

    private static final int WORDS = 6;
    private static final int BEGIN = 5;
    private static final int LENGTH = 4;
    private static final int[][] CAPTIONS = {{0, 1, 2, 4}, {0, 2, 1, 4}, {3, 3, 0, 4}, {1, 0, 3, 4}};

    /** A picture's features set the first state; words come out, each from the one before. */
    private static Value captioner(FunctionBuilder f) {
        Value picture = f.input("picture", ElementType.F32, "B", 8);
        Value words = f.input("words", ElementType.I32, "B", "T");
        Value h = f.activate(Activation.TANH, f.linear(picture, f.weight("first", 16, 8), f.weight("first_bias", 16)));
        var layer = new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, true, false, false);
        Value none = Value.ABSENT;
        Value y = f.add(
                layer,
                f.gather(f.weight("embedding", WORDS, 8), words),
                h,
                f.weight("weight_hidden", 48, 16),
                f.weight("weight_input", 48, 8),
                f.weight("bias", 48),
                none,
                none);
        return f.add(
                "logits", new Contraction.Linear(), y, f.weight("output", WORDS, 16), f.weight("output_bias", WORDS));
    }

    /** Four kinds of picture, none seen twice. */
    private static void picture(Shard shard, int row, int kind, SeededRandom random) {
        for (int k = 0; k < 8; k++) {
            double pattern = k % 4 == kind ? 1 : 0;
            shard.input("picture").set(8 * row + k, pattern + 0.2 * random.nextGaussian());
        }
    }

    /** Trained by teacher forcing on new pictures at each step, then generating freely for other ones. */
    @Test
    void oneInputToManyOutputsLearnsToCaption() {
        FunctionBuilder f = Function.builder("training");
        Loss.crossEntropy(f, captioner(f), f.input("targets", ElementType.I32, "B", "T"));
        Function training = f.build();
        FunctionBuilder g = Function.builder("use");
        g.output(captioner(g));
        ParameterStore parameters = ParameterStore.of(training, List.of());
        parameters.names().stream().filter(name -> !name.endsWith("bias")).forEach(name -> {
            int gates = name.startsWith("weight") ? 3 : 1;
            parameters.initialise(name, new Initialisation.Xavier(), gates, 2);
        });
        Map<String, Integer> capacity = Map.of("B", 8, "T", LENGTH);
        try (Workers workers = Workers.of(1)) {
            var run = new GradientRun(training, parameters, capacity, 1, Model.Kernel.BEST, workers);
            Shard batch = run.shards().getFirst();
            for (int step = 1; step <= 250; step++) {
                SeededRandom random = SeededRandom.of(7, step);
                for (int row = 0; row < 8; row++) {
                    int kind = row % 4;
                    picture(batch, row, kind, random);
                    for (int t = 0; t < LENGTH; t++) {
                        batch.input("words").set(row * LENGTH + t, t == 0 ? BEGIN : CAPTIONS[kind][t - 1]);
                        batch.input("targets").set(row * LENGTH + t, CAPTIONS[kind][t]);
                    }
                }
                run.run();
                parameters.update(Optimizer.adam(), 0.02, step);
            }
        }
        Shard shard = Shard.forward(g.build(), parameters, Map.of("B", 1, "T", LENGTH), Model.Kernel.BEST);
        SeededRandom random = SeededRandom.of(8);
        for (int kind = 0; kind < 4; kind++) {
            picture(shard, 0, kind, random);
            assertArrayEquals(CAPTIONS[kind], caption(shard), "picture of kind " + kind);
        }
    }

    /** The likeliest word after what has come so far, again and again. */
    private static int[] caption(Shard shard) {
        int[] words = new int[LENGTH];
        for (int t = 0; t < LENGTH; t++) {
            shard.size("T", t + 1);
            shard.input("words").set(0, BEGIN);
            for (int i = 0; i < t; i++) {
                shard.input("words").set(i + 1, words[i]);
            }
            shard.run();
            float[] logits = shard.floats("logits");
            for (int word = 0; word < WORDS; word++) {
                if (logits[t * WORDS + word] > logits[t * WORDS + words[t]]) {
                    words[t] = word;
                }
            }
        }
        return words;
    }

    // Losses.

    /** The trained loss is the quantity of the course: −log P, so that exp of its mean is the perplexity, |V| if uniform. */
    @ParameterizedTest
    @MethodSource("trainingEngines")
    void theLossOfTrainingIsTheLogarithmOfThePerplexity(Engine engine) {
        FunctionBuilder f = Function.builder("loss");
        Value logits = f.input("logits", ElementType.F32, "N", 6);
        f.output(f.add("each", new Training.CrossEntropy(0), logits, f.input("target", ElementType.I32, "N")));
        Function loss = f.build();
        NdArray target = NdArray.ints(3, 1, 5, 0);
        var uniform = Map.of("logits", NdArray.zeros(ElementType.F32, List.of(4, 6)), "target", target);
        assertEquals(6, perplexity(engine.run(loss, uniform, Map.of())), 10 * engine.tolerance());
        NdArray scores = NdArray.random(new Random(2), 1, 4, 6);
        double product = 1;
        for (int i = 0; i < 4; i++) {
            double sum = Arrays.stream(scores.row(i)).map(Math::exp).sum();
            product *= sum / Math.exp(scores.at(i, (int) target.at(i)));
        }
        var run = engine.run(loss, Map.of("logits", scores, "target", target), Map.of());
        double wanted = Math.pow(product, 1 / 4.0);
        assertEquals(wanted, perplexity(run), 10 * engine.tolerance() * wanted);
    }

    private static double perplexity(Interpreter.Result result) {
        return Math.exp(Arrays.stream(result.output("each").values()).average().orElseThrow());
    }

    static List<Engine> trainingEngines() {
        return List.of(new Engine.OfInterpreter(), new TrainingEngine(false, true), new TrainingEngine(true, false));
    }
}
