package dev.rondo.bench;

import dev.rondo.search.StepFunction;

/** A translation model in one runtime of this JVM: reads sources, then a search steps. For one thread. */
interface TranslationNetwork extends AutoCloseable {
    /** What stays small at any time. */
    record Limits(int sentences, int beamSize, int sourceLength) {}

    /** Reads sources, and is ready to begin as many sentences. */
    void read(int[][] sources);

    /** Steps on from what was read. */
    StepFunction steps();

    @Override
    void close();
}
