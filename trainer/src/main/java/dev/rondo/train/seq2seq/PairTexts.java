package dev.rondo.train.seq2seq;

import dev.rondo.train.data.ParallelText;

/**
 * The texts of an encoder-decoder.
 *
 * @param training   what it is trained on
 * @param validation what it is judged by
 */
public record PairTexts(ParallelText training, ParallelText validation) {}
