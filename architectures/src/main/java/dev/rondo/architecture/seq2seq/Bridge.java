package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Projection;
import dev.rondo.graph.Activation;
import java.util.List;

/** Where the decoder's states begin. */
public sealed interface Bridge {
    /** At zero. */
    record Zero() implements Bridge {}

    /**
     * Layer k begins with the last h and c of layer k of the encoder, its directions side by side (Sutskever et al. 2014).
     */
    record Copy() implements Bridge {}

    /** Every h is the summary itself, c is zero: {@code h₀ = c}. */
    record Same(Summary summary) implements Bridge {}

    /**
     * {@code h = f(W s + b)} of a summary s (Bahdanau et al. 2015, who take a state of the top layer; Firat and Cho's
     * mean).
     *
     * @param hidden a map for each layer; may name the same tensors
     * @param cell   the same for c of an LSTM; empty when c is zero
     */
    record Projected(Summary summary, List<Projection> hidden, List<Projection> cell, Activation activation)
            implements Bridge {
        /** Copies the lists. */
        public Projected {
            hidden = List.copyOf(hidden);
            cell = List.copyOf(cell);
        }
    }
}
