/** What the settings of all kinds of training have to keep. */
package dev.rondo.train.rule;
