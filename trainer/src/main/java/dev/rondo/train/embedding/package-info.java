/** Word vectors that others have trained, as rows of an embedding. */
package dev.rondo.train.embedding;
