/** Picking tokens by their scores; searches for whole sequences are in the module decoding. */
package dev.rondo.decode;
