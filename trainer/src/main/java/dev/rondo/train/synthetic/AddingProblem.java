package dev.rondo.train.synthetic;

import dev.rondo.train.SeededRandom;
import dev.rondo.train.rule.Settings;

/**
 * The adding problem (Hochreiter and Schmidhuber 1997, section 5.4): T pairs of a number in [0, 1) and a mark; two pairs are
 * marked, one in each half; the answer after the last step is the sum of their numbers. Always to answer 1 has a mean squared
 * error of 1/6. An answer is right when it is within 0.04, as in the paper.
 *
 * @param steps T
 */
public record AddingProblem(int steps) implements SequenceProblem {
    private static final double RIGHT_WITHIN = 0.04;

    public AddingProblem {
        Settings.require(steps >= 2 && steps <= 1 << 20, "length", "lies between 2 and 1048576", steps);
    }

    @Override
    public SequenceProblem withSteps(int other) {
        return new AddingProblem(other);
    }

    @Override
    public int fewestSteps() {
        return 2;
    }

    @Override
    public int inputSize() {
        return 2;
    }

    @Override
    public boolean readsSymbols() {
        return false;
    }

    @Override
    public int outputSize() {
        return 1;
    }

    @Override
    public int answers() {
        return 1;
    }

    @Override
    public void draw(SeededRandom random, float[] inputs, float[] targets) {
        int first = random.nextInt(steps / 2);
        int second = steps / 2 + random.nextInt(steps - steps / 2);
        targets[0] = 0;
        for (int t = 0; t < steps; t++) {
            float number = (float) random.nextDouble();
            boolean marked = t == first || t == second;
            inputs[2 * t] = number;
            inputs[2 * t + 1] = marked ? 1 : 0;
            targets[0] += marked ? number : 0;
        }
    }

    /** Of the answer 1: the sum's deviation, and how often it is within 0.04 of 1. */
    @Override
    public Baseline baseline() {
        return new Baseline(1.0 / 6, 100 * (1 - (1 - RIGHT_WITHIN) * (1 - RIGHT_WITHIN)));
    }

    @Override
    public boolean isRight(float answer, float target) {
        return Math.abs(answer - target) < RIGHT_WITHIN;
    }

    @Override
    public String kind() {
        return "adding";
    }
}
