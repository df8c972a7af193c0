/** The {@code rondo} command. */
package dev.rondo.cli;
