/** Choosing settings: search over a declared space, cross-validation. */
package dev.rondo.train.select;
