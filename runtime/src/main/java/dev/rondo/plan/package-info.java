/** Functions bound to kernels and memory. */
package dev.rondo.plan;
