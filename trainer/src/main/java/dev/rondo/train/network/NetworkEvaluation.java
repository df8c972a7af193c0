package dev.rondo.train.network;

import dev.rondo.Model;
import dev.rondo.architecture.LayerGraph;
import dev.rondo.architecture.Objective;
import dev.rondo.architecture.chain.Chain;
import dev.rondo.graph.Function;
import dev.rondo.tagging.Viterbi;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.Shard;
import dev.rondo.train.Workers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A network as its file will have it, on samples: parameters are copied from those in training, and what batch normalisation knows of the
 * data is averaged over training data first.
 */
final class NetworkEvaluation {
    /** Batches that tell means and variances well enough. */
    private static final int STATISTIC_BATCHES = 64;

    private final Optional<Chain> chain;
    private final NetworkCorpus corpus;
    private final ParameterStore store;
    private final Function function;
    private final Optional<Function> statistics;
    private final int rows;
    private final int parts;
    private final Workers workers;
    private final Map<Examples, List<Shard>> shards = new HashMap<>();
    private Shard statisticShard;

    /**
     * Plans nothing yet.
     *
     * @param chain through which tags are found
     * @param rows  samples at once
     * @param parts into which batches are divided, for the workers
     */
    NetworkEvaluation(
            LayerGraph graph,
            Objective objective,
            Optional<Chain> chain,
            NetworkCorpus corpus,
            int rows,
            int parts,
            Workers workers) {
        this.chain = chain;
        this.corpus = corpus;
        this.function = graph.evaluation(objective);
        this.statistics = graph.statistics();
        this.store = ParameterStore.of(function, List.of());
        this.rows = rows;
        this.parts = parts;
        this.workers = workers;
    }

    /** The parameters of the last {@link #take}, those of normalisation included. */
    ParameterStore parameters() {
        return store;
    }

    /** Takes over parameters as they are now. */
    void take(ParameterStore parameters) {
        for (String name : parameters.names()) {
            if (store.names().contains(name)) {
                store.values(name).copyFrom(parameters.values(name));
            }
        }
        statistics.ifPresent(this::measure);
    }

    /** The means of batches' means; and of their variances, to which the spread of the means adds. */
    private void measure(Function measured) {
        Examples training = corpus.training();
        if (statisticShard == null) {
            statisticShard = Shard.forward(measured, store, training.capacity(rows), Model.Kernel.BEST);
        }
        List<int[]> batches = training.batches(rows);
        int count = Math.min(STATISTIC_BATCHES, batches.size());
        Map<String, double[]> sums = new HashMap<>();
        Map<String, double[]> squares = new HashMap<>();
        for (int i = 0; i < count; i++) {
            training.fill(statisticShard, batches.get((int) ((long) i * batches.size() / count)), Inputs.NONE);
            if (statisticShard.hasInput("seed")) {
                statisticShard.input("seed").set(0, i);
            }
            statisticShard.run();
            for (var output : measured.outputs()) {
                add(sums, squares, output.name(), statisticShard.floats(output.name()));
            }
        }
        sums.forEach((name, sum) -> {
            float[] values = new float[sum.length];
            double[] ofMean = squares.get(name.replaceFirst("\\.variance$", ".mean"));
            double[] meanSum = sums.get(name.replaceFirst("\\.variance$", ".mean"));
            for (int k = 0; k < values.length; k++) {
                double mean = meanSum[k] / count;
                double spread = name.endsWith(".variance") ? Math.max(0, ofMean[k] / count - mean * mean) : 0;
                values[k] = (float) (sum[k] / count + spread);
            }
            store.set(name, values);
        });
    }

    private static void add(Map<String, double[]> sums, Map<String, double[]> squares, String name, float[] values) {
        double[] sum = sums.computeIfAbsent(name, n -> new double[values.length]);
        double[] square = squares.computeIfAbsent(name, n -> new double[values.length]);
        for (int k = 0; k < values.length; k++) {
            sum[k] += values[k];
            square[k] += (double) values[k] * values[k];
        }
    }

    /** What one batch gave. */
    private record Found(double loss, double squaredError) {}

