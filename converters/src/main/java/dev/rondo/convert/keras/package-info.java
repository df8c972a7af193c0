/**
 * Keras models: {@code .keras} archives, HDF5 files with or without configuration. {@code docs/keras.md} lists layers.
 */
package dev.rondo.convert.keras;
