/** Encoder-decoders from parallel texts to files. */
package dev.rondo.train.seq2seq;
