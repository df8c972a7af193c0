package dev.rondo.architecture;

import dev.rondo.error.InputException;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Value;

/** What a network is trained to make small. */
public sealed interface Objective {
    /**
     * Of classes and tags: {@code −log p_target} in nats.
     *
     * @param smoothing the share of each target's weight that all classes get alike
     */
    record CrossEntropy(double smoothing) implements Objective {
        /** @throws InputException when the smoothing is not in [0, 1) */
        public CrossEntropy {
            if (!(smoothing >= 0 && smoothing < 1)) {
                throw new InputException(
                        "setting label smoothing", "is at least 0 and below 1", "" + smoothing, "change the setting");
            }
        }
    }

    /** Of tags: a loss of each row, of nodes that the caller adds, such as a chain's. */
    record OfRows(Nodes nodes) implements Objective {
        /** Adds nodes. */
        @FunctionalInterface
        public interface Nodes {
            /**
             * The losses f32[B].
             *
             * @param logits  f32[B,T,K]
             * @param tags    i32[B,T]
             * @param lengths i32[B]
             */
            Value losses(FunctionBuilder f, Value logits, Value tags, Value lengths);
        }
    }

    /** Of numbers: {@code (y − target)²}. */
    record SquaredError() implements Objective {}

    /** Of numbers: {@code |y − target|}. */
    record AbsoluteError() implements Objective {}
}
