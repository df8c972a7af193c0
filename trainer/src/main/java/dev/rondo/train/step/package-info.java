/** Steps of plans that run the operators of training. */
package dev.rondo.train.step;
