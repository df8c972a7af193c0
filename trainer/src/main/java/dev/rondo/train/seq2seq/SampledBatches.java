package dev.rondo.train.seq2seq;

import dev.rondo.train.BatchSource;
import dev.rondo.train.Feed;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import java.util.List;

/** Batches of pairs, with {@code teacher} bool[B,T]: false where the step is to read its own guess. */
record SampledBatches(BatchSource pairs, ScheduledSampling sampling, long seed) implements BatchSource {
    @Override
    public long batchesPerEpoch() {
        return pairs.batchesPerEpoch();
    }

    @Override
    public long targetsPerBatch() {
        return pairs.targetsPerBatch();
    }

    @Override
    public void fill(int epoch, long batch, List<Shard> shards) {
        pairs.fill(epoch, batch, shards);
        double share = sampling.at(epoch + (double) batch / batchesPerEpoch());
        for (Shard shard : shards) {
            // Another stream than those of the order of pairs and of dropout.
            var random = SeededRandom.of(seed, epoch, batch, shard.index(), 2);
            Feed teacher = shard.input("teacher");
            int count = teacher.size();
            for (int i = 0; i < count; i++) {
                teacher.set(i, random.nextDouble() < share ? 0L : 1L);
            }
        }
    }
}
