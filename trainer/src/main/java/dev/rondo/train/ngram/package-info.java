/** Language models of n-grams: counted in texts, smoothed, written to files. */
package dev.rondo.train.ngram;
