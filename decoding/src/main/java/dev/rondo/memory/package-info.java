/** Answers to questions about stories, by models with a memory. */
package dev.rondo.memory;
