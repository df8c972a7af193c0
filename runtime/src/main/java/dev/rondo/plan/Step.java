package dev.rondo.plan;

/** One prepared operation of a plan: operands bound, kernel chosen. Neither method allocates. */
public abstract class Step {
    /** Takes over the actual sizes of its operands. */
    public abstract void resize();

    /** Computes. */
    public abstract void run();

    /** {@link #run} once more; since the last time, operands that {@link Operand#isStill stand still} have not changed. */
    public void runAgain() {
        run();
    }
}
