package dev.rondo.train.network;

/**
 * Numbers in and numbers out.
 *
 * @param inputs  one row, or the rows of a window in their order; not copied
 * @param targets what is to be predicted; not copied
 */
public record NumberSample(float[][] inputs, float[] targets) {}
