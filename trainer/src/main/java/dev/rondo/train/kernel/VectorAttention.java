package dev.rondo.train.kernel;

import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.NATIVE;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.rondo.kernel.View;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The gradient of additive scores with vectors: one query and one key at a time, what they have in common in the
 * first-level cache. Whole vectors only.
 */
final class VectorAttention {
    private VectorAttention() {}

    static void queryBackward(View query, View keys, View vector, View dy, View scratch, View out) {
        long bytes = VectorElements.whole(query.cols) * 4L;
        for (int q = 0; q < query.rows; q++) {
            long to = row(out, q);
            zero(out.segment, to, bytes);
            for (int s = 0; s < keys.rows; s++) {
                float share = dy.get(q, s);
                if (share != 0) {
                    bend(query, q, keys, s, scratch, bytes);
                    addSlopes(scratch.segment, scratch.offset, share, out.segment, to, bytes);
                }
            }
            multiply(out.segment, to, vector.segment, vector.offset, bytes);
        }
    }

    static void keysBackward(View query, View keys, View vector, View dy, View scratch, View dkeys, View dvector) {
        long bytes = VectorElements.whole(query.cols) * 4L;
        for (int s = 0; s < keys.rows; s++) {
            long to = row(dkeys, s);
            zero(dkeys.segment, to, bytes);
            for (int q = 0; q < query.rows; q++) {
                float share = dy.get(q, s);
                if (share != 0) {
                    bend(query, q, keys, s, scratch, bytes);
                    addSlopes(scratch.segment, scratch.offset, share, dkeys.segment, to, bytes);
                    add(scratch.segment, scratch.offset, share, dvector.segment, dvector.offset, bytes);
                }
            }
            multiply(dkeys.segment, to, vector.segment, vector.offset, bytes);
        }
    }

    /** scratch = tanh(query + key). */
    private static void bend(View query, int q, View keys, int s, View scratch, long bytes) {
        VectorElements.sum(
                query.segment, row(query, q), keys.segment, row(keys, s), scratch.segment, scratch.offset, bytes);
        VectorElements.tanh(scratch.segment, scratch.offset, bytes);
    }

    private static void zero(MemorySegment x, long at, long bytes) {
        FloatVector none = FloatVector.zero(F);
        for (long o = 0; o < bytes; o += BYTES) {
            none.intoMemorySegment(x, at + o, NATIVE);
        }
    }

    /** out += share (1 - y²). */
    private static void addSlopes(MemorySegment y, long at, float share, MemorySegment out, long to, long bytes) {
        FloatVector one = broadcast(F, 1);
        FloatVector shares = broadcast(F, share);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, y, at + o, NATIVE);
            one.sub(v.mul(v))
                    .fma(shares, fromMemorySegment(F, out, to + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
    }

    /** out += share y. */
    private static void add(MemorySegment y, long at, float share, MemorySegment out, long to, long bytes) {
        FloatVector shares = broadcast(F, share);
        for (long o = 0; o < bytes; o += BYTES) {
            fromMemorySegment(F, y, at + o, NATIVE)
                    .fma(shares, fromMemorySegment(F, out, to + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
    }

    /** x = x y. */
    private static void multiply(MemorySegment x, long at, MemorySegment y, long from, long bytes) {
        for (long o = 0; o < bytes; o += BYTES) {
            fromMemorySegment(F, x, at + o, NATIVE)
                    .mul(fromMemorySegment(F, y, from + o, NATIVE))
                    .intoMemorySegment(x, at + o, NATIVE);
        }
    }
}
