/** Operators that only training needs: no file holds them, and the trainer runs them. */
package dev.rondo.architecture.training;
