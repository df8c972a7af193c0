/** Tags for the tokens of sentences: taggers, and Viterbi's algorithm. */
package dev.rondo.tagging;
