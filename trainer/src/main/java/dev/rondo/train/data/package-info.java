/** Data for training: vocabularies, streams of tokens, samples, numbers brought to one scale. */
package dev.rondo.train.data;
