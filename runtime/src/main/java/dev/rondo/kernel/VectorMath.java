package dev.rondo.kernel;

import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.NATIVE;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions, of add, multiply, fma, divide, compare, blend and integer shifts alone: the same bits whether a call is
 * interpreted or compiled. NaN in, NaN out.
 *
 * <p>Two rules keep vectors out of the heap, here and in every loop of the kernels. A loop calls the Vector API alone: C2 stops inlining methods of ours when a compilation
 * has grown to some number of nodes, and a vector that crosses a call is allocated. And in a loop a sum is an argument, never the receiver: {@code y.add(sum)}. The class
 * of a receiver that comes round the loop is known only by profile, which a method that skipped the profiled tier does not have; the call then stays virtual for good.
 *
 * <p>The coefficients and the errors stated here come from {@code runtime/src/test/scripts/coefficients.py}.
 */
public final class VectorMath {

    // tanh x = x P(x²) / Q(x²) up to the first x whose quotient is 1; no quotient before it is larger.
    private static final FloatVector TANH_LIMIT = broadcast(F, 7.9029903f);
    private static final FloatVector TANH_LOW = broadcast(F, -7.9029903f);
    private static final FloatVector P1 = broadcast(F, 0x1.195cb2p-3f);
    private static final FloatVector P2 = broadcast(F, 0x1.02536ep-8f);
    private static final FloatVector P3 = broadcast(F, 0x1.eee37cp-16f);
    private static final FloatVector P4 = broadcast(F, 0x1.25c778p-25f);
    private static final FloatVector P5 = broadcast(F, -0x1.0637c0p-36f);
    private static final FloatVector Q1 = broadcast(F, 0x1.e203aep-2f);
    private static final FloatVector Q2 = broadcast(F, 0x1.c2caa0p-6f);
    private static final FloatVector Q3 = broadcast(F, 0x1.aa99f4p-12f);
    private static final FloatVector Q4 = broadcast(F, 0x1.75a4e6p-20f);

    // e^r = 1 + r + r² C(r) on |r| <= ln 2 / 2; ln 2 in two parts, the first of 16 bits.
    private static final FloatVector C2 = broadcast(F, 0x1.fffffcp-2f);
    private static final FloatVector C3 = broadcast(F, 0x1.555492p-3f);
    private static final FloatVector C4 = broadcast(F, 0x1.5558f2p-5f);
    private static final FloatVector C5 = broadcast(F, 0x1.1239dep-7f);
    private static final FloatVector C6 = broadcast(F, 0x1.6a23eep-10f);
    private static final FloatVector LOG2_E = broadcast(F, 0x1.715476p0f);
    private static final FloatVector MINUS_LN2_HIGH = broadcast(F, -0x1.62e4p-1f);
    private static final FloatVector MINUS_LN2_LOW = broadcast(F, (float) (0x1.62e4p-1 - 0x1.62e42fefa39efp-1));

    /** Adding it leaves the nearest whole number in the lowest bits. */
    private static final FloatVector MAGIC = broadcast(F, 0x1.8p23f);

    /** The same with the bias of an exponent. */
    private static final FloatVector BIASED_MAGIC = broadcast(F, 0x1.8p23f + 127);

    private static final FloatVector SUM_LOW = broadcast(F, -87f);

    // Beyond these e^x is infinite and zero.
    private static final FloatVector EXP_HIGH = broadcast(F, 89f);
    private static final FloatVector EXP_LOW = broadcast(F, -104f);

    private static final FloatVector ONE = broadcast(F, 1f);
    private static final IntVector BIAS = IntVector.broadcast(Vectors.I, 127);

    private VectorMath() {}

    /**
     * Pass over memory in place: x = tanh(scale x) scale + offset. With 1 and -0 that is tanh x to 6 units of the last place (3 below 1/2); with 1/2 and
     * 1/2 it is 1 / (1 + e<sup>-x</sup>) to an absolute error of 2<sup>-22</sup>, which is what a gate needs. Never outside of [-1, 1] and [0, 1].
     *
     * @param at, end, stride of the runs, in bytes
     * @param run bytes of one run, whole vectors
     */
    public static void squash(MemorySegment s, long at, long end, long stride, long run, float scale, float offset) {
        FloatVector scales = broadcast(F, scale);
        FloatVector offsets = broadcast(F, offset);
        for (long start = at; start < end; start += stride) {
            for (long o = start; o < start + run; o += BYTES) {
                FloatVector x = fromMemorySegment(F, s, o, NATIVE).mul(scales);
                x = x.blend(TANH_LIMIT, x.compare(VectorOperators.GT, TANH_LIMIT));
                x = x.blend(TANH_LOW, x.compare(VectorOperators.LT, TANH_LOW));
                FloatVector u = x.mul(x);
                FloatVector p = u.fma(P5, P4).fma(u, P3).fma(u, P2).fma(u, P1).fma(u, ONE);
                FloatVector q = u.fma(Q4, Q3).fma(u, Q2).fma(u, Q1).fma(u, ONE);
                p.mul(x).div(q).fma(scales, offsets).intoMemorySegment(s, o, NATIVE);
            }
        }
    }

