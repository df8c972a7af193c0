package dev.rondo.plan;

/** One prepared operation of a plan: operands bound, kernel chosen. Neither method allocates. */
abstract class Step {
    /** Takes over the actual sizes of its operands. */
    abstract void resize();

    /** Computes. */
    abstract void run();
}
