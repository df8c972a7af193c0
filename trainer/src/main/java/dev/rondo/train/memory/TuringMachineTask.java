package dev.rondo.train.memory;

import dev.rondo.Model;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.memory.TuringMachine;
import dev.rondo.architecture.memory.TuringMachineGraph;
import dev.rondo.format.Encoding;
import dev.rondo.graph.Function;
import dev.rondo.train.BatchSource;
import dev.rondo.train.Evaluation;
import dev.rondo.train.Initialisation;
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

/** The training of a Neural Turing Machine on the copy problem. */
final class TuringMachineTask implements ModelTask {
    /** The score of the place where the heads begin; that of all others is 0. Were all alike, no place could ever differ from another. */
    private static final float FIRST_PLACE = 6;
    /** Of the test's random numbers: no epoch. */
    private static final int TEST = -1;

    private final TuringMachineSettings settings;
    private final TuringMachineGraph graph;
    private final Function function;
    private Shard test;

    TuringMachineTask(TuringMachineSettings settings) {
        this.settings = settings;
        this.graph = new TuringMachineGraph(settings.machine());
        this.function = graph.training();
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
        return Map.of("B", rows(), "T", CopyProblem.steps(settings.maxLength()));
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
                return (long) settings.batchSize() * settings.problem().bits() * (settings.maxLength() + 1) / 2;
            }

            @Override
            public void fill(int epoch, long batch, List<Shard> shards) {
                for (Shard shard : shards) {
                    var random = SeededRandom.of(settings.training().seed(), epoch, batch, shard.index());
                    settings.problem().fill(shard, rows(), 1 + random.nextInt(settings.maxLength()), random);
                }
            }
        };
    }

    @Override
    public void initialise(ParameterStore parameters, long seed) {
        for (Parameter parameter : settings.machine().parameters()) {
            parameters.initialise(parameter.name(), Initialisation.usual(parameter), parameter.groups(), seed);
        }
        float[] start =
                new float[settings.machine().heads() * settings.machine().rows()];
        for (int head = 0; head < settings.machine().heads(); head++) {
            start[head * settings.machine().rows()] = FIRST_PLACE;
        }
        parameters.set(TuringMachine.START, start);
        if (settings.machine().controller() == TuringMachine.Controller.LSTM) {
            // A forget gate that is open at first.
            float[] bias = parameters.get("controller.bias");
            int size = settings.machine().controllerSize();
            Arrays.fill(bias, size, 2 * size, 1);
            parameters.set("controller.bias", bias);
        }
    }

    /** By the cross-entropy of a bit; the quality is the share of right bits, of 100. */
    @Override
    public Evaluation evaluate(ParameterStore parameters, double trainingLoss) {
        int rows = settings.testSequences();
        if (test == null) {
            test = Shard.forward(
                    graph.evaluation(),
                    parameters,
                    Map.of("B", rows, "T", CopyProblem.steps(settings.testLength())),
                    Model.Kernel.BEST);
        }
        var random = SeededRandom.of(settings.training().seed(), TEST);
        settings.problem().fill(test, rows, settings.testLength(), random);
        test.run();
        double bits = (double) rows * settings.testLength() * settings.problem().bits();
        return Evaluation.ofLoss(sum(test.floats("losses")) / bits, 100 * (1 - sum(test.floats("wrong")) / bits));
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    @Override
    public Map<String, String> figures(Evaluation best) {
        return best.hasQuality() ? Map.of("training.validation_bit_accuracy", "" + best.quality()) : Map.of();
    }

    @Override
    public Map<String, String> description() {
        return new LinkedHashMap<>(TuringMachineSettingsText.write(settings));
    }

    @Override
    public void write(Path path, ParameterStore parameters, Map<String, String> metadata) throws IOException {
        var all = new LinkedHashMap<String, String>();
        all.put("task", TuringMachineTraining.TASK);
        all.putAll(metadata);
        ModelFile.write(path, List.of(graph.start(), graph.step(), graph.sequence()), parameters, Encoding.F32, all);
    }
}
