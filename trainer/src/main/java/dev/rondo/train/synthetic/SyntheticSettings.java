package dev.rondo.train.synthetic;

import dev.rondo.architecture.Cell;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.rule.Settings;

/**
 * How a network is trained on a {@link SequenceProblem}.
 *
 * @param cell       of the one recurrent layer
 * @param hiddenSize H
 * @param memory     T of the gates' first biases: units begin with memories of up to T steps (Tallec and Ollivier 2018);
 *                   1 for none
 * @param shortest   steps of a batch at least: each batch has a length of its own between this and that of the problem, whose
 *                   logarithm is uniform, so that a network learns what to do before it has to remember for long; as many as the
 *                   problem's for no such thing. Tests are always as long as the problem
 * @param batchSize  sequences of a batch; the shards share them evenly
 * @param batches    of an epoch; every one is new
 * @param tests      sequences of an evaluation, which training does not see
 * @param training   the rest
 */
public record SyntheticSettings(
        SequenceProblem problem,
        Cell cell,
        int hiddenSize,
        int memory,
        int shortest,
        int batchSize,
        long batches,
        int tests,
        TrainingSettings training) {
    /** Of the gates of a batch: 2 GB. */
    private static final long MAX_NUMBERS = 1L << 29;

    /** Checks all. */
    public SyntheticSettings {
        Settings.require(
                hiddenSize >= 1 && hiddenSize <= 65_536, "hidden size", "lies between 1 and 65536", hiddenSize);
        Settings.require(memory >= 1 && memory <= 1 << 20, "memory", "lies between 1 and 1048576 steps", memory);
        Settings.require(
                shortest >= problem.fewestSteps() && shortest <= problem.steps(),
                "shortest sequence",
                "lies between " + problem.fewestSteps() + " and " + problem.steps() + " steps",
                shortest);
        Settings.require(batchSize >= 1 && batchSize <= 65_536, "batch size", "lies between 1 and 65536", batchSize);
        Settings.require(
                batchSize % training.shards() == 0,
                "batch size",
                "is a multiple of the " + training.shards() + " shards",
                batchSize);
        Settings.require(
                (long) batchSize * problem.steps() * Math.max(problem.inputSize(), cell.gates() * (long) hiddenSize)
                        <= MAX_NUMBERS,
                "numbers of a batch",
                "are at most 2^29: sequences times steps times gates times units",
                (long) batchSize * problem.steps() + " steps of " + hiddenSize + " units");
        Settings.require(batches >= 1 && batches <= 1 << 30, "batches of an epoch", "are at least 1", batches);
        Settings.require(tests >= 1 && tests <= 1 << 24, "test sequences", "are at least 1", tests);
    }

    /** All of one length, with biases for memories as long, and 1000 sequences to test with. */
    public static SyntheticSettings of(
            SequenceProblem problem,
            Cell cell,
            int hiddenSize,
            int batchSize,
            long batches,
            TrainingSettings training) {
        return new SyntheticSettings(
                problem, cell, hiddenSize, problem.steps(), problem.steps(), batchSize, batches, 1000, training);
    }
}
