package dev.rondo.train.network;

import dev.rondo.error.InputException;
import dev.rondo.train.Feed;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import java.util.Map;

/** What a network reads of each sample. */
sealed interface Inputs {
    /** The number of samples. */
    int size();

    /** Steps of a sample; 1 where there is no time. */
    int length(int sample);

    /** The largest sizes of all samples, but of the dimension {@code B}. */
    Map<String, Integer> capacity();

    /**
     * Fills the inputs of a shard, a row for each sample, and sets its sizes.
     *
     * @param noise of what training changes in the inputs; {@link #NONE} for samples as they are
     */
    void fill(Shard shard, int[] samples, long noise);

    /** What is longer is no sample that a network is trained on: all rows of a batch have its length. */
    int MAX_LENGTH = 1 << 14;

    /** @throws InputException when a text is too long */
    static void checkLength(int tokens) {
        if (tokens > MAX_LENGTH) {
            throw new InputException(
                    "data",
                    "has at most " + MAX_LENGTH + " tokens in a text",
                    tokens + " tokens",
                    "leave long training texts out (--max-length), or divide them");
        }
    }

    /** No noise. */
    long NONE = 0;

    /**
     * Ids.
     *
     * @param ids     of each sample, at least one
     * @param unknown what training reads now and then in place of rare tokens
     */
    record Tokens(int[][] ids, UnknownDropout unknown) implements Inputs {
        @Override
        public int size() {
            return ids.length;
        }

        @Override
        public int length(int sample) {
            return ids[sample].length;
        }

        @Override
        public Map<String, Integer> capacity() {
            return Map.of("T", longest(this));
        }

        @Override
        public void fill(Shard shard, int[] samples, long noise) {
            int steps = Inputs.begin(this, shard, samples);
            Feed tokens = shard.input("tokens");
            for (int row = 0; row < samples.length; row++) {
                int[] sample = ids[samples[row]];
                SeededRandom random = SeededRandom.of(noise, samples[row]);
                for (int t = 0; t < steps; t++) {
                    int id = t < sample.length ? sample[t] : 0;
                    tokens.set(row * steps + t, noise == NONE ? id : unknown.read(id, random));
                }
            }
        }
    }

    /**
     * Words with their characters.
     *
     * @param words      ids
     * @param characters ids of the characters of each word, at least one
     */
    record Words(Tokens words, int[][][] characters) implements Inputs {
        @Override
        public int size() {
            return words.size();
        }

        @Override
        public int length(int sample) {
            return words.length(sample);
        }

        @Override
        public Map<String, Integer> capacity() {
            int longest = 1;
            for (int sample = 0; sample < characters.length; sample++) {
                longest = Math.max(longest, longestWord(sample));
            }
            return Map.of("T", longest(this), "C", longest);
        }

        private int longestWord(int sample) {
            int longest = 1;
            for (int[] word : characters[sample]) {
                longest = Math.max(longest, word.length);
            }
            return longest;
        }

        @Override
        public void fill(Shard shard, int[] samples, long noise) {
            int most = 1;
            for (int sample : samples) {
                most = Math.max(most, longestWord(sample));
            }
            shard.size("C", most);
            words.fill(shard, samples, noise);
            int steps = shard.size("T");
            Feed feed = shard.input("characters");
            Feed lengths = shard.input("character_lengths");
            for (int row = 0; row < samples.length; row++) {
                int[][] sample = characters[samples[row]];
                for (int t = 0; t < steps; t++) {
                    int at = row * steps + t;
                    int[] word = t < sample.length ? sample[t] : PADDING;
                    lengths.set(at, word.length);
                    for (int c = 0; c < most; c++) {
                        feed.set(at * most + c, c < word.length ? word[c] : 0);
                    }
                }
            }
        }

        /** Words beyond the end of a row have a character, for the shortest word has one. */
        private static final int[] PADDING = {0};
    }

    /**
     * Rows of numbers.
     *
     * @param rows of each sample, one after the other
     * @param width numbers of a row
     */
    record Steps(float[][] rows, int width) implements Inputs {
        @Override
        public int size() {
            return rows.length;
        }

        @Override
        public int length(int sample) {
            return rows[sample].length / width;
        }

        @Override
        public Map<String, Integer> capacity() {
            return Map.of("T", longest(this));
        }

        @Override
        public void fill(Shard shard, int[] samples, long noise) {
            int steps = Inputs.begin(this, shard, samples);
            Feed x = shard.input("x");
            float[] zeros = new float[steps * width];
            for (int row = 0; row < samples.length; row++) {
                float[] sample = rows[samples[row]];
                int at = row * steps * width;
                x.set(at, sample, 0, sample.length);
                x.set(at + sample.length, zeros, 0, steps * width - sample.length);
            }
        }
    }

    /** One row of numbers for each sample. */
    record Vectors(float[][] rows) implements Inputs {
        @Override
        public int size() {
            return rows.length;
        }

        @Override
        public int length(int sample) {
            return 1;
        }

        @Override
        public Map<String, Integer> capacity() {
            return Map.of();
        }

        @Override
        public void fill(Shard shard, int[] samples, long noise) {
            shard.size("B", samples.length);
            shard.reset();
            Feed x = shard.input("x");
            for (int row = 0; row < samples.length; row++) {
                float[] sample = rows[samples[row]];
                x.set(row * sample.length, sample, 0, sample.length);
            }
        }
    }

    private static int longest(Inputs inputs) {
        int longest = 1;
        for (int sample = 0; sample < inputs.size(); sample++) {
            longest = Math.max(longest, inputs.length(sample));
        }
        return longest;
    }

    /** Sets sizes and lengths; returns the steps of the longest of these. */
    private static int begin(Inputs inputs, Shard shard, int[] samples) {
        int steps = 1;
        for (int sample : samples) {
            steps = Math.max(steps, inputs.length(sample));
        }
        shard.size("B", samples.length);
        shard.size("T", steps);
        shard.reset();
        if (shard.hasInput("lengths")) {
            Feed lengths = shard.input("lengths");
            for (int row = 0; row < samples.length; row++) {
                lengths.set(row, inputs.length(samples[row]));
            }
        }
        return steps;
    }
}
