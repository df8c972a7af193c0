/** From a task to a model file, whatever the model is. */
package dev.rondo.train.run;
