/** Training of language models. */
package dev.rondo.train.lm;
