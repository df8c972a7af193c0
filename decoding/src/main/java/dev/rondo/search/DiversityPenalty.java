package dev.rondo.search;

/** Makes tokens that other groups of a sentence have chosen in this step less attractive, by so much for each time. */
final class DiversityPenalty {
    private final double strength;
    private final int[] token;
    private final int[] times;
    private final float[] score;
    private int count;

    /** @param most how many tokens all groups choose in a step */
    DiversityPenalty(double strength, int most) {
        this.strength = strength;
        this.token = new int[most];
        this.times = new int[most];
        this.score = new float[most];
    }

    /** Begins a step. */
    void clear() {
        count = 0;
    }

    void chosen(int next) {
        for (int i = 0; i < count; i++) {
            if (token[i] == next) {
                times[i]++;
                return;
            }
        }
        token[count] = next;
        times[count++] = 1;
    }

    void apply(RowScores row) {
        for (int i = 0; i < count; i++) {
            score[i] = row.get(token[i]);
            row.set(token[i], (float) (score[i] - strength * times[i]));
        }
    }

    void undo(RowScores row) {
        for (int i = 0; i < count; i++) {
            row.set(token[i], score[i]);
        }
    }
}
