/** The container of a model: reader and writer. */
package dev.rondo.format;
