package dev.rondo.train.seq2seq;

import dev.rondo.Model;
import dev.rondo.graph.Function;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.Shard;
import dev.rondo.train.Workers;
import dev.rondo.train.data.ParallelCorpus;
import java.util.ArrayList;
import java.util.List;

/** The mean cross-entropy of a target token, its end included, over all pairs of a corpus. */
final class PairEvaluation {
    private final ParallelCorpus corpus;
    private final List<int[]> batches;
    private final List<Shard> shards = new ArrayList<>();
    private final Workers workers;

    /**
     * Plans the evaluation.
     *
     * @param function {@code evaluation} of {@link dev.rondo.architecture.seq2seq.EncoderDecoderGraph}
     * @param rows     pairs at once
     * @param parts    into which the batches are divided, for the workers
     */
    PairEvaluation(
            Function function, ParameterStore parameters, ParallelCorpus corpus, int rows, int parts, Workers workers) {
        this.corpus = corpus;
        this.batches = corpus.batches(rows);
        this.workers = workers;
        for (int i = 0; i < Math.min(parts, batches.size()); i++) {
            shards.add(Shard.forward(function, parameters, corpus.capacity(rows), Model.Kernel.BEST));
        }
    }

    /** In nats. */
    double loss() {
        // A sum for each batch, added in their order: the same bits however many compute.
        double[] sums = new double[batches.size()];
        workers.run(shards.size(), part -> {
            for (int batch = part; batch < sums.length; batch += shards.size()) {
                sums[batch] = sum(shards.get(part), batches.get(batch));
            }
        });
        double sum = 0;
        for (double one : sums) {
            sum += one;
        }
        return sum / corpus.targetTokens();
    }

    private double sum(Shard shard, int[] pairs) {
        corpus.fill(shard, pairs);
        shard.run();
        double sum = 0;
        // Beyond the length of a row the losses are zero.
        for (float loss : shard.floats("losses")) {
            sum += loss;
        }
        return sum;
    }
}
