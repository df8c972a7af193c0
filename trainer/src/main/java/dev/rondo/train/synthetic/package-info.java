/** Data that is made, not read: tasks that measure what cells remember, and images of digits. */
package dev.rondo.train.synthetic;
