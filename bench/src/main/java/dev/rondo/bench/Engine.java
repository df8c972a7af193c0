package dev.rondo.bench;

/** A function in one runtime of this JVM, ready to run; its states stay inside from run to run. For one thread. */
interface Engine extends AutoCloseable {

    /** Copies x in, runs once, and reads one number that depends on it: what a caller cannot avoid. */
    float run(float[] x);

    /** A copy of what the last run gave. */
    float[] outputs();

    /** Makes the states zero. */
    void reset();

    @Override
    void close();
}
