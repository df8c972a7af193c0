package dev.rondo.train.memory;

import dev.rondo.architecture.memory.Tying;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.rule.Settings;

/**
 * All that decides the training of a memory network beside its stories.
 *
 * @param size         d
 * @param sentences    places of the memory; of longer stories the last sentences count
 * @param hops         K
 * @param tying        what hops share
 * @param encoding     of sentences
 * @param temporal     whether places of the memory have vectors of their own
 * @param noise        how often an empty place follows one in training, so that places come to mean time and not the number of a
 *                     sentence (Sukhbaatar et al. 2015, section 4.1)
 * @param linearEpochs at the beginning in which the memory is read without softmax
 * @param batchSize    questions of a step
 * @param training     the rest
 */
public record MemoryNetworkSettings(
        int size,
        int sentences,
        int hops,
        Tying tying,
        Encoding encoding,
        boolean temporal,
        double noise,
        int linearEpochs,
        int batchSize,
        TrainingSettings training) {
    private static final int MAX = 1 << 12;

    /** How sentences become vectors; see {@link dev.rondo.architecture.memory.SentenceEncoding}. */
    public enum Encoding {
        BAG,
        POSITION,
        RECURRENT
    }

    /** @throws dev.rondo.error.InputException when a value is out of range, or values do not fit each other */
    public MemoryNetworkSettings {
        Settings.require(size >= 1 && size <= MAX, "size", "is from 1 to " + MAX, size);
        Settings.require(sentences >= 1 && sentences <= MAX, "sentences", "is from 1 to " + MAX, sentences);
        Settings.require(hops >= 1 && hops <= 64, "hops", "is from 1 to 64", hops);
        Settings.require(noise >= 0 && noise < 1, "noise", "is at least 0 and below 1", noise);
        Settings.require(linearEpochs >= 0, "epochs of linear start", "is not negative", linearEpochs);
        Settings.require(
                batchSize >= 1 && batchSize <= MAX && batchSize % training.shards() == 0,
                "batch size",
                "is from 1 to " + MAX + " and a multiple of the " + training.shards() + " shards",
                batchSize);
    }
}
