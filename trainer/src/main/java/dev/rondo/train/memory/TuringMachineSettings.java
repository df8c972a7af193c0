package dev.rondo.train.memory;

import dev.rondo.architecture.memory.TuringMachine;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.rule.Settings;

/**
 * All that decides the training of a Neural Turing Machine on the copy problem.
 *
 * @param machine       its sizes; inputs and outputs are those of the problem
 * @param problem       what it learns to copy
 * @param maxLength     of sequences in training, which have all lengths from 1 on alike
 * @param testLength    of the sequences that it is judged by
 * @param testSequences how many they are, the same at every evaluation
 * @param batchSize     sequences of a step; those of a shard have one length
 * @param batches       of an epoch; every batch is new
 * @param training      the rest
 */
public record TuringMachineSettings(
        TuringMachine machine,
        CopyProblem problem,
        int maxLength,
        int testLength,
        int testSequences,
        int batchSize,
        int batches,
        TrainingSettings training) {
    private static final int MAX = 1 << 12;

    /** @throws dev.rondo.error.InputException when a value is out of range, or values do not fit each other */
    public TuringMachineSettings {
        Settings.require(
                machine.inputSize() == problem.inputs() && machine.outputSize() == problem.bits(),
                "machine",
                "has " + problem.inputs() + " inputs and " + problem.bits() + " outputs",
                machine.inputSize() + " and " + machine.outputSize());
        Settings.require(maxLength >= 1 && maxLength <= MAX, "length in training", "is from 1 to " + MAX, maxLength);
        Settings.require(testLength >= 1 && testLength <= MAX, "length in tests", "is from 1 to " + MAX, testLength);
        Settings.require(testSequences >= 1 && testSequences <= MAX, "tests", "is from 1 to " + MAX, testSequences);
        Settings.require(
                batchSize >= 1 && batchSize <= MAX && batchSize % training.shards() == 0,
                "batch size",
                "is from 1 to " + MAX + " and a multiple of the " + training.shards() + " shards",
                batchSize);
        Settings.require(batches >= 1, "batches of an epoch", "is at least 1", batches);
    }
}
