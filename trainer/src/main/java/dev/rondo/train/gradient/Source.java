package dev.rondo.train.gradient;

import dev.rondo.graph.State;
import dev.rondo.graph.Value;

/** What a backward scan is given, in terms of the scan that went forward. */
sealed interface Source {
    /** What the forward scan was given for an input of its body. */
    record Input(int index) implements Source {}

    /** Where a state of the forward scan begins. */
    record Begin(State state) implements Source {}

    /** A value of the forward body, of all steps. */
    record Saved(Value value) implements Source {}

    /** A state after the last step. */
    record Last(State state) implements Source {}

    /** Which rows have which steps. */
    record Running() implements Source {}

    /** What arrived at an output of the forward body. */
    record Arrived(int output) implements Source {}

    /** What arrived at a state after the last step. */
    record ArrivedLast(State state) implements Source {}

    record Zero() implements Source {}
}
