package dev.rondo.convert.onnx.op;

import dev.rondo.error.ShapeException;
import dev.rondo.graph.Dim;
import java.util.List;

/**
 * How a kernel moves along one axis, for convolution and pooling.
 *
 * @param kernel   places it looks at
 * @param dilation from one of them to the next
 * @param before   elements added in front
 * @param after    elements added behind
 * @param overhang elements that the last place needs behind those: only when rounding up
 * @param steps    places it takes
 */
record Window(long kernel, long stride, long dilation, long before, long after, long overhang, Dim steps) {
    /** No size or pad of a model that is meant is larger; keeps sums of them within a long. */
    static final long MAX = 1 << 24;

    /** How an axis is padded. */
    enum Padding {
        EXPLICIT,
        SAME_UPPER,
        SAME_LOWER
    }

    static Window of(
            String subject,
            Dim size,
            long kernel,
            long stride,
            long dilation,
            List<Long> pads,
            Padding padding,
            boolean up) {
        if (kernel < 1 || stride < 1 || dilation < 1 || pads.stream().anyMatch(p -> p < 0 || p > MAX)) {
            throw wrong(subject, "kernel, stride, dilation are positive, pads not negative", size);
        }
        if (kernel > MAX || stride > MAX || dilation > MAX) {
            throw wrong(subject, "kernel, stride, dilation are at most " + MAX, size);
        }
        long reach = (kernel - 1) * dilation + 1;
        if (padding == Padding.EXPLICIT) {
            return explicit(subject, size, kernel, stride, dilation, pads, up);
        }
        if (!size.isFixed() && stride != 1) {
            throw wrong(subject, "padding SAME with a stride needs a fixed size", size);
        }
        long missing = reach - 1;
        Dim steps = size;
        if (size.isFixed()) {
            steps = size.plus(stride - 1).dividedBy(stride);
            missing = Math.max(0, (steps.fixed() - 1) * stride + reach - size.fixed());
        }
        long half = missing / 2;
        long before = padding == Padding.SAME_UPPER ? half : missing - half;
        return new Window(kernel, stride, dilation, before, missing - before, 0, steps);
    }

    private static Window explicit(
            String subject, Dim size, long kernel, long stride, long dilation, List<Long> pads, boolean up) {
        long reach = (kernel - 1) * dilation + 1;
        long before = pads.getFirst();
        long after = pads.getLast();
        Dim room = size.plus(before + after - reach);
        if (room.isFixed() && room.fixed() < 0) {
            throw wrong(subject, "the kernel, " + reach + " long, fits the padded axis", size);
        }
        if (!up || stride == 1) {
            return new Window(
                    kernel,
                    stride,
                    dilation,
                    before,
                    after,
                    0,
                    room.dividedBy(stride).plus(1));
        }
        if (!room.isFixed()) {
            throw wrong(subject, "rounding sizes up (ceil_mode) needs a fixed size", size);
        }
        long steps = (room.fixed() + stride - 1) / stride + 1;
        if ((steps - 1) * stride >= size.fixed() + before) {
            steps--; // the last place would begin in the padding
        }
        long overhang = Math.max(0, (steps - 1) * stride - room.fixed());
        return new Window(kernel, stride, dilation, before, after, overhang, Dim.of(steps));
    }

    private static ShapeException wrong(String subject, String rule, Dim size) {
        return new ShapeException(subject, rule, "axis of size " + size, "fix the size with --fix or --shape");
    }

    /** Whether nothing is added around the axis. */
    boolean isBare() {
        return before == 0 && after == 0 && overhang == 0;
    }
}
