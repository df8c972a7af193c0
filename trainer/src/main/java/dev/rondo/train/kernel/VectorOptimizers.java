package dev.rondo.train.kernel;

import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.NATIVE;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Optimizers with vectors. */
final class VectorOptimizers {
    private VectorOptimizers() {}

    /** Floats {@code from} to {@code to - 1}, which fill vectors. */
    static void adam(
            AdamStep step,
            MemorySegment theta,
            MemorySegment gradient,
            MemorySegment first,
            MemorySegment second,
            long from,
            long to) {
        FloatVector keep = broadcast(F, step.keep());
        FloatVector beta1 = broadcast(F, step.beta1());
        FloatVector beta2 = broadcast(F, step.beta2());
        FloatVector share1 = broadcast(F, step.share1());
        FloatVector share2 = broadcast(F, step.share2());
        FloatVector size = broadcast(F, step.size());
        FloatVector scale = broadcast(F, step.scale());
        FloatVector epsilon = broadcast(F, step.epsilon());
        for (long o = from * Float.BYTES; o < to * Float.BYTES; o += BYTES) {
            FloatVector g = fromMemorySegment(F, gradient, o, NATIVE);
            FloatVector m = beta1.mul(fromMemorySegment(F, first, o, NATIVE)).add(share1.mul(g));
            FloatVector v = beta2.mul(fromMemorySegment(F, second, o, NATIVE))
                    .add(share2.mul(g).mul(g));
            m.intoMemorySegment(first, o, NATIVE);
            v.intoMemorySegment(second, o, NATIVE);
            FloatVector root = v.lanewise(VectorOperators.SQRT).mul(scale).add(epsilon);
            keep.mul(fromMemorySegment(F, theta, o, NATIVE))
                    .sub(size.mul(m).div(root))
                    .intoMemorySegment(theta, o, NATIVE);
        }
    }
}
