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
                    SequenceBatch made = SequenceScores.draw(
                            drawn, shard, rows(), SeededRandom.of(seed, epoch, batch, shard.index()));
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
        SequenceScores found = SequenceScores.of(
                problem,
                test,
                rows(),
                settings.tests(),
                SeededRandom.of(settings.training().seed(), TESTS));
        return Evaluation.ofLoss(found.loss(), found.quality());
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
