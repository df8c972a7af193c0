package dev.rondo.bench;

/** A contender at work: in this thread, or in a process of its own that answers through a pipe. */
sealed interface Runner extends AutoCloseable permits InThread, Subprocess {
    /**
     * Does the work that often, with inputs in turn.
     *
     * @return nanoseconds of CPU time of the thread that does it
     */
    long run(int times);

    /** Begins again, states zero and with the first input; the outputs of the last of so many runs. */
    float[] outputs(int times);

    /** Whether its garbage is this JVM's. */
    boolean inThisJvm();

    @Override
    void close();
}
