package dev.rondo.kernel;

import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.NATIVE;
import static dev.rondo.kernel.Vectors.load;
import static dev.rondo.kernel.Vectors.store;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.rondo.graph.Activation;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Activations of rows of f32. Each has a loop of its own, because a loop that is handed its function would
 * allocate every vector, and a method of its own for the lanes left over ({@link VectorCells} says why). x and out may be the same memory.
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
        switch (f.kind()) {
            case IDENTITY -> affine(x, from, out, to, bytes, 1, 0);
            case AFFINE -> affine(x, from, out, to, bytes, f.alpha(), f.beta());
            case TANH -> scaledTanh(x, from, out, to, bytes, 1, 1);
            case SCALED_TANH -> scaledTanh(x, from, out, to, bytes, f.alpha(), f.beta());
            case SIGMOID -> sigmoid(x, from, out, to, bytes);
            case SILU -> silu(x, from, out, to, bytes);
            case RELU -> threshold(x, from, out, to, bytes, 0);
            case THRESHOLDED_RELU -> threshold(x, from, out, to, bytes, f.alpha());
            case LEAKY_RELU -> leakyRelu(x, from, out, to, bytes, f.alpha());
            case ELU -> elu(x, from, out, to, bytes, 1, f.alpha());
            case SELU -> elu(x, from, out, to, bytes, (float) Activation.SELU_SCALE, (float) Activation.SELU_ALPHA);
            case HARD_SIGMOID -> hardSigmoid(x, from, out, to, bytes, f.alpha(), f.beta());
            case SOFTSIGN -> softSign(x, from, out, to, bytes);
            case SOFTPLUS, GELU -> {
                return false;
            }
        }
        return true;
    }

    /** alpha x + beta. */
    private static void affine(MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha, float beta) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector v = load(x, from + o);
            store(v.lanewise(VectorOperators.FMA, alpha, beta), out, to + o);
        }
        if (o < bytes) {
            lastAffine(x, from + o, out, to + o, (int) (bytes - o) / 4, alpha, beta);
        }
    }

    private static void lastAffine(MemorySegment x, long from, MemorySegment out, long to, int lanes, float alpha, float beta) {
        VectorMask<Float> first = F.indexInRange(0, lanes);
        FloatVector v = fromMemorySegment(F, x, from, NATIVE, first);
        v.lanewise(VectorOperators.FMA, alpha, beta).intoMemorySegment(out, to, NATIVE, first);
    }

    /** alpha tanh(beta x). */
    private static void scaledTanh(MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha, float beta) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector v = load(x, from + o);
            store(VectorMath.tanh(v.mul(beta)).mul(alpha), out, to + o);
        }
        if (o < bytes) {
            lastScaledTanh(x, from + o, out, to + o, (int) (bytes - o) / 4, alpha, beta);
        }
    }

    private static void lastScaledTanh(MemorySegment x, long from, MemorySegment out, long to, int lanes, float alpha, float beta) {
        VectorMask<Float> first = F.indexInRange(0, lanes);
        FloatVector v = fromMemorySegment(F, x, from, NATIVE, first);
        VectorMath.tanh(v.mul(beta)).mul(alpha).intoMemorySegment(out, to, NATIVE, first);
    }

    private static void sigmoid(MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector v = load(x, from + o);
            store(VectorMath.sigmoid(v), out, to + o);
        }
        if (o < bytes) {
            lastSigmoid(x, from + o, out, to + o, (int) (bytes - o) / 4);
        }
    }

    private static void lastSigmoid(MemorySegment x, long from, MemorySegment out, long to, int lanes) {
        VectorMask<Float> first = F.indexInRange(0, lanes);
        FloatVector v = fromMemorySegment(F, x, from, NATIVE, first);
        VectorMath.sigmoid(v).intoMemorySegment(out, to, NATIVE, first);
    }

    private static void silu(MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector v = load(x, from + o);
            store(silu(v), out, to + o);
        }
        if (o < bytes) {
            lastSilu(x, from + o, out, to + o, (int) (bytes - o) / 4);
        }
    }

    private static void lastSilu(MemorySegment x, long from, MemorySegment out, long to, int lanes) {
        VectorMask<Float> first = F.indexInRange(0, lanes);
        FloatVector v = fromMemorySegment(F, x, from, NATIVE, first);
        silu(v).intoMemorySegment(out, to, NATIVE, first);
    }

    /** x where x &gt; alpha, else 0; with alpha 0 the rectifier. */
    private static void threshold(MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector v = load(x, from + o);
            store(threshold(v, alpha), out, to + o);
        }
        if (o < bytes) {
            lastThreshold(x, from + o, out, to + o, (int) (bytes - o) / 4, alpha);
        }
    }

    private static void lastThreshold(MemorySegment x, long from, MemorySegment out, long to, int lanes, float alpha) {
        VectorMask<Float> first = F.indexInRange(0, lanes);
        FloatVector v = fromMemorySegment(F, x, from, NATIVE, first);
        threshold(v, alpha).intoMemorySegment(out, to, NATIVE, first);
    }

    private static void leakyRelu(MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector v = load(x, from + o);
            store(leakyRelu(v, alpha), out, to + o);
        }
        if (o < bytes) {
            lastLeakyRelu(x, from + o, out, to + o, (int) (bytes - o) / 4, alpha);
        }
    }

    private static void lastLeakyRelu(MemorySegment x, long from, MemorySegment out, long to, int lanes, float alpha) {
        VectorMask<Float> first = F.indexInRange(0, lanes);
        FloatVector v = fromMemorySegment(F, x, from, NATIVE, first);
        leakyRelu(v, alpha).intoMemorySegment(out, to, NATIVE, first);
    }

    /** scale (x where x &ge; 0, else alpha (e<sup>x</sup> - 1)). */
    private static void elu(MemorySegment x, long from, MemorySegment out, long to, long bytes, float scale, float alpha) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector v = load(x, from + o);
            store(elu(v, scale, alpha), out, to + o);
        }
        if (o < bytes) {
            lastElu(x, from + o, out, to + o, (int) (bytes - o) / 4, scale, alpha);
        }
    }

    private static void lastElu(MemorySegment x, long from, MemorySegment out, long to, int lanes, float scale, float alpha) {
        VectorMask<Float> first = F.indexInRange(0, lanes);
        FloatVector v = fromMemorySegment(F, x, from, NATIVE, first);
        elu(v, scale, alpha).intoMemorySegment(out, to, NATIVE, first);
    }

    private static void hardSigmoid(MemorySegment x, long from, MemorySegment out, long to, long bytes, float alpha, float beta) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector v = load(x, from + o);
            store(hardSigmoid(v, alpha, beta), out, to + o);
        }
        if (o < bytes) {
            lastHardSigmoid(x, from + o, out, to + o, (int) (bytes - o) / 4, alpha, beta);
        }
    }

    private static void lastHardSigmoid(MemorySegment x, long from, MemorySegment out, long to, int lanes, float alpha, float beta) {
        VectorMask<Float> first = F.indexInRange(0, lanes);
        FloatVector v = fromMemorySegment(F, x, from, NATIVE, first);
        hardSigmoid(v, alpha, beta).intoMemorySegment(out, to, NATIVE, first);
    }

    private static void softSign(MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector v = load(x, from + o);
            store(softSign(v), out, to + o);
        }
        if (o < bytes) {
            lastSoftSign(x, from + o, out, to + o, (int) (bytes - o) / 4);
        }
    }

    private static void lastSoftSign(MemorySegment x, long from, MemorySegment out, long to, int lanes) {
        VectorMask<Float> first = F.indexInRange(0, lanes);
        FloatVector v = fromMemorySegment(F, x, from, NATIVE, first);
        softSign(v).intoMemorySegment(out, to, NATIVE, first);
    }

    private static FloatVector silu(FloatVector x) {
        FloatVector y = x.mul(VectorMath.sigmoid(x));
        // -infinity times zero
        return y.blend(0f, x.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
    }

    private static FloatVector threshold(FloatVector x, float alpha) {
        return x.blend(0f, x.compare(VectorOperators.LE, alpha));
    }

    private static FloatVector leakyRelu(FloatVector x, float alpha) {
        return x.blend(x.mul(alpha), x.compare(VectorOperators.LT, 0f));
    }

    private static FloatVector elu(FloatVector x, float scale, float alpha) {
        FloatVector below = VectorMath.expMinusOne(x).mul(alpha);
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
