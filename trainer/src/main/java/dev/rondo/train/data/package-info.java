/** Data for training: vocabularies, byte pairs, streams of tokens, parallel corpora, samples, numbers brought to one scale. */
package dev.rondo.train.data;
