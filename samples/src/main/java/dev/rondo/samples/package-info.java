/** Small complete programs to copy from. */
package dev.rondo.samples;
