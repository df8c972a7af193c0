package dev.rondo.train.network;

/**
 * Numbers and their class: a row of a table, or an image row by row.
 *
 * @param values not copied
 */
public record LabelledFeatures(float[] values, String label) {}
