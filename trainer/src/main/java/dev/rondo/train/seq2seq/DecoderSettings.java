package dev.rondo.train.seq2seq;

import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.error.InputException;

/**
 * What writes the target: recurrent layers of the network's cell.
 *
 * @param hiddenSize D, units of a layer
 * @param layers     on top of each other
 * @param connection of the layers; not highway
 * @param feeding    whether a step reads the readout of the step before
 */
public record DecoderSettings(int hiddenSize, int layers, Connection connection, boolean feeding) {
    /** @throws InputException when a value is out of range */
    public DecoderSettings {
        NetworkRules.size("hidden size", hiddenSize);
        NetworkRules.layers("decoder layers", layers);
    }
}
