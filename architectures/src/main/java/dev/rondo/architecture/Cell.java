package dev.rondo.architecture;

import dev.rondo.graph.Activation;

/** The recurrent cell of a model, with what its weights do not say. */
public sealed interface Cell {
    /** {@code h' = activation(W x + U h + b)}. */
    record Elman(Activation activation) implements Cell {}

    /** Gates by sigmoid, candidate and output by tanh. */
    record Lstm() implements Cell {}

    /**
     * Gates by sigmoid, candidate by tanh.
     *
     * @param resetAfter whether r multiplies U h + d (true) or h (false)
     */
    record Gru(boolean resetAfter) implements Cell {}

    /** Gate blocks in a weight matrix. */
    default int gates() {
        return switch (this) {
            case Elman _ -> 1;
            case Lstm() -> 4;
            case Gru _ -> 3;
        };
    }

    /** The gates in the order of {@link dev.rondo.graph.Recurrent}, a letter each; empty for an Elman cell. */
    default String gateLetters() {
        return switch (this) {
            case Elman _ -> "";
            case Lstm() -> "ifgo";
            case Gru _ -> "rzn";
        };
    }

    /** How messages and metadata name it. */
    default String text() {
        return switch (this) {
            case Elman(Activation activation) -> "elman, " + activation.text();
            case Lstm() -> "lstm";
            case Gru _ -> "gru";
        };
    }
}
