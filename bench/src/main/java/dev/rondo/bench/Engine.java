package dev.rondo.bench;

/** A cell in one runtime, ready to step: h and c stay inside from step to step. For one thread. */
sealed interface Engine extends AutoCloseable permits RondoEngine, OrtEngine {

    /**
     * Copies x in, runs one step, and reads the first element of h out: what a caller cannot avoid.
     *
     * @param x I values
     */
    float step(float[] x);

    /** A copy of h. */
    float[] hidden();

    /** Makes the state zero. */
    void reset();

    @Override
    void close();
}
