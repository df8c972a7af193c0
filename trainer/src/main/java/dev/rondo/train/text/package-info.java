/** Settings as texts; not for users. */
package dev.rondo.train.text;
