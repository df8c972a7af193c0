package dev.rondo.kernel;

import dev.rondo.graph.Activation;

/**
 * The five functions of an LSTM cell.
 *
 * @param input of gate i
 * @param forget of gate f
 * @param candidate of g
 * @param output of gate o
 * @param cell of the new cell state, before the output gate
 */
public record LstmGates(
        Activation input, Activation forget, Activation candidate, Activation output, Activation cell) {

    /** Sigmoid gates, tanh candidate and cell: Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000. */
    public static final LstmGates STANDARD = new LstmGates(
            Activation.SIGMOID, Activation.SIGMOID, Activation.TANH, Activation.SIGMOID, Activation.TANH);
}
