package dev.rondo.train.synthetic;

import dev.rondo.Model;
import dev.rondo.format.Encoding;
import dev.rondo.graph.Function;
import dev.rondo.train.BatchSource;
import dev.rondo.train.Evaluation;
import dev.rondo.train.ModelFile;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import dev.rondo.train.run.ModelTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The training of a network on a problem: every batch is new, and evaluations are of sequences of their own. */
final class SyntheticTask implements ModelTask {
    /** Of the files that it writes. */
    static final String TASK = "synthetic";

    /** Names the stream of random numbers that tests are made of: no epoch. */
    private static final int TESTS = -1;

    private final SyntheticSettings settings;
    private final SequenceProblem problem;
    private final SequenceNetwork network;
    private final Function function;
    private Shard test;

    /** The network begins with the seed of its training. */
    SyntheticTask(SyntheticSettings settings) {
        this.settings = settings;
        this.problem = settings.problem();
        this.network = new SequenceNetwork(problem, settings.cell(), settings.hiddenSize());
        this.function = network.training();
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public Function function() {
        return function;
    }

    private int rows() {
        return settings.batchSize() / settings.training().shards();
    }

    @Override
    public Map<String, Integer> capacity() {
        return Map.of("B", rows(), "T", problem.steps());
    }

    @Override
    public BatchSource batches() {
        return new BatchSource() {
            @Override
            public long batchesPerEpoch() {
                return settings.batches();
            }

            @Override
            public long targetsPerBatch() {
                return (long) settings.batchSize() * problem.answers();
            }

            @Override
            public void fill(int epoch, long batch, List<Shard> shards) {
                long seed = settings.training().seed();
                SequenceProblem drawn = problem.withSteps(steps(SeededRandom.of(seed, epoch, batch)));
                for (Shard shard : shards) {
                    SequenceBatch made = draw(drawn, shard, rows(), SeededRandom.of(seed, epoch, batch, shard.index()));
                    made.copyTargets(shard.input("target"));
                }
            }
        };
    }

    /** Of a batch. */
    private int steps(SeededRandom random) {
        double ratio = (double) problem.steps() / settings.shortest();
        double steps = settings.shortest() * StrictMath.pow(ratio, random.nextDouble());
        return Math.clamp(StrictMath.round(steps), settings.shortest(), problem.steps());
    }

    /** Fills input x with new sequences. */
    private static SequenceBatch draw(SequenceProblem drawn, Shard shard, int rows, SeededRandom random) {
        var made = new SequenceBatch(drawn, rows);
        made.draw(random);
        shard.size("B", rows);
        shard.size("T", drawn.steps());
        made.copyInputs(shard.input("x"));
        return made;
    }

    @Override
    public void initialise(ParameterStore parameters, long seed) {
        network.initialise(parameters, settings.memory(), seed);
    }

    /** The mean loss, and as quality right answers in 100, on sequences that training does not see. */
    @Override
    public Evaluation evaluate(ParameterStore parameters, double trainingLoss) {
        if (test == null) {
            test = Shard.forward(network.answer(), parameters, capacity(), Model.Kernel.BEST);
        }
        var random = SeededRandom.of(settings.training().seed(), TESTS);
        double loss = 0;
        long right = 0;
        long count = 0;
        for (int done = 0; done < settings.tests(); ) {
            int rows = Math.min(rows(), settings.tests() - done);
            float[] targets = draw(problem, test, rows, random).targets();
            test.run();
            float[] y = test.floats("y");
            for (int i = 0; i < targets.length; i++) {
                float[] answer = Arrays.copyOfRange(y, i * problem.outputSize(), (i + 1) * problem.outputSize());
                loss += loss(answer, targets[i]);
                right += problem.isRight(decision(answer), targets[i]) ? 1 : 0;
            }
            count += targets.length;
            done += rows;
        }
        return Evaluation.ofLoss(loss / count, 100.0 * right / count);
    }

    private double loss(float[] answer, float target) {
        if (!problem.readsSymbols()) {
            return (answer[0] - target) * (double) (answer[0] - target);
        }
        double largest = answer[(int) decision(answer)];
        double sum = 0;
        for (float logit : answer) {
            sum += Math.exp(logit - largest);
        }
        return Math.log(sum) + largest - answer[(int) target];
    }

    /** The number, or the class with the largest logit. */
    private float decision(float[] answer) {
        if (!problem.readsSymbols()) {
            return answer[0];
        }
        int best = 0;
        for (int k = 1; k < answer.length; k++) {
            best = answer[k] > answer[best] ? k : best;
        }
        return best;
    }

    @Override
    public Map<String, String> description() {
        return SyntheticSettingsText.write(settings);
    }

    @Override
    public Map<String, String> figures(Evaluation best) {
        var figures = new LinkedHashMap<String, String>();
        figures.put("training.validation_accuracy", Double.toString(best.quality()));
        return figures;
    }

    @Override
    public void write(Path path, ParameterStore parameters, Map<String, String> metadata) throws IOException {
        var entries = new LinkedHashMap<String, String>();
        entries.put("task", TASK);
        entries.putAll(metadata);
        ModelFile.write(path, network.functions(), parameters, Encoding.F32, entries);
    }
}
