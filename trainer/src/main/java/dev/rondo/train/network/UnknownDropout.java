package dev.rondo.train.network;

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
    /** What is read in place of an id. */
    int read(int id, SeededRandom random) {
        return probability > 0 && rare[id] && random.nextDouble() < probability ? unknown : id;
    }
}
