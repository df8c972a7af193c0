/** Training of models. */
package dev.rondo.train;
