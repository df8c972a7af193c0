package dev.rondo.architecture.memory;

/** Which embeddings the hops of a memory network share (Sukhbaatar et al. 2015, section 2.2). */
public enum Tying {
    /** {@code A¹ = B, Aᵏ⁺¹ = Cᵏ, Wᵀ = Cᴷ}: K + 1 tables. */
    ADJACENT,
    /** A and C are those of every hop, and {@code uᵏ⁺¹ = H uᵏ + oᵏ}, as in a recurrent network; B and W are their own. */
    LAYER_WISE
}
