/** Language models that count: tables of n-grams, asked where they lie in the file. */
package dev.rondo.ngram;
