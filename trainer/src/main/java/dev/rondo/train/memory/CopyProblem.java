package dev.rondo.train.memory;

import dev.rondo.train.Feed;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import dev.rondo.train.rule.Settings;

/**
 * The copy problem (Graves et al. 2014, section 4.1): L vectors of random bits, a mark, and then, without input, the same
 * vectors are to come out. 2 L + 1 steps; the mark has a channel of its own, the last.
 *
 * @param bits of a vector
 */
public record CopyProblem(int bits) {
    private static final int MAX_BITS = 256;

    /** @throws dev.rondo.error.InputException when there are no bits, or more than 256 */
    public CopyProblem {
        Settings.require(bits >= 1 && bits <= MAX_BITS, "bits of a vector", "is from 1 to " + MAX_BITS, bits);
    }

    /** Channels of the input: the bits and the mark. */
    public int inputs() {
        return bits + 1;
    }

    /** Steps of a sequence of that many vectors. */
    public static int steps(int length) {
        return 2 * length + 1;
    }

    /** The first inputs of a sequence, L + 1 of {@link #inputs} numbers each: random vectors and the mark. */
    public float[] sequence(int length, SeededRandom random) {
        float[] x = new float[(length + 1) * inputs()];
        for (int t = 0; t < length; t++) {
            for (int bit = 0; bit < bits; bit++) {
                x[t * inputs() + bit] = random.nextInt(2);
            }
        }
        x[length * inputs() + bits] = 1;
        return x;
    }

    /** Fills inputs {@code x}, {@code target} and {@code counts} of a shard with sequences of one length. */
    void fill(Shard shard, int rows, int length, SeededRandom random) {
        int steps = steps(length);
        shard.size("B", rows);
        shard.size("T", steps);
        Feed x = shard.input("x");
        Feed target = shard.input("target");
        Feed counts = shard.input("counts");
        float[] none = new float[steps * inputs()];
        for (int row = 0; row < rows; row++) {
            float[] sequence = sequence(length, random);
            x.set(row * steps * inputs(), none, 0, none.length);
            x.set(row * steps * inputs(), sequence, 0, sequence.length);
            target.set(row * steps * bits, none, 0, steps * bits);
            for (int t = 0; t < length; t++) {
                target.set((row * steps + length + 1 + t) * bits, sequence, t * inputs(), bits);
            }
        }
        for (int t = 0; t < steps; t++) {
            counts.set(t, t > length ? 1.0 : 0.0);
        }
    }
}
