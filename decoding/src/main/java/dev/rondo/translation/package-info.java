/** Texts from one language to another: a model, a search, and what lies between them and text. */
package dev.rondo.translation;
