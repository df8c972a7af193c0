package dev.rondo.train.data;

import dev.rondo.Model;
import dev.rondo.architecture.Cell;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import dev.rondo.train.BatchSource;
import dev.rondo.train.Evaluation;
import dev.rondo.train.Feed;
import dev.rondo.train.Initialisation;
import dev.rondo.train.Loss;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import dev.rondo.train.TrainingTask;
import java.util.List;
import java.util.Map;

/**
 * The adding problem (Hochreiter and Schmidhuber 1997, section 5.4): T pairs of a number in [0, 1) and a mark; two pairs are
 * marked, one in each half; the answer is the sum of their numbers. It measures over how many steps a cell remembers: always
 * to answer 1 has a mean squared error of 1/6. Every batch is new.
 */
public final class AddingProblem implements TrainingTask {
    private static final int TEST_SAMPLES = 1000;

    private final Cell cell;
    private final int steps;
    private final int hiddenSize;
    private final int batchSize;
    private final long batches;
    private final long seed;
    private final Function function;
    private final Function answer;
    private Shard test;

    /**
     * The problem for a network of one layer and a linear output.
     *
     * @param steps     T
     * @param batchSize in one shard
     * @param batches   of an epoch, after which it is tested on other samples
     */
    public AddingProblem(Cell cell, int steps, int hiddenSize, int batchSize, long batches, long seed) {
        this.cell = cell;
        this.steps = steps;
        this.hiddenSize = hiddenSize;
        this.batchSize = batchSize;
        this.batches = batches;
        this.seed = seed;
        FunctionBuilder f = Function.builder("training");
        Value y = network(f);
        Loss.squaredError(f, y, f.input("target", ElementType.F32, "B", 1));
        this.function = f.build();
        FunctionBuilder g = Function.builder("answer");
        g.output(network(g));
        this.answer = g.build();
    }

    private Value network(FunctionBuilder f) {
        Value x = f.input("x", ElementType.F32, "B", steps, 2);
        Value none = Value.ABSENT;
        int rows = cell.gates() * hiddenSize;
        Value u = f.weight("weight_hidden", rows, hiddenSize);
        Value w = f.weight("weight_input", rows, 2);
        Value b = f.weight("bias", rows);
        List<Value> out = switch (cell) {
            case Cell.Elman(Activation activation) ->
                f.addAll(
                        new Recurrent.ElmanLayer(activation, false, false), List.of(), List.of(x, none, u, w, b, none));
            case Cell.Lstm() ->
                f.addAll(
                        new Recurrent.LstmLayer(LstmActivations.STANDARD, false, false),
                        List.of(),
                        List.of(x, none, none, u, w, b, none, none, none));
            case Cell.Gru(boolean resetAfter) ->
                f.addAll(
                        new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, resetAfter, false, false),
                        List.of(),
                        List.of(x, none, u, w, b, none, none));
        };
        Value last = out.get(1);
        return f.add(
                "y",
                new Contraction.Linear(),
                last,
                f.weight("output.weight", 1, hiddenSize),
                f.weight("output.bias", 1));
    }

    @Override
    public Function function() {
        return function;
    }

    @Override
    public Map<String, Integer> capacity() {
        return Map.of("B", batchSize);
    }

    @Override
    public BatchSource batches() {
        return new BatchSource() {
            @Override
            public long batchesPerEpoch() {
                return batches;
            }

            @Override
            public long targetsPerBatch() {
                return batchSize;
            }

            @Override
            public void fill(int epoch, long batch, List<Shard> shards) {
                for (Shard shard : shards) {
                    float[] sums = problems(shard, batchSize, SeededRandom.of(seed, epoch, batch, shard.index()));
                    shard.input("target").set(0, sums, 0, sums.length);
                }
            }
        };
    }

    /** Fills a batch with random problems; returns the answers. */
    private float[] problems(Shard shard, int rows, SeededRandom random) {
        shard.size("B", rows);
        Feed x = shard.input("x");
        float[] sums = new float[rows];
        for (int row = 0; row < rows; row++) {
            int first = random.nextInt(steps / 2);
            int second = steps / 2 + random.nextInt(steps - steps / 2);
            for (int t = 0; t < steps; t++) {
                float number = (float) random.nextDouble();
                boolean marked = t == first || t == second;
                x.set((row * steps + t) * 2, (double) number);
                x.set((row * steps + t) * 2 + 1, marked ? 1.0 : 0.0);
                sums[row] += marked ? number : 0;
            }
        }
        return sums;
    }

    /**
     * Orthogonal and Xavier's. The gates that keep the state begin with biases {@code log u}, u uniform in [1, T], so that
     * units remember for times up to T, and an LSTM's input gate with their opposite (Tallec and Ollivier 2018, section 3).
     */
    @Override
    public void initialise(ParameterStore parameters, long initialSeed) {
        parameters.initialise("weight_hidden", new Initialisation.Orthogonal(), cell.gates(), initialSeed);
        parameters.initialise("weight_input", new Initialisation.Xavier(), cell.gates(), initialSeed);
        parameters.initialise("output.weight", new Initialisation.Xavier(), 1, initialSeed);
        float[] bias = new float[cell.gates() * hiddenSize];
        var random = SeededRandom.of(initialSeed, 1);
        for (int i = 0; i < hiddenSize; i++) {
            float keep = (float) StrictMath.log(1 + (steps - 1) * random.nextDouble());
            switch (cell) {
                case Cell.Elman _ -> {
                    /* no gates */
                }
                case Cell.Lstm() -> {
                    bias[i] = -keep;
                    bias[hiddenSize + i] = keep;
                }
                case Cell.Gru _ -> bias[hiddenSize + i] = keep;
            }
        }
        parameters.set("bias", bias);
    }

    /** The mean squared error on samples that training does not see. */
    @Override
    public Evaluation evaluate(ParameterStore parameters, double trainingLoss) {
        if (test == null) {
            test = Shard.forward(answer, parameters, Map.of("B", TEST_SAMPLES), Model.Kernel.BEST);
        }
        float[] sums = problems(test, TEST_SAMPLES, SeededRandom.of(seed, -1));
        test.run();
        float[] answers = test.floats("y");
        double error = 0;
        for (int i = 0; i < sums.length; i++) {
            error += (answers[i] - sums[i]) * (answers[i] - sums[i]) / sums.length;
        }
        return Evaluation.ofLoss(error);
    }
}
