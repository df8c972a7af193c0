/** Tagged sentences, and taggers made of them by counting. */
package dev.rondo.train.tagging;
