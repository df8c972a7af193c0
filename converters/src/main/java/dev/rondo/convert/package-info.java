/** Conversion of models of other frameworks. */
package dev.rondo.convert;
