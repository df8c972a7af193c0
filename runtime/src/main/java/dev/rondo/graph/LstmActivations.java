package dev.rondo.graph;

/**
 * The activations of an LSTM: of the gates i, f, o, of the candidate g, and of the cell state on its way to h.
 *
 * @param cell applied to c when the output is made: {@code h = o ⊙ cell(c)}
 */
public record LstmActivations(
        Activation input, Activation forget, Activation candidate, Activation output, Activation cell) {
    /** σ for the gates, tanh for candidate and cell. */
    public static final LstmActivations STANDARD = new LstmActivations(
            Activation.SIGMOID, Activation.SIGMOID, Activation.TANH, Activation.SIGMOID, Activation.TANH);
}
