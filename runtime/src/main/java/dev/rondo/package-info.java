/** The face of Rondo: models, sessions and the tasks they serve. */
package dev.rondo;
