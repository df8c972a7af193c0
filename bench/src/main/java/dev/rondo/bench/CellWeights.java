package dev.rondo.bench;

import java.util.Random;

/**
 * The weights of a cell, gates in the order i, f, g, o or r, z, n; the same for every contender.
 *
 * @param input W [G*H, I], row-major
 * @param hidden U [G*H, H], row-major
 * @param bias b [G*H]
 * @param hiddenBias d [H] of a GRU's candidate; empty for the others
 */
record CellWeights(Cell cell, float[] input, float[] hidden, float[] bias, float[] hiddenBias) {

    /** Uniform in ±1/√H, as PyTorch initialises recurrent layers, so that gates neither saturate nor idle. */
    static CellWeights random(Cell cell, long seed) {
        var random = new Random(seed);
        float limit = (float) (1 / Math.sqrt(cell.hiddenSize()));
        return new CellWeights(
                cell,
                uniform(random, cell.rows() * cell.inputSize(), limit),
                uniform(random, cell.rows() * cell.hiddenSize(), limit),
                uniform(random, cell.rows(), limit),
                uniform(random, cell.kind() == Cell.Kind.GRU ? cell.hiddenSize() : 0, limit));
    }

    static float[] uniform(Random random, int count, float limit) {
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (2 * random.nextFloat() - 1) * limit;
        }
        return values;
    }
}
