package dev.rondo.architecture.memory;

import dev.rondo.architecture.RecurrentParameters;

/** How the embeddings e of a sentence's words become one vector. */
public sealed interface SentenceEncoding {
    /** {@code Σ_j e_j}: a bag of words. */
    record Bag() implements SentenceEncoding {}

    /**
     * {@code Σ_j l_j e_j} with {@code l_kj = (1 − j/J) − (k/d)(1 − 2j/J)}, j from 1 to J, k from 1 to d (Sukhbaatar et al.
     * 2015, section 4.1). J is the width of all sentences, what is empty included.
     */
    record Position() implements SentenceEncoding {}

    /**
     * The last state of a GRU (reset after) over the words, the same for all tables.
     *
     * @param layer from d to d
     */
    record Recurrent(RecurrentParameters layer) implements SentenceEncoding {}
}
