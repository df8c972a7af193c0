/** Plain and vector kernels behind one interface. */
package dev.rondo.kernel;
