package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.NATIVE;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Scores of additive attention. */
final class VectorAttention {

    private VectorAttention() {}

    static void additiveScores(View query, View keys, View vector, View mask, View out) {
        for (int q = 0; q < out.rows; q++) {
            for (int s = 0; s < out.cols; s++) {
                float score = !PlainRows.takes(mask, out, q, s)
                        ? 0
                        : score(
                                query.segment,
                                row(query, q),
                                keys.segment,
                                row(keys, s),
                                vector.segment,
                                vector.offset,
                                4L * keys.cols);
                put(out.segment, row(out, q) + s * 4L, score);
            }
        }
    }

    /**
     * &Sigma; v tanh(x + y), with the tanh of {@link VectorMath#squash}: its argument is cut off instead of its result.
     */
    private static float score(
            MemorySegment x, long xAt, MemorySegment y, long yAt, MemorySegment v, long vAt, long bytes) {
        FloatVector sums = FloatVector.zero(F);
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector z = fromMemorySegment(F, y, yAt + o, NATIVE).add(fromMemorySegment(F, x, xAt + o, NATIVE));
            z = z.blend(VectorMath.TANH_END, z.compare(VectorOperators.GT, VectorMath.TANH_END));
            z = z.blend(VectorMath.MINUS_END, z.compare(VectorOperators.LT, VectorMath.MINUS_END));
            FloatVector u = z.mul(z);
            FloatVector p = u.fma(VectorMath.P5, VectorMath.P4)
                    .fma(u, VectorMath.P3)
                    .fma(u, VectorMath.P2)
                    .fma(u, VectorMath.P1)
                    .fma(u, VectorMath.ONE);
            FloatVector d = u.fma(VectorMath.Q4, VectorMath.Q3)
                    .fma(u, VectorMath.Q2)
                    .fma(u, VectorMath.Q1)
                    .fma(u, VectorMath.ONE);
            sums = p.mul(z).div(d).fma(fromMemorySegment(F, v, vAt + o, NATIVE), sums);
        }
        float sum = Vectors.sum(sums);
        for (; o < bytes; o += 4) {
            sum = Math.fma(get(v, vAt + o), (float) Math.tanh(get(x, xAt + o) + get(y, yAt + o)), sum);
        }
        return sum;
    }
}
