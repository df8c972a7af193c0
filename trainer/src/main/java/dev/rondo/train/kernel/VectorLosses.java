package dev.rondo.train.kernel;

import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.NATIVE;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.rondo.kernel.VectorMath;
import dev.rondo.kernel.Vectors;
import dev.rondo.kernel.View;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Losses with vectors. */
final class VectorLosses {

    private VectorLosses() {}

    static void crossEntropy(View logits, View targets, float smoothing, View out) {
        int count = logits.cols;
        for (int m = 0; m < logits.rows; m++) {
            long from = row(logits, m);
            float max = max(logits.segment, from, count);
            float sum = VectorMath.sumOfExponentials(logits.segment, from, max, count);
            float below = smoothing == 0 ? 0 : below(logits.segment, from, max, count);
            float target = max - logits.get(m, PlainTrainingKernels.target(targets, m));
            out.put(m, 0, PlainTrainingKernels.loss(target, sum, below / count, smoothing));
        }
    }

    private static float max(MemorySegment x, long from, int count) {
        FloatVector all = broadcast(F, Float.NEGATIVE_INFINITY);
        long end = from + 4L * count;
        long o = from;
        for (; o <= end - BYTES; o += BYTES) {
            all = fromMemorySegment(F, x, o, NATIVE).max(all);
        }
        float max = all.reduceLanes(VectorOperators.MAX);
        for (; o < end; o += 4) {
            max = Math.max(max, get(x, o));
        }
        return max;
    }

    /** How far elements lie below the largest, in all. */
    private static float below(MemorySegment x, long from, float max, int count) {
        FloatVector largest = broadcast(F, max);
        FloatVector sums = FloatVector.zero(F);
        long end = from + 4L * count;
        long o = from;
        for (; o <= end - BYTES; o += BYTES) {
            sums = largest.sub(fromMemorySegment(F, x, o, NATIVE)).add(sums);
        }
        float sum = Vectors.sum(sums);
        for (; o < end; o += 4) {
            sum += max - get(x, o);
        }
        return sum;
    }

    static void crossEntropyBackward(View logits, View targets, View dy, float smoothing, View out) {
        int count = logits.cols;
        for (int m = 0; m < logits.rows; m++) {
            long from = row(logits, m);
            long to = row(out, m);
            float max = max(logits.segment, from, count);
            float sum = VectorMath.exponentials(logits.segment, from, 1, max, out.segment, to, count);
            float gradient = dy.get(m, 0);
            scale(out.segment, to, gradient / sum, -gradient * (smoothing / count), count);
            long target = to + 4L * PlainTrainingKernels.target(targets, m);
            put(out.segment, target, get(out.segment, target) - gradient * (1 - smoothing));
        }
    }

    /** x = factor x + summand. */
    private static void scale(MemorySegment x, long at, float factor, float summand, int count) {
        FloatVector factors = broadcast(F, factor);
        FloatVector summands = broadcast(F, summand);
        long end = at + 4L * count;
        long o = at;
        for (; o <= end - BYTES; o += BYTES) {
            fromMemorySegment(F, x, o, NATIVE).fma(factors, summands).intoMemorySegment(x, o, NATIVE);
        }
        for (; o < end; o += 4) {
            put(x, o, Math.fma(get(x, o), factor, summand));
        }
    }
}
