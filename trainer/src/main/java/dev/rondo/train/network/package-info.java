/** Networks of layers from data to files: classifiers, taggers, and networks of numbers. */
package dev.rondo.train.network;
