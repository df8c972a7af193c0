/** Microbenchmarks. */
package dev.rondo.bench;
