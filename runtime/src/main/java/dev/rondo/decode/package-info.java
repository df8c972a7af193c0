/** Search over the outputs of a model. */
package dev.rondo.decode;