    /** Scores of samples, with the parameters of the last {@link #take}. */
    NetworkScores scores(Examples examples) {
        List<int[]> batches = examples.batches(rows);
        List<Shard> ready = shards.computeIfAbsent(
                examples,
                e -> IntStream.range(0, Math.min(parts, batches.size()))
                        .mapToObj(i -> Shard.forward(function, store, e.capacity(rows), Model.Kernel.BEST))
                        .toList());
        int[][] predicted = new int[examples.size()][];
        var found = new Found[batches.size()];
        workers.run(ready.size(), part -> {
            for (int batch = part; batch < found.length; batch += ready.size()) {
                found[batch] = run(ready.get(part), examples, batches.get(batch), predicted);
            }
        });
        double loss = 0;
        double squaredError = 0;
        // In the order of batches: the same bits however many compute.
        for (Found one : found) {
            loss += one.loss;
            squaredError += one.squaredError;
        }
        long targets = examples.targetCount();
        return new NetworkScores(
                examples.size(),
                loss / (chain.isPresent() ? examples.size() : targets),
                corpus.labels(),
                ids(examples),
                flat(predicted),
                corpus.labels().isEmpty() ? Math.sqrt(squaredError / targets) : Double.NaN);
    }

    private Found run(Shard shard, Examples examples, int[] samples, int[][] predicted) {
        examples.fill(shard, samples, Inputs.NONE);
        shard.run();
        double loss = 0;
        for (float one : shard.floats("losses")) {
            loss += one;
        }
        double squaredError = switch (examples.targets()) {
            case Targets.Classes _ -> {
                long[] classes = shard.longs("class");
                for (int row = 0; row < samples.length; row++) {
                    predicted[samples[row]] = new int[] {(int) classes[row]};
                }
                yield 0;
            }
            case Targets.Tags tags -> {
                tags(shard, tags, samples, predicted);
                yield 0;
            }
            case Targets.Values values -> squaredError(shard.floats("y"), values, samples);
        };
        return new Found(loss, squaredError);
    }

    private void tags(Shard shard, Targets.Tags tags, int[] samples, int[][] predicted) {
        int steps = shard.size("T");
        int k = corpus.outputs();
        Optional<Viterbi> viterbi =
                chain.map(c -> new Viterbi(store.get(c.start()), store.get(c.transitions()), store.get(c.end())));
        long[] found = shard.longs("tags");
        MemorySegment logits = MemorySegment.ofArray(viterbi.isPresent() ? shard.floats("logits") : new float[0]);
        for (int row = 0; row < samples.length; row++) {
            int[] mine = new int[tags.count(samples[row])];
            for (int t = 0; t < mine.length; t++) {
                mine[t] = (int) found[row * steps + t];
            }
            long first = (long) row * steps * k;
            viterbi.ifPresent(v -> v.decode(logits, first, mine.length, mine));
            predicted[samples[row]] = mine;
        }
    }

    /** In the units of the data. */
    private double squaredError(float[] y, Targets.Values values, int[] samples) {
        double sum = 0;
        for (int row = 0; row < samples.length; row++) {
            float[] target = unscaled(values.rows()[samples[row]]);
            float[] mine = new float[target.length];
            System.arraycopy(y, row * mine.length, mine, 0, mine.length);
            mine = unscaled(mine);
            for (int k = 0; k < mine.length; k++) {
                sum += ((double) mine[k] - target[k]) * ((double) mine[k] - target[k]);
            }
        }
        return sum;
    }

    private float[] unscaled(float[] values) {
        return corpus.targetScaling().map(s -> s.invert(values)).orElse(values);
    }

    private static int[] ids(Examples examples) {
        return switch (examples.targets()) {
            case Targets.Classes(int[] ids) -> ids;
            case Targets.Tags(int[][] ids, var _) -> flat(ids);
            case Targets.Values _ -> new int[0];
        };
    }

    private static int[] flat(int[][] rows) {
        var all = new ArrayList<Integer>();
        for (int[] row : rows) {
            if (row != null) {
                for (int id : row) {
                    all.add(id);
                }
            }
        }
        return all.stream().mapToInt(Integer::intValue).toArray();
    }
}
