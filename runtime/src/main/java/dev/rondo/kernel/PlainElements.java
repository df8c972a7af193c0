package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.columnStep;
import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;

import dev.rondo.graph.Activation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.UnaryFunction;

/** Functions of single elements, plain: computed in f64, rounded once. */
final class PlainElements {

    private PlainElements() {}

    static void activate(Activation f, View x, View out) {
        for (int r = 0; r < out.rows; r++) {
            for (int c = 0; c < out.cols; c++) {
                put(out.segment, row(out, r) + c * 4L, (float) f.apply(get(x.segment, row(x, r) + c * 4L)));
            }
        }
    }

    static void unary(UnaryFunction f, View x, View out) {
        for (int r = 0; r < out.rows; r++) {
            for (int c = 0; c < out.cols; c++) {
                put(out.segment, row(out, r) + c * 4L, (float) f.apply(get(x.segment, row(x, r) + c * 4L)));
            }
        }
    }

    static void binary(BinaryFunction f, View a, View b, View out) {
        long aStep = columnStep(a, out, 4);
        long bStep = columnStep(b, out, 4);
        for (int r = 0; r < out.rows; r++) {
            for (int c = 0; c < out.cols; c++) {
                float left = get(a.segment, row(a, r) + c * aStep);
                float right = get(b.segment, row(b, r) + c * bStep);
                put(out.segment, row(out, r) + c * 4L, (float) f.apply(left, right));
            }
        }
    }

    static void copy(View x, View out) {
        long step = columnStep(x, out, 4);
        for (int r = 0; r < out.rows; r++) {
            for (int c = 0; c < out.cols; c++) {
                // Through an int: a signalling NaN keeps its bits.
                out.segment.set(Memory.I32, row(out, r) + c * 4L, x.segment.get(Memory.I32, row(x, r) + c * step));
            }
        }
    }
}
