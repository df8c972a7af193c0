/** Linear chains: scores of tags and of transitions between them, for random fields and for hidden Markov models. */
package dev.rondo.architecture.chain;
