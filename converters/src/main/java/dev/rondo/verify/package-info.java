/** Runs functions on tensors at hand and compares them with reference vectors. */
package dev.rondo.verify;
