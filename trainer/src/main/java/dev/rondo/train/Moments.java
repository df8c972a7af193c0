package dev.rondo.train;

import dev.rondo.train.kernel.AdamStep;
import dev.rondo.train.kernel.TrainingKernels;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What the kinds of Adam have in common. */
final class Moments {
    /** All kernels give the same bits here. */
    private static final TrainingKernels KERNELS = TrainingKernels.best();

    private Moments() {}

    static void update(Optimizer.Adam adam, double decay, Optimizer.Span span, double rate, long step) {
        // StrictMath: the same bits in the interpreter and in compiled code.
        var constants = new AdamStep(
                (float) (1 - decay),
                (float) adam.beta1(),
                (float) adam.beta2(),
                (float) (1 - adam.beta1()),
                (float) (1 - adam.beta2()),
                (float) (rate / (1 - StrictMath.pow(adam.beta1(), step))),
                (float) (1 / Math.sqrt(1 - StrictMath.pow(adam.beta2(), step))),
                (float) adam.epsilon());
        List<MemorySegment> slots = span.slots();
        KERNELS.adam(constants, span.theta(), span.gradient(), slots.get(0), slots.get(1), span.from(), span.to());
    }
}
