package dev.rondo.train.network;

import dev.rondo.error.InputException;
import dev.rondo.train.BatchSource;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Samples in batches of about equal length: each epoch shuffles all, sorts them by length within pools of 100 batches, cuts the batches, and
 * shuffles these, as {@link dev.rondo.train.data.PairBatches} does with pairs. All of it depends on seed and epoch only.
 */
final class ExampleBatches implements BatchSource {
    private static final int POOL = 100;

    private final Examples examples;
    private final long targets;
    private final int shards;
    private final long seed;
    private final int batches;
    /** The order of an epoch, kept while it lasts. */
    private int orderedEpoch = -1;

    private int[] samples;
    private int[] order;

    /**
     * Batches of samples.
     *
     * @param batchSize samples of a batch, of all shards
     * @param targets   predictions in all samples
     * @param shards    into which each batch is cut
     * @throws InputException when there are fewer samples than shards, or a batch has
     */
    ExampleBatches(Examples examples, long targets, int batchSize, int shards, long seed) {
        if (shards < 1 || batchSize < shards || examples.size() < shards) {
            throw new InputException(
                    "batch size",
                    "is at least the number of shards, and so is the number of samples",
                    batchSize + " with " + shards + " shards and " + examples.size() + " samples",
                    "give a larger batch, or fewer shards");
        }
        this.examples = examples;
        this.targets = targets;
        this.shards = shards;
        this.seed = seed;
        int count = examples.size();
        this.batches = Math.min((int) (((long) count + batchSize - 1) / batchSize), count / shards);
    }

    /** The sizes that each shard needs. */
    Map<String, Integer> capacity() {
        int largest = (examples.size() + batches - 1) / batches;
        return examples.capacity((largest + shards - 1) / shards);
    }

    @Override
    public long batchesPerEpoch() {
        return batches;
    }

    /** The mean, as batches differ. */
    @Override
    public long targetsPerBatch() {
        return Math.round((double) targets / batches);
    }

    @Override
    public void fill(int epoch, long batch, List<Shard> parts) {
        arrange(epoch);
        for (int shard = 0; shard < shards; shard++) {
            // Odd, so never none.
            examples.fill(parts.get(shard), part((int) batch, shard), SeededRandom.hash(seed, epoch, 2) | 1);
        }
    }

    private void arrange(int epoch) {
        if (orderedEpoch == epoch) {
            return;
        }
        samples = SeededRandom.of(seed, epoch).permutation(examples.size());
        for (int pool = 0; pool < batches; pool += POOL) {
            sort(start(pool), start(Math.min(batches, pool + POOL)));
        }
        order = SeededRandom.of(seed, epoch, 1).permutation(batches);
        orderedEpoch = epoch;
    }

    private void sort(int from, int to) {
        Integer[] pool = Arrays.stream(samples, from, to).boxed().toArray(Integer[]::new);
        Arrays.sort(pool, Comparator.comparingInt(sample -> examples.inputs().length(sample)));
        for (int i = 0; i < pool.length; i++) {
            samples[from + i] = pool[i];
        }
    }

    private int start(int batch) {
        return (int) ((long) examples.size() * batch / batches);
    }

    /** The samples of a shard in a batch of the epoch arranged. */
    private int[] part(int batch, int shard) {
        int from = start(order[batch]) + shard;
        int to = start(order[batch] + 1);
        int[] part = new int[(to - from + shards - 1) / shards];
        for (int i = 0; i < part.length; i++) {
            part[i] = samples[from + i * shards];
        }
        return part;
    }
}
