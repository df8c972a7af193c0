package dev.rondo.bench;

/** That two engines do the same work: a benchmark that compares different work is worthless. */
final class Agreement {
    private static final int STEPS = 50;
    private static final float ALIVE = 0.01f;

    private Agreement() {}

    /**
     * Drives both from zero over 50 steps, states carried, and leaves them reset.
     *
     * @return the largest difference between any elements of h at any step
     * @throws IllegalStateException when that is more than the tolerance, or when h stays near zero, so that agreement
     *     would mean nothing
     */
    static float check(String name, Engine engine, Engine reference, Cell cell, float tolerance) {
        var inputs = new Inputs(cell, 1);
        engine.reset();
        reference.reset();
        float worst = 0;
        float largest = 0;
        for (int t = 0; t < STEPS; t++) {
            float[] x = inputs.next();
            float first = engine.step(x);
            reference.step(x);
            float[] actual = engine.hidden();
            float[] expected = reference.hidden();
            worst = Math.max(worst, first == actual[0] ? 0 : Float.POSITIVE_INFINITY);
            for (int i = 0; i < expected.length; i++) {
                worst = Math.max(worst, Math.abs(actual[i] - expected[i])); // NaN stays
                largest = Math.max(largest, Math.abs(expected[i]));
            }
        }
        engine.reset();
        reference.reset();
        if (!(worst <= tolerance)) {
            throw new IllegalStateException(
                    name + ", " + cell + ": h is within " + tolerance + " of the reference; got " + worst);
        }
        if (largest < ALIVE) {
            throw new IllegalStateException(name + ", " + cell + ": h moves; got at most " + largest);
        }
        return worst;
    }
}
