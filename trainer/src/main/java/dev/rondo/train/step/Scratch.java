package dev.rondo.train.step;

import dev.rondo.kernel.View;
import dev.rondo.plan.Binder;
import dev.rondo.plan.Operand;

/** Buffers that a recurrence has for itself. */
final class Scratch {
    private Scratch() {}

    /** Dense rows for as many rows as a batch can have. */
    static View rows(Operand sequence, int width, Binder binder) {
        int rows = binder.capacity(sequence.type().dim(0));
        long bytes = (long) rows * width * Float.BYTES;
        String subject = "buffer of a recurrence over " + sequence.name();
        return View.f32(Operand.memory(binder.arena(), subject, bytes), rows, width);
    }

    /** One row of zeros that stands for all. */
    static View zeros(int width, Binder binder) {
        // Memory of an arena begins as zero.
        View row = View.f32(Operand.memory(binder.arena(), "a row of zeros", width * 4L), 1, width);
        row.rowStride = 0;
        return row;
    }
}
