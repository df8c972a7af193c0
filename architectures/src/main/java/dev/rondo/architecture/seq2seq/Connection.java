package dev.rondo.architecture.seq2seq;

/** How a layer's input x reaches beyond the layer f; in a decoder from the second layer on. */
public enum Connection {
    /** y = f(x). */
    NONE,
    /** y = x + f(x) where both are of one size, else f(x). */
    RESIDUAL,
    /** y = t ⊙ f(x) + (1 − t) ⊙ x with t = σ(W x + b) where both are of one size (Srivastava et al. 2015), else f(x). */
    HIGHWAY,
    /** Each layer but the first sees the embedding beside the output of the layer before: f([x; embedding]) (Graves 2013). */
    SKIP
}
