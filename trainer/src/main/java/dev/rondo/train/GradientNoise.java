package dev.rondo.train;

import dev.rondo.train.rule.Settings;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Normal noise added to each element of the gradient, less and less of it: {@code σₜ² = η / (1 + t)^γ} with t steps done before
 * (Neelakantan et al. 2015). It is added after clipping, so that the norm of the noise is not part of what is clipped. It
 * depends on seed, step and place alone, not on threads.
 *
 * @param eta   η, the variance at the first step; 0 for no noise
 * @param gamma γ, how fast it vanishes; the paper has 0.55
 */
public record GradientNoise(double eta, double gamma) {
    /** No noise. */
    public static final GradientNoise NONE = new GradientNoise(0, 0.55);

    /** Tells the noise from other numbers of a seed. */
    private static final long STREAM = 0x6e6f697365L;

    /** @throws dev.rondo.error.InputException when one is negative or no number */
    public GradientNoise {
        Settings.require(eta >= 0 && eta < Double.POSITIVE_INFINITY, "gradient noise", "is not negative", eta);
        Settings.require(gamma >= 0 && gamma < Double.POSITIVE_INFINITY, "decay of noise", "is not negative", gamma);
    }

    /** The paper's γ. */
    public static GradientNoise of(double eta) {
        return new GradientNoise(eta, NONE.gamma);
    }

    public boolean isNone() {
        return eta == 0;
    }

    /**
     * σ.
     *
     * @param step the first is 1
     */
    public double deviation(long step) {
        return Math.sqrt(eta / StrictMath.pow(step, gamma));
    }

    /** Adds noise to all pieces of the gradient. */
    void addTo(ParameterStore parameters, long seed, long step, Workers workers) {
        if (isNone()) {
            return;
        }
        double deviation = deviation(step);
        MemorySegment gradient = parameters.gradient();
        parameters.inPieces(workers, piece -> {
            var random = SeededRandom.of(seed, STREAM, step, piece.from());
            for (long i = piece.from(); i < piece.to(); i++) {
                float g = gradient.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                gradient.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (g + deviation * random.nextGaussian()));
            }
        });
    }
}
