package dev.rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** The errors that {@link VectorMath} states, on floats spread evenly over all magnitudes. */
class VectorMathTest {

    /** Floats from 2^-40 to 128, a prime number of steps apart. */
    private static double worstUlps(UnaryOperator<FloatVector> f, DoubleUnaryOperator exact, float from, float to) {
        float[] x = new float[Vectors.LANES];
        float[] y = new float[Vectors.LANES];
        double worst = 0;
        int lane = 0;
        for (int bits = Float.floatToIntBits(from); bits < Float.floatToIntBits(to); bits += 7919) {
            x[lane++] = Float.intBitsToFloat(bits) * (bits % 2 == 0 ? 1 : -1);
            if (lane == x.length) {
                f.apply(FloatVector.fromArray(Vectors.F, x, 0)).intoArray(y, 0);
                for (int i = 0; i < lane; i++) {
                    double expected = exact.applyAsDouble(x[i]);
                    boolean same = y[i] == (float) expected;
                    worst = Math.max(worst, same ? 0.5 : Math.abs(y[i] - expected) / Math.ulp((float) expected));
                }
                lane = 0;
            }
        }
        return worst;
    }

    private static void check(String name, double worst, double limit) {
        assertTrue(worst <= limit, name + ": " + worst + " units of the last place");
    }

    private static FloatVector squash(FloatVector x, float scale, float offset) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment row = arena.allocate(Vectors.BYTES);
            x.intoMemorySegment(row, 0, Vectors.NATIVE);
            VectorMath.squash(row, 0, Vectors.BYTES, Vectors.BYTES, Vectors.BYTES, scale, offset);
            return FloatVector.fromMemorySegment(Vectors.F, row, 0, Vectors.NATIVE);
        }
    }

    private static FloatVector tanh(FloatVector x) {
        return squash(x, 1, -0f);
    }

    @Test
    void tanh() {
        check("tanh below 1/2", worstUlps(VectorMathTest::tanh, Math::tanh, 0x1p-40f, 0.5f), 3);
        check("tanh", worstUlps(VectorMathTest::tanh, Math::tanh, 0.5f, 128), 6);
    }

    private static FloatVector exp(FloatVector x) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment row = arena.allocate(Vectors.BYTES);
            x.intoMemorySegment(row, 0, Vectors.NATIVE);
            VectorMath.exponentials(row, 0, 1, 0, row, 0, Vectors.LANES);
            return FloatVector.fromMemorySegment(Vectors.F, row, 0, Vectors.NATIVE);
        }
    }

    @Test
    void exp() {
        check("exp", worstUlps(VectorMathTest::exp, Math::exp, 0x1p-40f, 88.7f), 1);
        check("exp", worstUlps(VectorMathTest::exp, Math::exp, 88.7f, 103.9f), 1.1);
    }

    @Test
    void gate() {
        UnaryOperator<FloatVector> gate = x -> squash(x, 0.5f, 0.5f);
        DoubleUnaryOperator exact = x -> 1 / (1 + Math.exp(-x));
        float[] y = new float[Vectors.LANES];
        for (float x = -130; x < 130; x += 0.0371f) {
            gate.apply(FloatVector.broadcast(Vectors.F, x)).intoArray(y, 0);
            double off = Math.abs(y[0] - exact.applyAsDouble(x));
            assertTrue(off <= 0x1p-22 && y[0] >= 0 && y[0] <= 1, "gate(" + x + ") = " + y[0]);
        }
    }
}
