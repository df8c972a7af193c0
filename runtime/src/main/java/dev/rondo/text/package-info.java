/** Text in, text out. */
package dev.rondo.text;
