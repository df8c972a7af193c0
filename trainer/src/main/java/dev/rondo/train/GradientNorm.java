package dev.rondo.train;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/** What is done to a whole gradient between its computation and the optimizer. */
final class GradientNorm {
    private GradientNorm() {}

    /** {@code ‖g‖₂} over all trained parameters, in f64; not finite when some element is not. */
    static double of(ParameterStore parameters, Workers workers) {
        MemorySegment gradient = parameters.gradient();
        List<ParameterStore.Piece> pieces = parameters.pieces();
        var squares = new double[pieces.size()];
        workers.run(squares.length, i -> squares[i] = squares(gradient, pieces.get(i)));
        double sum = 0;
        for (double square : squares) {
            sum += square;
        }
        return Math.sqrt(sum);
    }

    /** Four sums, so that additions need not wait for each other. */
    private static double squares(MemorySegment gradient, ParameterStore.Piece piece) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        long i = piece.from();
        for (; i + 3 < piece.to(); i += 4) {
            s0 += square(gradient, i);
            s1 += square(gradient, i + 1);
            s2 += square(gradient, i + 2);
            s3 += square(gradient, i + 3);
        }
        for (; i < piece.to(); i++) {
            s0 += square(gradient, i);
        }
        return s0 + s1 + (s2 + s3);
    }

    private static double square(MemorySegment gradient, long i) {
        double g = gradient.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        return g * g;
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
    static void clip(ParameterStore parameters, Clipping clipping, double norm, Workers workers) {
        switch (clipping) {
            case Clipping.None() -> {
                /* as it is */
            }
            case Clipping.GlobalNorm(double threshold) -> {
                if (norm > threshold) {
                    float factor = (float) (threshold / norm);
                    parameters.inPieces(workers, p -> scale(parameters.gradient(), p, factor));
                }
            }
            case Clipping.ByValue(double threshold) ->
                parameters.inPieces(workers, p -> cut(parameters.gradient(), p, (float) threshold));
        }
    }

    private static void scale(MemorySegment gradient, ParameterStore.Piece piece, float factor) {
        for (long i = piece.from(); i < piece.to(); i++) {
            float g = gradient.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            gradient.setAtIndex(ValueLayout.JAVA_FLOAT, i, factor * g);
        }
    }

    private static void cut(MemorySegment gradient, ParameterStore.Piece piece, float threshold) {
        for (long i = piece.from(); i < piece.to(); i++) {
            float g = gradient.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            gradient.setAtIndex(ValueLayout.JAVA_FLOAT, i, Math.clamp(g, -threshold, threshold));
        }
    }
}
