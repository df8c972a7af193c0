package dev.rondo.search;

import java.util.SplittableRandom;

/**
 * A tiny model whose probabilities and attention depend on the whole history, at random but always the same: the hardest
 * case for a search, and one whose every sequence a test can compute by itself.
 */
class TreeModel {
    final int size;
    final int positions;
    private final long seed;
    private final double sharpness;

    /** @param positions source positions to attend to; 0 for none */
    TreeModel(int size, int positions, double sharpness, long seed) {
        this.size = size;
        this.positions = positions;
        this.sharpness = sharpness;
        this.seed = seed;
    }

    private SplittableRandom random(int sentence, int[] history, int salt) {
        long key = seed * 31 + sentence * 7_919L + salt;
        for (int token : history) {
            key = key * 1_000_003 + token + 1;
        }
        return new SplittableRandom(key);
    }

    /** Natural log-probabilities of the next token. */
    float[] logProbs(int sentence, int... history) {
        SplittableRandom random = random(sentence, history, 1);
        var weights = new double[size];
        double sum = 0;
        for (int i = 0; i < size; i++) {
            weights[i] = Math.exp(sharpness * random.nextDouble(-1, 1));
            sum += weights[i];
        }
        var result = new float[size];
        for (int i = 0; i < size; i++) {
            result[i] = (float) Math.min(0, Math.log(weights[i] / sum));
        }
        return result;
    }

    float[] attention(int sentence, int... history) {
        SplittableRandom random = random(sentence, history, 2);
        var result = new float[positions];
        float sum = 0;
        for (int i = 0; i < positions; i++) {
            result[i] = (float) Math.exp(random.nextDouble(-3, 3));
            sum += result[i];
        }
        for (int i = 0; i < positions; i++) {
            result[i] /= sum;
        }
        return result;
    }
}
