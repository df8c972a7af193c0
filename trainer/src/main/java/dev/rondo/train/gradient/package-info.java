/** Gradients as a transformation of functions: what goes in and what comes out is of one operator catalogue. */
package dev.rondo.train.gradient;
