package dev.rondo.train.synthetic;

import dev.rondo.train.SeededRandom;

/** A task on sequences that are made as they are needed, to see over how many steps a network remembers. Immutable. */
public sealed interface SequenceProblem permits AddingProblem, CopyMemory, BracketNesting {
    /** T, what the input of a sequence has. */
    int steps();

    /** The same with fewer steps: at least {@link #fewestSteps}. */
    SequenceProblem withSteps(int steps);

    int fewestSteps();

    /** What a step reads: so many numbers, or one of so many symbols. */
    int inputSize();

    /** Whether a step reads a symbol. */
    boolean readsSymbols();

    /** What an answer is: one of so many classes, or with 1 a number. */
    int outputSize();

    /** At how many of the last steps there is an answer. */
    int answers();

    /**
     * Makes one sequence.
     *
     * @param inputs  a row: steps times numbers, or the id of a symbol a step
     * @param targets a row: numbers or ids of classes, one for each answer
     */
    void draw(SeededRandom random, float[] inputs, float[] targets);

    /** What an answer that has to remember nothing comes to. */
    Baseline baseline();

    /** Whether an answer is right; a class when it is the target. */
    default boolean isRight(float answer, float target) {
        return answer == target;
    }

    /** Its kind as commands name it: {@code adding}, {@code copy} or {@code brackets}. */
    String kind();

    /**
     * What the best answers without memory come to.
     *
     * @param loss    mean squared error, or cross-entropy in nats; NaN when nobody knows
     * @param quality right answers in 100
     */
    record Baseline(double loss, double quality) {}
}
