/** What training computes beyond {@code dev.rondo.kernel}: plain loops and the Vector API. */
package dev.rondo.train.kernel;
