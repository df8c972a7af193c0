/** The exceptions a user of Rondo sees: one sealed family, one message form. */
package dev.rondo.error;
