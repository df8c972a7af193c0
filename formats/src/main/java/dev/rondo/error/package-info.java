/** The exceptions of Rondo. */
package dev.rondo.error;
