package dev.rondo.train.network;

import dev.rondo.format.TextPipeline;
import dev.rondo.train.SeededRandom;

/**
 * Teaches a network what to do with words that it has never seen: in training, words that occur once are read as the unknown token with
 * some probability.
 *
 * @param unknown     its id
 * @param rare        whether each id occurs once in the training data; not copied
 * @param probability 0 for never
 */
record UnknownDropout(int unknown, boolean[] rare, double probability) {
    /** Of the ids that training reads. */
    static UnknownDropout of(TextPipeline pipeline, int[][] training, double probability) {
        int[] counts = new int[pipeline.vocabulary().size()];
        for (int[] sample : training) {
            for (int id : sample) {
                counts[id]++;
            }
        }
        boolean[] rare = new boolean[counts.length];
        for (int id = 0; id < rare.length; id++) {
            rare[id] = counts[id] == 1;
        }
        int unknown = pipeline.special().unknown();
        return new UnknownDropout(unknown, rare, unknown < 0 ? 0 : probability);
    }

    /** What is read in place of an id. */
    int read(int id, SeededRandom random) {
        return probability > 0 && rare[id] && random.nextDouble() < probability ? unknown : id;
    }
}
