package dev.rondo.train.synthetic;

import dev.rondo.train.Feed;
import dev.rondo.train.SeededRandom;

/** Sequences of a problem, and their answers. */
final class SequenceBatch {
    private final SequenceProblem problem;
    private final int rows;
    private final float[] inputs;
    private final float[] targets;

    SequenceBatch(SequenceProblem problem, int rows) {
        this.problem = problem;
        this.rows = rows;
        this.inputs = new float[rows * width()];
        this.targets = new float[rows * problem.answers()];
    }

    private int width() {
        return problem.steps() * (problem.readsSymbols() ? 1 : problem.inputSize());
    }

    /** Makes new ones. */
    void draw(SeededRandom random) {
        float[] in = new float[width()];
        float[] out = new float[problem.answers()];
        for (int row = 0; row < rows; row++) {
            problem.draw(random, in, out);
            System.arraycopy(in, 0, inputs, row * in.length, in.length);
            System.arraycopy(out, 0, targets, row * out.length, out.length);
        }
    }

    /** Row by row. */
    float[] targets() {
        return targets;
    }

    void copyInputs(Feed feed) {
        for (int i = 0; i < inputs.length; i++) {
            put(feed, i, inputs[i]);
        }
    }

    void copyTargets(Feed feed) {
        for (int i = 0; i < targets.length; i++) {
            put(feed, i, targets[i]);
        }
    }

    /** That of the last answer of each row. */
    void copyLastTargets(Feed feed) {
        for (int row = 0; row < rows; row++) {
            put(feed, row, targets[(row + 1) * problem.answers() - 1]);
        }
    }

    private void put(Feed feed, int i, float number) {
        if (problem.readsSymbols()) {
            feed.set(i, (long) number);
        } else {
            feed.set(i, (double) number);
        }
    }
}
