/** How good translations are: BLEU and chrF, with the figures of sacrebleu. */
package dev.rondo.train.metric;
