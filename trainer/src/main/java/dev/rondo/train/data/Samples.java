package dev.rondo.train.data;

import dev.rondo.error.InputException;
import dev.rondo.train.BatchSource;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import java.util.List;

/**
 * Samples that do not depend on each other, in an order that is new in each epoch. The batch is all of them, some, or one;
 * the last of an epoch may be smaller. Each batch is dealt to the shards evenly, and states begin at zero.
 */
public final class Samples implements BatchSource {
    /** Puts a sample into a row of a shard's inputs. */
    @FunctionalInterface
    public interface Filler {
        /**
         * Fills one row.
         *
         * @param sample which one, from 0
         * @param row    of the shard's inputs, whose dimension {@code B} is set
         */
        void fill(int sample, Shard shard, int row);
    }

    private final int count;
    private final int batchSize;
    private final long seed;
    private final Filler filler;
    /** The order of an epoch, kept while it lasts. */
    private int orderedEpoch = -1;

    private int[] order;

    /** @throws InputException when there are no samples, or the batch is larger than all of them or empty */
    public Samples(int count, int batchSize, long seed, Filler filler) {
        if (count < 1 || batchSize < 1 || batchSize > count) {
            throw new InputException(
                    "batch size", "lies between 1 and the " + count + " samples", "" + batchSize, "change the batch");
        }
        this.count = count;
        this.batchSize = batchSize;
        this.seed = seed;
        this.filler = filler;
    }

    @Override
    public long batchesPerEpoch() {
        return (count + batchSize - 1L) / batchSize;
    }

    @Override
    public long targetsPerBatch() {
        return batchSize;
    }

    @Override
    public void fill(int epoch, long batch, List<Shard> shards) {
        if (orderedEpoch != epoch) {
            order = SeededRandom.of(seed, epoch).permutation(count);
            orderedEpoch = epoch;
        }
        int from = Math.toIntExact(batch * batchSize);
        int size = Math.min(batchSize, count - from);
        for (Shard shard : shards) {
            int first = from + size * shard.index() / shards.size();
            int last = from + size * (shard.index() + 1) / shards.size();
            shard.size("B", last - first);
            shard.reset();
            for (int i = first; i < last; i++) {
                filler.fill(order[i], shard, i - first);
            }
        }
    }
}
