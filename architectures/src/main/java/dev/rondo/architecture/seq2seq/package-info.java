/** Encoder-decoders: one vocabulary for those that are trained and those that are converted. */
package dev.rondo.architecture.seq2seq;
