package dev.rondo.train;

import dev.rondo.train.rule.Settings;

/** What is done to a gradient that is too large, before the optimizer sees it. */
public sealed interface Clipping {
    /** Nothing. */
    record None() implements Clipping {}

    /**
     * When the norm of the whole gradient exceeds the threshold, {@code g := g · threshold / ‖g‖} (Pascanu et al. 2013).
     * Exactly so; PyTorch's {@code clip_grad_norm_} divides by {@code ‖g‖ + 1e−6}.
     */
    record GlobalNorm(double threshold) implements Clipping {
        public GlobalNorm {
            Settings.require(threshold > 0, "clip norm", "is above 0", threshold);
        }
    }

    /** Each element is cut to [−threshold, threshold]. */
    record ByValue(double threshold) implements Clipping {
        public ByValue {
            Settings.require(threshold > 0, "clip value", "is above 0", threshold);
        }
    }
}
