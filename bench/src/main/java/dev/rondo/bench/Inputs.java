package dev.rondo.bench;

import java.util.Random;

/** Inputs made ahead and given in turn, so that no step sees the one before it again. */
final class Inputs {
    private static final int COUNT = 64;

    private final float[][] rows = new float[COUNT][];
    private int next;

    Inputs(Cell cell, long seed) {
        var random = new Random(seed);
        for (int i = 0; i < COUNT; i++) {
            rows[i] = CellWeights.uniform(random, cell.inputSize(), 1);
        }
    }

    float[] next() {
        next = (next + 1) % COUNT;
        return rows[next];
    }
}
