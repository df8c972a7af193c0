/** Strategies that choose sequences of tokens: what a model scores, and how its hypotheses go on. */
package dev.rondo.search;
