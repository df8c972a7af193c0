package dev.rondo.train.data;

import dev.rondo.error.InputException;
import dev.rondo.train.BatchSource;
import dev.rondo.train.Feed;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import java.util.List;

/**
 * A text as B streams side by side, T tokens at a time: inputs {@code tokens} and {@code targets} i32[B,T], where each
 * target is the token after its input. The states of a batch go on in the next; they begin anew with each epoch. Each
 * epoch cuts the text, taken as a ring, at other places and deals its parts to other rows.
 */
public final class TokenStreams implements BatchSource {
    private final int[] text;
    private final int begin;
    private final int rows;
    private final int steps;
    private final double stateDeviation;
    private final long seed;
    private final int length;

    /**
     * Streams of a text.
     *
     * @param text           ids; kept
     * @param begin          the id that precedes a text, fed first in each epoch and where the ring closes; -1 for none
     * @param rows           B, of all shards
     * @param steps          T
     * @param stateDeviation of the normal random states that an epoch begins with; 0 begins at zero
     * @throws InputException when the text is too short for one batch
     */
    public TokenStreams(int[] text, int begin, int rows, int steps, double stateDeviation, long seed) {
        this.text = text;
        this.begin = begin;
        this.rows = rows;
        this.steps = steps;
        this.stateDeviation = stateDeviation;
        this.seed = seed;
        this.length = text.length / rows;
        if (length < steps) {
            throw new InputException(
                    "training text",
                    "has at least one batch of " + rows + " x " + steps + " tokens",
                    text.length + " tokens",
                    "give a longer text, or train with a smaller batch or fewer steps");
        }
    }

    @Override
    public long batchesPerEpoch() {
        return length / steps;
    }

    @Override
    public long targetsPerBatch() {
        return (long) rows * steps;
    }

    @Override
    public void fill(int epoch, long batch, List<Shard> shards) {
        var random = SeededRandom.of(seed, epoch);
        int offset = random.nextInt(text.length);
        int[] order = random.permutation(rows);
        int perShard = rows / shards.size();
        for (Shard shard : shards) {
            shard.size("B", perShard);
            shard.size("T", steps);
            if (batch == 0) {
                begin(epoch, shard);
            }
            Feed tokens = shard.input("tokens");
            Feed targets = shard.input("targets");
            for (int row = 0; row < perShard; row++) {
                long start = offset + (long) order[shard.index() * perShard + row] * length + batch * steps;
                for (int t = 0; t < steps; t++) {
                    int at = (int) ((start + t) % text.length);
                    boolean first = at == 0 || batch == 0 && t == 0;
                    int before = first && begin >= 0 ? begin : text[at == 0 ? text.length - 1 : at - 1];
                    tokens.set(row * steps + t, before);
                    targets.set(row * steps + t, text[at]);
                }
            }
        }
    }

    private void begin(int epoch, Shard shard) {
        if (stateDeviation == 0) {
            shard.reset();
        } else {
            shard.randomise(stateDeviation, SeededRandom.of(seed, epoch, shard.index(), 1));
        }
    }
}
