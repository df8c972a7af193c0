package dev.rondo.train;

import dev.rondo.train.rule.Settings;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What large parameters cost: {@code λ₁ Σ|θ| + λ₂ Σθ²}, added to the mean loss; its gradient {@code λ₁ sign(θ) + 2 λ₂ θ}
 * to the gradient, before clipping. Both at once are the elastic net (Zou and Hastie 2005).
 *
 * @param l1 λ₁
 * @param l2 λ₂
 */
public record Penalty(double l1, double l2) {
    /** No penalty. */
    public static final Penalty NONE = new Penalty(0, 0);

    /** @throws dev.rondo.error.InputException when one is negative */
    public Penalty {
        Settings.require(l1 >= 0 && l1 < Double.POSITIVE_INFINITY, "l1", "is not negative", l1);
        Settings.require(l2 >= 0 && l2 < Double.POSITIVE_INFINITY, "l2", "is not negative", l2);
    }

    public boolean isNone() {
        return l1 == 0 && l2 == 0;
    }

    /** {@code λ₁ Σ|θ| + λ₂ Σθ²} over floats {@code from} to {@code to - 1}. */
    public double value(MemorySegment theta, long from, long to) {
        double absolute = 0;
        double square = 0;
        for (long i = from; i < to; i++) {
            double t = theta.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            absolute += Math.abs(t);
            square += t * t;
        }
        return l1 * absolute + l2 * square;
    }

    /** Adds its gradient. */
    public void addGradient(MemorySegment theta, MemorySegment gradient, long from, long to) {
        if (isNone()) {
            return;
        }
        float one = (float) l1;
        float two = (float) (2 * l2);
        for (long i = from; i < to; i++) {
            float t = theta.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            float g = gradient.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            gradient.setAtIndex(ValueLayout.JAVA_FLOAT, i, g + one * Math.signum(t) + two * t);
        }
    }
}
