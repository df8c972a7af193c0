package dev.rondo.kernel;

import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.NATIVE;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.rondo.graph.Activation;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Activations of rows of f32. Each has a loop of its own that calls the Vector API alone ({@link VectorMath#squash} says why). What fills no vector goes through f64,
 * one by one. x and out may be the same memory.
 */
final class VectorActivations {

    /** From here on x / (1 + |x|) is 1 to the last bit. */
    private static final float LARGE = 0x1p60f;

    private VectorActivations() {}

    /**
     * Applies f to {@code rows} rows of {@code count} elements.
     *
     * @return false where there is no vector form, and nothing was done
     */
    static boolean apply(
            Activation f,
            MemorySegment x,
            long xAt,
            long xRow,
            MemorySegment out,
            long to,
            long outRow,
            int rows,
            int count) {
        boolean dense = rows > 1 && xRow == 4L * count && outRow == xRow && xRow * rows <= Integer.MAX_VALUE;
        int lines = dense ? 1 : rows;
        long bytes = dense ? xRow * rows : 4L * count;
        for (int r = 0; r < lines; r++) {
            if (!row(f, x, xAt + r * xRow, out, to + r * outRow, bytes)) {
                return false;
            }
        }
        return true;
    }

    private static boolean row(Activation f, MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        long whole = bytes / BYTES * BYTES;
        if (!vectors(f, x, from, out, to, whole)) {
            return false;
        }
        for (long o = whole; o < bytes; o += 4) {
            Memory.put(out, to + o, (float) f.apply(Memory.get(x, from + o)));
        }
        return true;
    }

    /** Whole vectors only. */
    private static boolean vectors(Activation f, MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        switch (f.kind()) {
            case IDENTITY -> affine(x, from, out, to, bytes, 1, 0);
            case AFFINE -> affine(x, from, out, to, bytes, f.alpha(), f.beta());
            case TANH -> scaledTanh(x, from, out, to, bytes, 1, 1);
            case SCALED_TANH -> scaledTanh(x, from, out, to, bytes, f.alpha(), f.beta());
            case SIGMOID -> sigmoid(x, from, out, to, bytes);
            case RELU -> threshold(x, from, out, to, bytes, 0);
            case THRESHOLDED_RELU -> threshold(x, from, out, to, bytes, f.alpha());
            case LEAKY_RELU -> leakyRelu(x, from, out, to, bytes, f.alpha());
            case HARD_SIGMOID -> hardSigmoid(x, from, out, to, bytes, f.alpha(), f.beta());
            case SOFTSIGN -> softSign(x, from, out, to, bytes);
            case ELU, SELU, SILU, SOFTPLUS, GELU -> {
                return false;
            }
        }
        return true;
    }

    /** alpha x + beta. */
    private static void affine(
            MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha, float beta) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            v.lanewise(VectorOperators.FMA, alpha, beta).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    /** alpha tanh(beta x), in three passes. */
    private static void scaledTanh(
            MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha, float beta) {
        affine(x, from, out, to, bytes, beta, -0f);
        VectorMath.squash(out, to, to + bytes, BYTES, BYTES, 1, -0f);
        if (alpha != 1) {
            affine(out, to, out, to, bytes, alpha, -0f);
        }
    }

    /** 1 / (1 + e<sup>-x</sup>): small relative error down to e<sup>-88</sup>. */
    private static void sigmoid(MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        VectorMath.exponentials(x, from, -1, 0, out, to, (int) (bytes / 4));
        FloatVector one = broadcast(F, 1);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector e = fromMemorySegment(F, out, to + o, NATIVE);
            one.div(e.add(one)).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    /** x where x &gt; alpha, else 0; with alpha 0 the rectifier. */
    private static void threshold(MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            v.blend(0f, v.compare(VectorOperators.LE, alpha)).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    private static void leakyRelu(MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            v.blend(v.mul(alpha), v.compare(VectorOperators.LT, 0f)).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    private static void hardSigmoid(
            MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha, float beta) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE).lanewise(VectorOperators.FMA, alpha, beta);
            v = v.blend(0f, v.compare(VectorOperators.LT, 0f));
            v.blend(1f, v.compare(VectorOperators.GT, 1f)).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    private static void softSign(MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            v = v.blend(LARGE, v.compare(VectorOperators.GT, LARGE));
            v = v.blend(-LARGE, v.compare(VectorOperators.LT, -LARGE));
            v.div(v.abs().add(1f)).intoMemorySegment(out, to + o, NATIVE);
        }
    }
}
