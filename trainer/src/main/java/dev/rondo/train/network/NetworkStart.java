package dev.rondo.train.network;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the parameters of a network begin as.
 *
 * @param from    a model with the tensors of this network, trained or converted: they are the beginning, and its vocabularies are
 *                those of this network; what gives classes or tags begins anew where these are others
 * @param vectors word vectors, of word2vec or GloVe, that the embedding of the words begins with
 */
public record NetworkStart(Optional<Path> from, Optional<Path> vectors) {
    /** Random numbers. */
    public static final NetworkStart RANDOM = new NetworkStart(Optional.empty(), Optional.empty());
}
