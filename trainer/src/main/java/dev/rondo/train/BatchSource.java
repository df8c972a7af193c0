package dev.rondo.train;

import java.util.List;

/** Where the inputs of a run come from. What a batch holds depends on its numbers and on a seed only. */
public interface BatchSource {
    /** How many batches an epoch has, the same for all epochs. */
    long batchesPerEpoch();

    /** How many targets a full batch has, for reports. */
    long targetsPerBatch();

    /**
     * Fills the inputs of all shards, sets their sizes, and resets their states where the batch does not continue the one
     * before.
     *
     * @param epoch the first is 0
     * @param batch the first of an epoch is 0
     */
    void fill(int epoch, long batch, List<Shard> shards);
}
