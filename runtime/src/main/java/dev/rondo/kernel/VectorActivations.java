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
 * Activations of rows of f32. Each has a loop of its own, because a loop that is handed its function would
 * allocate every vector. What fills no vector goes through f64, one by one: the loop a second time in the same code would exceed what C2 inlines ({@link VectorCells}).
 * x and out may be the same memory.
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
            Activation f, MemorySegment x, long xAt, long xRow, MemorySegment out, long to, long outRow, int rows, int count) {
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
            case ELU -> elu(x, from, out, to, bytes, 1, f.alpha());
            case SELU -> elu(x, from, out, to, bytes, (float) Activation.SELU_SCALE, (float) Activation.SELU_ALPHA);
            case HARD_SIGMOID -> hardSigmoid(x, from, out, to, bytes, f.alpha(), f.beta());
            case SOFTSIGN -> softSign(x, from, out, to, bytes);
            case SILU, SOFTPLUS, GELU -> {
                return false;
            }
        }
        return true;
    }

    /** alpha x + beta. */
    private static void affine(MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha, float beta) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            v.lanewise(VectorOperators.FMA, alpha, beta).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    /** alpha tanh(beta x). */
    private static void scaledTanh(MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha, float beta) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            VectorMath.squash(v.mul(beta), 1, -0f, -1).mul(alpha).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    /** 1 / (1 + e<sup>-x</sup>): small relative error down to e<sup>-88</sup>. */
    private static void sigmoid(MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        VectorMath.exponentials(x, from, -1, 0, out, to, (int) (bytes / 4));
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector e = fromMemorySegment(F, out, to + o, NATIVE);
            broadcast(F, 1).div(e.add(1)).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    /** x where x &gt; alpha, else 0; with alpha 0 the rectifier. */
    private static void threshold(MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            threshold(v, alpha).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    private static void leakyRelu(MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            leakyRelu(v, alpha).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    /** scale (x where x &ge; 0, else alpha (e<sup>x</sup> - 1)). */
    private static void elu(MemorySegment x, long from, MemorySegment out, long to, long bytes, float scale, float alpha) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            elu(v, scale, alpha).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    private static void hardSigmoid(MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha, float beta) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            hardSigmoid(v, alpha, beta).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    private static void softSign(MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            softSign(v).intoMemorySegment(out, to + o, NATIVE);
        }
    }

    private static FloatVector threshold(FloatVector x, float alpha) {
        return x.blend(0f, x.compare(VectorOperators.LE, alpha));
    }

    private static FloatVector leakyRelu(FloatVector x, float alpha) {
        return x.blend(x.mul(alpha), x.compare(VectorOperators.LT, 0f));
    }

    /** e<sup>x</sup> - 1 = 2 t / (1 - t) with t = tanh(x/2): small relative error also near 0. */
    private static FloatVector elu(FloatVector x, float scale, float alpha) {
        FloatVector t = VectorMath.squash(x.mul(0.5f), 1, -0f, -1);
        FloatVector below = t.add(t).div(broadcast(F, 1).sub(t)).mul(alpha);
        return x.blend(below, x.compare(VectorOperators.LT, 0f)).mul(scale);
    }

    private static FloatVector hardSigmoid(FloatVector x, float alpha, float beta) {
        FloatVector y = x.lanewise(VectorOperators.FMA, alpha, beta);
        FloatVector low = y.blend(0f, y.compare(VectorOperators.LT, 0f));
        return low.blend(1f, low.compare(VectorOperators.GT, 1f));
    }

    private static FloatVector softSign(FloatVector x) {
        FloatVector high = x.blend(LARGE, x.compare(VectorOperators.GT, LARGE));
        FloatVector v = high.blend(-LARGE, high.compare(VectorOperators.LT, -LARGE));
        return v.div(v.abs().add(1f));
    }
}
