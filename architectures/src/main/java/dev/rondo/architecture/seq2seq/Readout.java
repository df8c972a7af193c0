package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Projection;
import dev.rondo.graph.Activation;
import java.util.List;
import java.util.Optional;

/**
 * What the scores of the next token are made of: some parts side by side, perhaps through {@code f(W r + b)}: with
 * {@code tanh} Luong's attentional vector, or Bahdanau's deep output. Without a map the parts go straight to the output.
 */
public record Readout(List<Part> parts, Optional<Projection> map, Activation activation) {
    /** What can be read. */
    public enum Part {
        /** The top layer's output after the step: its state, with {@link Connection#RESIDUAL} and its input. */
        STATE,
        CONTEXT,
        /** The embedding of the step's token. */
        EMBEDDING
    }

    /** Copies the list. */
    public Readout {
        parts = List.copyOf(parts);
    }

    /** The state alone. */
    public static Readout state() {
        return new Readout(List.of(Part.STATE), Optional.empty(), Activation.IDENTITY);
    }
}
