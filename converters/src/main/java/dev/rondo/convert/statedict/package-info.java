/** Weights without a graph: the architecture comes from a configuration, or from names and shapes. */
package dev.rondo.convert.statedict;
