package dev.rondo.train.select;

/** The normal distribution. */
final class Normal {
    private static final double DENSITY = 1 / Math.sqrt(2 * Math.PI);
    /** Beyond, the series loses its digits and the expansion has found them. */
    private static final double FAR = 6;

    private Normal() {}

    /** φ(z). */
    static double density(double z) {
        return DENSITY * StrictMath.exp(-z * z / 2);
    }

    /** Φ(z), by {@code 1/2 + φ(z) (z + z³/3 + z⁵/(3·5) + …)} (Marsaglia 2004). */
    static double cumulative(double z) {
        if (Math.abs(z) > FAR) {
            // φ(z)/|z| (1 − 1/z²) below, to a relative 3/z⁴.
            double tail = density(z) / Math.abs(z) * (1 - 1 / (z * z));
            return z < 0 ? tail : 1 - tail;
        }
        double term = z;
        double sum = z;
        for (int i = 3; Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) {
            term *= z * z / i;
            sum += term;
        }
        return 0.5 + density(z) * sum;
    }

    /**
     * How much lower than {@code least} a normal number is expected to be, where it is lower (Jones, Schonlau and Welch 1998):
     * {@code d (z Φ(z) + φ(z)), z = (least − mean)/d}.
     */
    static double expectedImprovement(double mean, double deviation, double least) {
        if (deviation <= 0) {
            return Math.max(0, least - mean);
        }
        double z = (least - mean) / deviation;
        // Far below, both terms cancel but for φ(z)/z².
        return z < -FAR ? deviation * density(z) / (z * z) : deviation * (z * cumulative(z) + density(z));
    }
}
