package dev.rondo.bench;

import java.util.Random;

/** Inputs made ahead and given in turn, so that no run sees the one before it again. */
final class Inputs {
    private static final int COUNT = 64;
    private static final int MOST_FLOATS = 65_536;

    private final float[][] rows;
    private int next;

    /** Fewer of long ones: they shall not fill the caches. */
    Inputs(int size, long seed) {
        var random = new Random(seed);
        rows = new float[Math.clamp(MOST_FLOATS / size, 2, COUNT)][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = CellWeights.uniform(random, size, 1);
        }
    }

    /** These, in turn. */
    Inputs(float[][] rows) {
        this.rows = rows.clone();
    }

    float[] next() {
        float[] row = rows[next];
        next = (next + 1) % rows.length;
        return row;
    }

    /** Gives the first one next. */
    void restart() {
        next = 0;
    }

    int count() {
        return rows.length;
    }
}
