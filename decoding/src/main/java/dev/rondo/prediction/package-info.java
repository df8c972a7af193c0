/** Models of numbers: rows or windows of a series in, numbers or classes out. */
package dev.rondo.prediction;
