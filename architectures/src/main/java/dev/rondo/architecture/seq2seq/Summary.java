package dev.rondo.architecture.seq2seq;

/** One vector for a whole source. */
public enum Summary {
    /** The last states h of the encoder's top layer, directions side by side. */
    LAST,
    /** For layer k of the decoder, the last states of layer k of the encoder, directions side by side. */
    LAST_OF_LAYER,
    /** The mean of the memory over the source. */
    MEAN,
    /** The largest of the memory over the source, number by number. */
    MAX
}