    /**
     * e<sup>factor x - subtrahend</sup> of a row, to 1 unit of the last place of its argument's exponential (1.1 where that is subnormal); infinite from 88.73.
     *
     * <p>A whole loop on purpose: it is too large to be inlined elsewhere, so nothing around it can use up
     * C2's limit of nodes. What fills no vector goes through f64.
     *
     * @param out where results go; may be {@code x}
     * @return the sum of the results
     */
    public static float exponentials(
            MemorySegment x, long from, float factor, float subtrahend, MemorySegment out, long to, int count) {
        FloatVector f = broadcast(F, factor);
        FloatVector minus = broadcast(F, -subtrahend);
        FloatVector sums = FloatVector.zero(F);
        long end = 4L * count;
        long o = 0;
        for (; o <= end - BYTES; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE).fma(f, minus);
            v = v.blend(EXP_HIGH, v.compare(VectorOperators.GT, EXP_HIGH));
            v = v.blend(EXP_LOW, v.compare(VectorOperators.LT, EXP_LOW));
            FloatVector shifted = v.fma(LOG2_E, MAGIC);
            FloatVector n = shifted.sub(MAGIC);
            FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, v));
            FloatVector p =
                    r.fma(C6, C5).fma(r, C4).fma(r, C3).fma(r, C2).fma(r, ONE).fma(r, ONE);
            // 2^n in two factors: one alone would leave the range of normal numbers. MAGIC's lowest bits hold n in
            // two's complement.
            IntVector whole = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 9);
            IntVector half = whole.lanewise(VectorOperators.ASHR, 10);
            IntVector rest = whole.lanewise(VectorOperators.ASHR, 9).sub(half);
            FloatVector first =
                    rest.add(BIAS).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
            FloatVector second =
                    half.add(BIAS).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
            FloatVector y = p.mul(first).mul(second);
            y.intoMemorySegment(out, to + o, NATIVE);
            sums = y.add(sums);
        }
        float sum = Vectors.sum(sums);
        for (; o < end; o += 4) {
            float y = (float) Math.exp(Math.fma(factor, Memory.get(x, from + o), -subtrahend));
            Memory.put(out, to + o, y);
            sum += y;
        }
        return sum;
    }

    /**
     * &Sigma; e<sup>x - max</sup> of a row whose largest element is known. No argument is above zero, so one power of two does; what is below
     * e<sup>-87</sup> counts as that. Two vectors at a time, for the chain of operations is long; a last one alone stands in for both, once for nothing.
     */
    public static float sumOfExponentials(MemorySegment x, long from, float max, int count) {
        FloatVector minus = broadcast(F, max);
        FloatVector sums = FloatVector.zero(F);
        FloatVector others = sums;
        long o = from;
        long end = from + 4L * count;
        for (; o <= end - BYTES; o += 2 * BYTES) {
            boolean two = o <= end - 2 * BYTES;
            FloatVector v = fromMemorySegment(F, x, o, NATIVE).sub(minus);
            FloatVector w = fromMemorySegment(F, x, two ? o + BYTES : o, NATIVE)
                    .sub(broadcast(F, two ? max : Float.POSITIVE_INFINITY));
            v = v.blend(SUM_LOW, v.compare(VectorOperators.LT, SUM_LOW));
            w = w.blend(SUM_LOW, w.compare(VectorOperators.LT, SUM_LOW));
            FloatVector shifted = v.fma(LOG2_E, BIASED_MAGIC);
            FloatVector shiftedW = w.fma(LOG2_E, BIASED_MAGIC);
            FloatVector n = shifted.sub(BIASED_MAGIC);
            FloatVector nW = shiftedW.sub(BIASED_MAGIC);
            FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, v));
            FloatVector rW = nW.fma(MINUS_LN2_LOW, nW.fma(MINUS_LN2_HIGH, w));
            FloatVector p =
                    r.fma(C6, C5).fma(r, C4).fma(r, C3).fma(r, C2).fma(r, ONE).fma(r, ONE);
            FloatVector pW = rW.fma(C6, C5)
                    .fma(rW, C4)
                    .fma(rW, C3)
                    .fma(rW, C2)
                    .fma(rW, ONE)
                    .fma(rW, ONE);
            FloatVector power = shifted.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, 23)
                    .reinterpretAsFloats();
            FloatVector powerW = shiftedW.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, 23)
                    .reinterpretAsFloats();
            sums = power.fma(p, sums);
            others = powerW.fma(pW, others);
        }
        float sum = Vectors.sum(sums.add(others));
        for (o = from + count / Vectors.LANES * (long) BYTES; o < end; o += 4) {
            sum += (float) Math.exp(Memory.get(x, o) - max);
        }
        return sum;
    }

    /**
     * &Sigma; v tanh(x + y), with the tanh of {@link #squash}: its argument is cut off instead of its result.
     */
    static float additiveScore(
            MemorySegment x, long xAt, MemorySegment y, long yAt, MemorySegment v, long vAt, long bytes) {
        FloatVector sums = FloatVector.zero(F);
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector z = fromMemorySegment(F, y, yAt + o, NATIVE).add(fromMemorySegment(F, x, xAt + o, NATIVE));
            z = z.blend(TANH_LIMIT, z.compare(VectorOperators.GT, TANH_LIMIT));
            z = z.blend(TANH_LOW, z.compare(VectorOperators.LT, TANH_LOW));
            FloatVector u = z.mul(z);
            FloatVector p = u.fma(P5, P4).fma(u, P3).fma(u, P2).fma(u, P1).fma(u, ONE);
            FloatVector d = u.fma(Q4, Q3).fma(u, Q2).fma(u, Q1).fma(u, ONE);
            sums = p.mul(z).div(d).fma(fromMemorySegment(F, v, vAt + o, NATIVE), sums);
        }
        float sum = Vectors.sum(sums);
        for (; o < bytes; o += 4) {
            sum = Math.fma(
                    Memory.get(v, vAt + o), (float) Math.tanh(Memory.get(x, xAt + o) + Memory.get(y, yAt + o)), sum);
        }
        return sum;
    }
}
