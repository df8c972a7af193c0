package dev.rondo.kernel;

import static dev.rondo.kernel.Vectors.all;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions of vectors, of add, multiply, fma, divide, compare, blend and integer shifts alone: the same bits whether a call is
 * interpreted or compiled, and in whichever lane an element lies. NaN in, NaN out.
 *
 * <p>The coefficients and the errors stated here come from {@code runtime/src/test/scripts/coefficients.py}.
 */
final class VectorMath {

    // tanh x = x P(x²) / Q(x²) on |x| <= 9.02, beyond which tanh rounds to 1.
    private static final float TANH_LIMIT = 9.02f * 9.02f;
    private static final float P1 = 0x1.195cb2p-3f;
    private static final float P2 = 0x1.02536ep-8f;
    private static final float P3 = 0x1.eee37cp-16f;
    private static final float P4 = 0x1.25c778p-25f;
    private static final float P5 = -0x1.0637c0p-36f;
    private static final float Q1 = 0x1.e203aep-2f;
    private static final float Q2 = 0x1.c2caa0p-6f;
    private static final float Q3 = 0x1.aa99f4p-12f;
    private static final float Q4 = 0x1.75a4e6p-20f;

    // e^r = 1 + r + r² C(r) on |r| <= ln 2 / 2; ln 2 in two parts, the first of 16 bits.
    private static final float C2 = 0x1.fffffcp-2f;
    private static final float C3 = 0x1.555492p-3f;
    private static final float C4 = 0x1.5558f2p-5f;
    private static final float C5 = 0x1.1239dep-7f;
    private static final float C6 = 0x1.6a23eep-10f;
    private static final float LOG2_E = 0x1.715476p0f;
    private static final float LN2_HIGH = 0x1.62e4p-1f;
    private static final float LN2_LOW = (float) (0x1.62e42fefa39efp-1 - 0x1.62e4p-1);

    /** Adding it leaves the nearest whole number in the lowest bits. */
    private static final float MAGIC = 0x1.8p23f;

    // Beyond these e^x is infinite and zero.
    private static final float EXP_HIGH = 89f;
    private static final float EXP_LOW = -104f;

    private VectorMath() {}

    /** tanh x, to 6 units of the last place (near 1; to 3 below 0.5), never above 1. */
    static FloatVector tanh(FloatVector x) {
        FloatVector y = quotient(x);
        FloatVector capped = y.blend(1f, y.compare(VectorOperators.GT, 1f));
        return capped.blend(-1f, capped.compare(VectorOperators.LT, -1f));
    }

    /** 1 / (1 + e<sup>-x</sup>) = tanh(x/2)/2 + 1/2, to an absolute error of 2<sup>-22</sup>, in 0 &hellip; 1: for gates. */
    static FloatVector gate(FloatVector x) {
        FloatVector y = quotient(x.mul(0.5f)).lanewise(VectorOperators.FMA, 0.5f, 0.5f);
        FloatVector capped = y.blend(1f, y.compare(VectorOperators.GT, 1f));
        return capped.blend(0f, capped.compare(VectorOperators.LT, 0f));
    }

    /** tanh x where |x| &le; 9.02; beyond, something of the same sign and at least 1. */
    private static FloatVector quotient(FloatVector x) {
        FloatVector square = x.mul(x);
        FloatVector u = square.blend(TANH_LIMIT, square.compare(VectorOperators.GT, TANH_LIMIT));
        FloatVector p = u.lanewise(VectorOperators.FMA, P5, P4);
        p = p.fma(u, all(P3));
        p = p.fma(u, all(P2));
        p = p.fma(u, all(P1));
        p = p.fma(u, all(1f));
        FloatVector q = u.lanewise(VectorOperators.FMA, Q4, Q3);
        q = q.fma(u, all(Q2));
        q = q.fma(u, all(Q1));
        q = q.fma(u, all(1f));
        return p.mul(x).div(q);
    }

    /** e<sup>x</sup>, to 1 unit of the last place; infinite from 88.73, subnormal results included. */
    static FloatVector exp(FloatVector x) {
        FloatVector high = x.blend(EXP_HIGH, x.compare(VectorOperators.GT, EXP_HIGH));
        FloatVector v = high.blend(EXP_LOW, high.compare(VectorOperators.LT, EXP_LOW));
        FloatVector shifted = v.lanewise(VectorOperators.FMA, LOG2_E, MAGIC);
        FloatVector n = shifted.sub(MAGIC);
        FloatVector r = n.fma(all(-LN2_LOW), n.fma(all(-LN2_HIGH), v));
        FloatVector p = r.lanewise(VectorOperators.FMA, C6, C5);
        p = p.fma(r, all(C4));
        p = p.fma(r, all(C3));
        p = p.fma(r, all(C2));
        p = p.fma(r, all(1f));
        p = p.fma(r, all(1f));
        // 2^n in two factors: one alone would leave the range of normal numbers. MAGIC's lowest bits hold n in two's
        // complement.
        IntVector whole = shifted.reinterpretAsInts();
        IntVector half = whole.lanewise(VectorOperators.LSHL, 9).lanewise(VectorOperators.ASHR, 10);
        IntVector rest = whole.lanewise(VectorOperators.LSHL, 9)
                .lanewise(VectorOperators.ASHR, 9)
                .sub(half);
        return p.mul(power(rest)).mul(power(half));
    }

    /** 2<sup>n</sup> for n in -126 &hellip; 127. */
    private static FloatVector power(IntVector n) {
        return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }

    /** 1 / (1 + e<sup>-x</sup>), to 4 units of the last place also where it is small. */
    static FloatVector sigmoid(FloatVector x) {
        return all(1f).div(exp(x.neg()).add(1f));
    }

    /** e<sup>x</sup> - 1 for x &le; 0, with small relative error also near 0: 2 t / (1 - t) with t = tanh(x/2). */
    static FloatVector expMinusOne(FloatVector x) {
        FloatVector t = tanh(x.mul(0.5f));
        return t.add(t).div(all(1f).sub(t));
    }
}
