package dev.rondo.train;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/** What is done to a whole gradient between its computation and the optimizer. */
final class GradientNorm {
    private GradientNorm() {}

    /** {@code ‖g‖₂} over all trained parameters, in f64; not finite when some element is not. */
    static double of(ParameterStore parameters) {
        MemorySegment gradient = parameters.gradient();
        double sum = 0;
        for (ParameterStore.Place place : parameters.trained()) {
            for (long i = place.from(); i < place.to(); i++) {
                double g = gradient.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                sum += g * g;
            }
        }
        return Math.sqrt(sum);
    }

    /** The first parameter whose gradient has an element that is no finite number, and that element. */
    static Optional<String> notFinite(ParameterStore parameters) {
        for (String name : parameters.names()) {
            if (parameters.isFrozen(name)) {
                continue;
            }
            for (float g : parameters.gradient(name).toArray(ValueLayout.JAVA_FLOAT)) {
                if (!Float.isFinite(g)) {
                    return Optional.of("gradient of " + name + " is " + g);
                }
            }
        }
        return Optional.empty();
    }

    /** Clips the gradient in place. */
    static void clip(ParameterStore parameters, Clipping clipping, double norm) {
        switch (clipping) {
            case Clipping.None() -> {
                /* as it is */
            }
            case Clipping.GlobalNorm(double threshold) -> {
                if (norm > threshold) {
                    scale(parameters, (float) (threshold / norm));
                }
            }
            case Clipping.ByValue(double threshold) -> cut(parameters, (float) threshold);
        }
    }

    private static void scale(ParameterStore parameters, float factor) {
        MemorySegment gradient = parameters.gradient();
        for (ParameterStore.Place place : parameters.trained()) {
            for (long i = place.from(); i < place.to(); i++) {
                float g = gradient.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                gradient.setAtIndex(ValueLayout.JAVA_FLOAT, i, factor * g);
            }
        }
    }

    private static void cut(ParameterStore parameters, float threshold) {
        MemorySegment gradient = parameters.gradient();
        for (ParameterStore.Place place : parameters.trained()) {
            for (long i = place.from(); i < place.to(); i++) {
                float g = gradient.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                gradient.setAtIndex(ValueLayout.JAVA_FLOAT, i, Math.clamp(g, -threshold, threshold));
            }
        }
    }
}
