package dev.rondo.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The operands of {@link Kernels#linear} together, for steps that make several products.
 *
 * @param x [M, K]
 * @param weights W [N, K]
 * @param bias one row in the order of {@code out}; null means zero
 * @param scratch as for {@link Kernels#linear}
 * @param out [M, N], or in panel order
 */
public record Product(View x, Weights weights, View bias, MemorySegment scratch, View out) {}
