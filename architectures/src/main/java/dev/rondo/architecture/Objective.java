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
     * @param weighted  of tags, whether the loss of each has the weight that the input {@code class_weights: f32[K]} says
     */
    record CrossEntropy(double smoothing, boolean weighted) implements Objective {
        /** All tags weigh the same. */
        public CrossEntropy(double smoothing) {
            this(smoothing, false);
        }

        /** @throws InputException when the smoothing is not in [0, 1) */
        public CrossEntropy {
            if (!(smoothing >= 0 && smoothing < 1)) {
                throw new InputException(
                        "setting label smoothing", "is at least 0 and below 1", "" + smoothing, "change the setting");
            }
        }
    }

    /** Of the tags of a row: {@code −ln P(tags)} by a conditional random field over the logits; a row is one target. */
    record RandomField(Losses losses) implements Objective {
        /** What adds the losses of rows to a function: {@code new ChainGraph(chain)::losses}. */
        @FunctionalInterface
        public interface Losses {
            /**
             * The loss of each row, f32[B].
             *
             * @param logits  f32[B,T,K]
             * @param tags    i32[B,T]
             * @param lengths i32[B]
             */
            Value of(FunctionBuilder f, Value logits, Value tags, Value lengths);
        }
    }

    /** Of numbers: {@code (y − target)²}. */
    record SquaredError() implements Objective {}

    /** Of numbers: {@code |y − target|}. */
    record AbsoluteError() implements Objective {}
}
