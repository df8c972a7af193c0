/**
 * Conversion of models of other frameworks. {@link dev.rondo.convert.Conversion} is the way in;
 * {@code docs/architectures.md} describes the configuration that goes with a safetensors file.
 */
package dev.rondo.convert;
