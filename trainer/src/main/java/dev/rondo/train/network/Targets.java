package dev.rondo.train.network;

import dev.rondo.train.Feed;
import dev.rondo.train.Shard;

/** What a network is to say of each sample. */
sealed interface Targets {
    /** How many predictions a sample has. */
    int count(int sample);

    /** Fills the input {@code targets} of a shard, whose sizes are set. */
    void fill(Feed targets, Shard shard, int[] samples);

    /** A class for each. */
    record Classes(int[] ids) implements Targets {
        @Override
        public int count(int sample) {
            return 1;
        }

        @Override
        public void fill(Feed targets, Shard shard, int[] samples) {
            for (int row = 0; row < samples.length; row++) {
                targets.set(row, ids[samples[row]]);
            }
        }
    }

    /**
     * A tag for each step.
     *
     * @param weights of the tags in the loss, where the function asks for them; not copied
     */
    record Tags(int[][] ids, float[] weights) implements Targets {
        @Override
        public int count(int sample) {
            return ids[sample].length;
        }

        @Override
        public void fill(Feed targets, Shard shard, int[] samples) {
            int steps = shard.size("T");
            for (int row = 0; row < samples.length; row++) {
                int[] sample = ids[samples[row]];
                for (int t = 0; t < steps; t++) {
                    targets.set(row * steps + t, t < sample.length ? sample[t] : 0);
                }
            }
            if (shard.hasInput("class_weights")) {
                shard.input("class_weights").set(0, weights, 0, weights.length);
            }
        }
    }

    /** Numbers, as many for each. */
    record Values(float[][] rows) implements Targets {
        @Override
        public int count(int sample) {
            return rows[sample].length;
        }

        @Override
        public void fill(Feed targets, Shard shard, int[] samples) {
            for (int row = 0; row < samples.length; row++) {
                float[] sample = rows[samples[row]];
                targets.set(row * sample.length, sample, 0, sample.length);
            }
        }
    }
}
