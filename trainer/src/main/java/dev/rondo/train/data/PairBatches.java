package dev.rondo.train.data;

import dev.rondo.error.InputException;
import dev.rondo.train.BatchSource;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Pairs in batches of about equal length, so that little of a batch is padding: each epoch shuffles all pairs, sorts them by length
 * within pools of 100 batches, cuts the batches, and shuffles these. The batches of an epoch differ by one pair in size, none is
 * a small rest. The pairs of a batch are dealt to the shards in turn, so that these have work alike. All of it depends on
 * seed and epoch only.
 */
public final class PairBatches implements BatchSource {
    private static final int POOL = 100;

    private final ParallelCorpus corpus;
    private final int shards;
    private final long seed;
    private final int batches;
    /** The order of an epoch, kept while it lasts. */
    private int orderedEpoch = -1;

    private int[] pairs;
    private int[] order;

    /**
     * Batches of a corpus.
     *
     * @param batchSize pairs of a batch, of all shards
     * @param shards    into which each batch is cut
     * @throws InputException when the corpus or the batch has fewer pairs than there are shards
     */
    public PairBatches(ParallelCorpus corpus, int batchSize, int shards, long seed) {
        if (shards < 1 || batchSize < shards || corpus.size() < shards) {
            throw new InputException(
                    "batch size",
                    "is at least the number of shards, and so is the number of pairs",
                    batchSize + " with " + shards + " shards and " + corpus.size() + " pairs",
                    "give a larger batch, or fewer shards");
        }
        this.corpus = corpus;
        this.shards = shards;
        this.seed = seed;
        int count = corpus.size();
        this.batches = Math.min((int) (((long) count + batchSize - 1) / batchSize), count / shards);
    }

    /** The sizes that each shard needs. */
    public Map<String, Integer> capacity() {
        int largest = (corpus.size() + batches - 1) / batches;
        return corpus.capacity((largest + shards - 1) / shards);
    }

    @Override
    public long batchesPerEpoch() {
        return batches;
    }

    /** The mean, as batches differ: tokens, ends included. */
    @Override
    public long targetsPerBatch() {
        return Math.round((double) corpus.targetTokens() / batches);
    }

    @Override
    public void fill(int epoch, long batch, List<Shard> parts) {
        if (parts.size() != shards) {
            throw new InputException(
                    "shards", "are " + shards + " as these batches were made for", "" + parts.size(), "make others");
        }
        arrange(epoch);
        for (int shard = 0; shard < shards; shard++) {
            corpus.fill(parts.get(shard), part((int) batch, shard));
        }
    }

    private void arrange(int epoch) {
        if (orderedEpoch == epoch) {
            return;
        }
        pairs = SeededRandom.of(seed, epoch).permutation(corpus.size());
        for (int pool = 0; pool < batches; pool += POOL) {
            sort(start(pool), start(Math.min(batches, pool + POOL)));
        }
        order = SeededRandom.of(seed, epoch, 1).permutation(batches);
        orderedEpoch = epoch;
    }

    /** By length of the target, then of the source: up and down in turn, so that neighbours are alike everywhere. */
    private void sort(int from, int to) {
        Integer[] pool = Arrays.stream(pairs, from, to).boxed().toArray(Integer[]::new);
        Arrays.sort(
                pool,
                Comparator.<Integer>comparingInt(pair -> corpus.target(pair).length)
                        .thenComparingInt(pair -> corpus.target(pair).length % 2 == 0
                                ? corpus.source(pair).length
                                : -corpus.source(pair).length));
        for (int i = 0; i < pool.length; i++) {
            pairs[from + i] = pool[i];
        }
    }

    private int start(int batch) {
        return (int) ((long) corpus.size() * batch / batches);
    }

    /** The pairs of a shard in a batch of the epoch arranged. */
    private int[] part(int batch, int shard) {
        int from = start(order[batch]) + shard;
        int to = start(order[batch] + 1);
        int[] part = new int[(to - from + shards - 1) / shards];
        for (int i = 0; i < part.length; i++) {
            part[i] = pairs[from + i * shards];
        }
        return part;
    }

    /** The share of an epoch's places, of sources and targets, that hold padding. */
    public double padding(int epoch) {
        arrange(epoch);
        long places = 0;
        long tokens = 0;
        for (int batch = 0; batch < batches; batch++) {
            for (int shard = 0; shard < shards; shard++) {
                int longestSource = 0;
                int longestTarget = 0;
                int[] part = part(batch, shard);
                for (int pair : part) {
                    int source = corpus.source(pair).length;
                    int target = corpus.target(pair).length + 1;
                    longestSource = Math.max(longestSource, source);
                    longestTarget = Math.max(longestTarget, target);
                    tokens += source + target;
                }
                places += (long) part.length * (longestSource + longestTarget);
            }
        }
        return 1 - (double) tokens / places;
    }
}
