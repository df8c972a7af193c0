package dev.rondo.kernel;

import dev.rondo.graph.Activation;

/**
 * The three functions of a GRU cell.
 *
 * @param reset of gate r
 * @param update of gate z
 * @param candidate of n
 */
public record GruGates(Activation reset, Activation update, Activation candidate) {

    /** Sigmoid gates, tanh candidate; Cho et al. 2014. */
    public static final GruGates STANDARD = new GruGates(Activation.SIGMOID, Activation.SIGMOID, Activation.TANH);
}
