package dev.rondo.train.gradient;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Op;
import dev.rondo.graph.ValueType;
import java.util.List;

/** What comes of a backward scan and goes to an input or a state of the forward one. */
sealed interface Sum {
    /** An output of the backward scan, of all steps. */
    record Sequence(int output) implements Sum {}

    /** A sequence that is there without the backward scan. */
    record Known(Source source) implements Sum {}

    /** What a state of the backward scan holds in the end. */
    record State(int index, ValueType type) implements Sum {}

    /** The same elements; dimensions are those of the body, of one step. */
    record Shaped(Sum sequence, List<Dim> dims) implements Sum {}

    /** What is the same at each step. */
    record Still(Source source) implements Sum {}

    /** An operator that sums over rows, over those of all steps. */
    record OfSteps(Training op, List<Sum> operands, int output) implements Sum {}

    /** All rows of all steps added up, as this type. */
    record Rows(Sum sequence, ValueType type) implements Sum {}

    /** An operator that a sum passes through. */
    record Of(Op op, List<Sum> operands) implements Sum {}

    record Nothing() implements Sum {}
}
