package dev.rondo.bench;

/** That a contender does the work it is timed for: a benchmark that compares different work is worthless. */
final class Agreement {
    private static final double ALIVE = 0.01;

    private Agreement() {}

    /**
     * Runs the work from its beginning and compares the outputs with double precision. Leaves states zero.
     *
     * @return the largest difference
     * @throws IllegalStateException when that is more than the contender's tolerance, or when all outputs are near
     *     zero, so that agreement would mean nothing
     */
    static double check(Work work, Contender contender, Runner runner) {
        float[] actual = runner.outputs(work.checkedRuns());
        double[] expected = work.expected();
        String name = contender.text() + ", " + work;
        if (actual.length != expected.length) {
            throw new IllegalStateException(name + ": has " + expected.length + " outputs; got " + actual.length);
        }
        double worst = 0;
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Math.max(worst, Math.abs(actual[i] - expected[i])); // NaN stays
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        if (!(worst <= contender.tolerance())) {
            throw new IllegalStateException(
                    name + ": is within " + contender.tolerance() + " of double precision; got " + worst);
        }
        if (largest < ALIVE) {
            throw new IllegalStateException(name + ": outputs move; got at most " + largest);
        }
        return worst;
    }
}
