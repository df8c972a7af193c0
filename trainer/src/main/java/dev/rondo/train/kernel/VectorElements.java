package dev.rondo.train.kernel;

import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.LANES;
import static dev.rondo.kernel.Vectors.NATIVE;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Activation;
import dev.rondo.kernel.VectorMath;
import dev.rondo.kernel.Vectors;
import dev.rondo.kernel.View;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Element by element, with vectors. Loops call the Vector API alone, as those of {@link VectorMath} do and for its reasons. */
final class VectorElements {

    /** Lane n is n. */
    private static final IntVector LANE = IntVector.zero(Vectors.I).addIndex(1);

    private VectorElements() {}

    /** How many of so many elements fill vectors. */
    static int whole(int count) {
        return count / LANES * LANES;
    }

    static void dropout(int key, float probability, View x, View out) {
        float scale = 1 / (1 - probability);
        for (int m = 0; m < out.rows; m++) {
            int first = m * out.cols;
            int whole = whole(out.cols);
            long from = row(x, m);
            long to = row(out, m);
            int threshold = Training.Dropout.threshold(probability);
            dropout(key, threshold, scale, first, x.segment, from, out.segment, to, whole);
            for (int j = whole; j < out.cols; j++) {
                boolean kept = Training.Dropout.keeps(key, first + j, probability);
                put(out.segment, to + j * 4L, kept ? get(x.segment, from + j * 4L) * scale : 0);
            }
        }
    }

    private static void dropout(
            int key,
            int threshold,
            float scale,
            int first,
            MemorySegment x,
            long from,
            MemorySegment out,
            long to,
            int count) {
        IntVector none = IntVector.zero(Vectors.I);
        for (int j = 0; j < count; j += LANES) {
            IntVector h = LANE.add(first + j).mul(0x9E3779B1).add(key);
            h = h.lanewise(VectorOperators.LSHR, 16)
                    .lanewise(VectorOperators.XOR, h)
                    .mul(0x85EBCA6B);
            h = h.lanewise(VectorOperators.LSHR, 13)
                    .lanewise(VectorOperators.XOR, h)
                    .mul(0xC2B2AE35);
            h = h.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, h);
            IntVector bits =
                    fromMemorySegment(F, x, from + j * 4L, NATIVE).mul(scale).reinterpretAsInts();
            none.blend(bits, h.lanewise(VectorOperators.LSHR, 8).compare(VectorOperators.GE, threshold))
                    .reinterpretAsFloats()
                    .intoMemorySegment(out, to + j * 4L, NATIVE);
        }
    }

    static void activateBackward(Activation f, View x, View y, View dy, View out) {
        for (int m = 0; m < out.rows; m++) {
            long bytes = whole(out.cols) * 4L;
            int done = whole(out.cols);
            switch (f.kind()) {
                case IDENTITY -> copy(dy.segment, row(dy, m), out.segment, row(out, m), bytes);
                case TANH -> ofTanh(y.segment, row(y, m), dy.segment, row(dy, m), out.segment, row(out, m), bytes);
                case SIGMOID ->
                    ofSigmoid(y.segment, row(y, m), dy.segment, row(dy, m), out.segment, row(out, m), bytes);
                case RELU -> ofRelu(x.segment, row(x, m), dy.segment, row(dy, m), out.segment, row(out, m), bytes);
                case LEAKY_RELU, ELU, SELU, HARD_SIGMOID, SOFTSIGN, SOFTPLUS, AFFINE -> done = 0;
                case SCALED_TANH, THRESHOLDED_RELU, SILU, GELU -> done = 0;
            }
            for (int j = done; j < out.cols; j++) {
                out.put(m, j, (float) (dy.get(m, j) * Derivatives.of(f, x.get(m, j), y.get(m, j))));
            }
        }
    }

    static void copy(MemorySegment dy, long gradient, MemorySegment out, long to, long bytes) {
        for (long o = 0; o < bytes; o += BYTES) {
            fromMemorySegment(F, dy, gradient + o, NATIVE).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    private static void ofTanh(
            MemorySegment y, long at, MemorySegment dy, long gradient, MemorySegment out, long to, long bytes) {
        FloatVector one = broadcast(F, 1);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, y, at + o, NATIVE);
            one.sub(v.mul(v))
                    .mul(fromMemorySegment(F, dy, gradient + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
    }

    private static void ofSigmoid(
            MemorySegment y, long at, MemorySegment dy, long gradient, MemorySegment out, long to, long bytes) {
        FloatVector one = broadcast(F, 1);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, y, at + o, NATIVE);
            one.sub(v)
                    .mul(v)
                    .mul(fromMemorySegment(F, dy, gradient + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
    }

    private static void ofRelu(
            MemorySegment x, long at, MemorySegment dy, long gradient, MemorySegment out, long to, long bytes) {
        FloatVector one = broadcast(F, 1);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, at + o, NATIVE);
            one.blend(0f, v.compare(VectorOperators.LT, 0f))
                    .mul(fromMemorySegment(F, dy, gradient + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
    }

    static void elmanBackward(Activation f, View y, View dy, View dh, View dz, View rows) {
        for (int m = 0; m < dh.rows; m++) {
            long bytes = whole(dh.cols) * 4L;
            MemorySegment out = rows.segment;
            long to = row(rows, m);
            sum(dy.segment, row(dy, m), dh.segment, row(dh, m), out, to, bytes);
            switch (f.kind()) {
                case IDENTITY -> {}
                case TANH -> ofTanh(y.segment, row(y, m), out, to, out, to, bytes);
                case SIGMOID -> ofSigmoid(y.segment, row(y, m), out, to, out, to, bytes);
                case RELU -> ofPositive(y.segment, row(y, m), out, to, bytes);
                case LEAKY_RELU, ELU, SELU, HARD_SIGMOID, SOFTSIGN, SOFTPLUS, AFFINE -> Derivatives.ofOutput(f, 0);
                case SCALED_TANH, THRESHOLDED_RELU, SILU, GELU -> Derivatives.ofOutput(f, 0);
            }
            copy(out, to, dz.segment, row(dz, m), bytes);
        }
    }

    /** The rectifier's derivative from its value. */
    private static void ofPositive(MemorySegment y, long at, MemorySegment out, long to, long bytes) {
        FloatVector zero = FloatVector.zero(F);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, y, at + o, NATIVE);
            zero.blend(1f, v.compare(VectorOperators.GT, 0f))
                    .mul(fromMemorySegment(F, out, to + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
    }

    /** out = a + b, whole vectors. */
    static void sum(MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment out, long to, long bytes) {
        for (long o = 0; o < bytes; o += BYTES) {
            fromMemorySegment(F, a, aAt + o, NATIVE)
                    .add(fromMemorySegment(F, b, bAt + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
    }

    /** The logistic function of {@code count} gates in place: {@code run} bytes of each, which begin {@code stride} bytes apart. */
    static void sigmoid(MemorySegment gates, long at, int count, long stride, long run) {
        VectorMath.squash(gates, at, at + count * stride, stride, run, 0.5f, 0.5f);
    }

    /** tanh of one row in place. */
    static void tanh(MemorySegment row, long at, long bytes) {
        VectorMath.squash(row, at, at + bytes, bytes, bytes, 1, -0f);
    }
}
