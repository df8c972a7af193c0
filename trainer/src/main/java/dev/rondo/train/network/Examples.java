package dev.rondo.train.network;

import dev.rondo.train.Feed;
import dev.rondo.train.Shard;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Samples as the functions of a network are fed with them. Immutable.
 *
 * @param weights of each sample in the loss; not copied
 */
record Examples(Inputs inputs, Targets targets, float[] weights) {
    int size() {
        return inputs.size();
    }

    /** Predictions in all. */
    long targetCount() {
        return IntStream.range(0, size()).mapToLong(targets::count).sum();
    }

    /** The sizes of a shard that holds any {@code rows} of these. */
    Map<String, Integer> capacity(int rows) {
        var capacity = new HashMap<>(inputs.capacity());
        capacity.put("B", rows);
        return capacity;
    }

    /** Fills all inputs that a shard's function has, a row for each sample. */
    void fill(Shard shard, int[] samples, long noise) {
        inputs.fill(shard, samples, noise);
        if (shard.hasInput("targets")) {
            targets.fill(shard.input("targets"), shard, samples);
        }
        if (shard.hasInput("weights")) {
            Feed feed = shard.input("weights");
            for (int row = 0; row < samples.length; row++) {
                feed.set(row, weights[samples[row]]);
            }
        }
    }

    /** All samples in batches, the shortest first: to evaluate. */
    List<int[]> batches(int batchSize) {
        int[] order = IntStream.range(0, size())
                .boxed()
                .sorted(Comparator.comparingInt(inputs::length))
                .mapToInt(Integer::intValue)
                .toArray();
        return IntStream.range(0, (size() + batchSize - 1) / batchSize)
                .mapToObj(b -> Arrays.copyOfRange(order, b * batchSize, Math.min(size(), (b + 1) * batchSize)))
                .toList();
    }
}
