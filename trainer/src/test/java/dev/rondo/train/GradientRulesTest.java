package dev.rondo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Penalties, clipping and schedules against values worked by hand. */
class GradientRulesTest {
    private static final Workers ONE = Workers.of(1);

    private static MemorySegment floats(float... values) {
        return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, values);
    }

    private static void assertPenalty(Penalty penalty, double value, float... gradient) {
        MemorySegment theta = floats(3, -2, 0);
        MemorySegment g = floats(10, 10, 10);
        assertEquals(value, penalty.value(theta, 0, 3), 1e-6);
        penalty.addGradient(theta, g, 0, 3);
        assertArrayEquals(gradient, g.toArray(ValueLayout.JAVA_FLOAT), 1e-6f);
    }

    @Test
    void l2IsLambdaTimesTheSquaresWithTheGradientTwoLambdaTheta() {
        assertPenalty(new Penalty(0, 0.5), 6.5, 13, 8, 10);
    }

    @Test
    void l1IsLambdaTimesTheMagnitudes() {
        assertPenalty(new Penalty(0.5, 0), 2.5, 10.5f, 9.5f, 10);
    }

    @Test
    void theElasticNetIsBoth() {
        assertPenalty(new Penalty(0.5, 0.5), 9, 13.5f, 7.5f, 10);
    }

    /** Two parameters with the gradients (3, 4) and (12), and a frozen one. */
    private static ParameterStore store() {
        FunctionBuilder f = Function.builder("f");
        f.output(f.plus(f.weight("a", 2), f.weight("frozen", 2)));
        f.output(f.plus(f.weight("b", 1), f.weight("b", 1)));
        ParameterStore store = ParameterStore.of(f.build(), List.of("froz*"));
        store.gradient("a").copyFrom(floats(3, 4));
        store.gradient("b").copyFrom(floats(-12));
        store.gradient("frozen").copyFrom(floats(Float.NaN, 7));
        return store;
    }

    @Test
    void theNormIsThatOfAllTrainedParametersTogether() {
        assertEquals(13, GradientNorm.of(store(), ONE), 1e-12);
    }

    @Test
    void clippingByNormIsExactlyThresholdOverNorm() {
        ParameterStore store = store();
        GradientNorm.clip(store, new Clipping.GlobalNorm(6.5), 13, ONE);
        assertArrayEquals(new float[] {1.5f, 2}, store.gradient("a").toArray(ValueLayout.JAVA_FLOAT));
        assertArrayEquals(new float[] {-6}, store.gradient("b").toArray(ValueLayout.JAVA_FLOAT));
        assertEquals(6.5, GradientNorm.of(store, ONE), 0);
    }

    @Test
    void aSmallGradientIsNotClipped() {
        ParameterStore store = store();
        GradientNorm.clip(store, new Clipping.GlobalNorm(13), 13, ONE);
        assertEquals(13, GradientNorm.of(store, ONE), 0);
    }

    @Test
    void clippingByValueCutsEachElement() {
        ParameterStore store = store();
        GradientNorm.clip(store, new Clipping.ByValue(3.5), 13, ONE);
        assertArrayEquals(new float[] {3, 3.5f}, store.gradient("a").toArray(ValueLayout.JAVA_FLOAT));
        assertArrayEquals(new float[] {-3.5f}, store.gradient("b").toArray(ValueLayout.JAVA_FLOAT));
    }

    @Test
    void whatIsNoNumberIsNamed() {
        ParameterStore store = store();
        assertTrue(GradientNorm.notFinite(store).isEmpty());
        store.gradient("b").copyFrom(floats(Float.POSITIVE_INFINITY));
        assertEquals("gradient of b is Infinity", GradientNorm.notFinite(store).orElseThrow());
    }

    private static double rate(Schedule schedule, long warmUp, long step, int reductions) {
        return new LearningRate(8, warmUp, schedule).at(step, 40, 10, reductions);
    }

    @Test
    void warmUpRisesLinearlyToThePeak() {
        var constant = new Schedule.Constant();
        assertEquals(2, rate(constant, 4, 1, 0));
        assertEquals(8, rate(constant, 4, 4, 0));
        assertEquals(8, rate(constant, 4, 40, 0));
        assertEquals(8, rate(constant, 0, 1, 0));
    }

    @Test
    void stepsFallAfterWholeEpochs() {
        var halves = new Schedule.Step(2, 0.5);
        assertEquals(8, rate(halves, 0, 20, 0));
        assertEquals(4, rate(halves, 0, 21, 0));
        assertEquals(8, rate(halves, 5, 25, 0));
        assertEquals(4, rate(halves, 5, 26, 0));
    }

    @Test
    void exponentialFallsSmoothly() {
        assertEquals(8, rate(new Schedule.Exponential(0.25), 0, 1, 0));
        assertEquals(4, rate(new Schedule.Exponential(0.25), 0, 6, 0), 1e-12);
        assertEquals(2, rate(new Schedule.Exponential(0.25), 0, 11, 0), 1e-12);
    }

    @Test
    void cosineFallsFromThePeakToItsFloor() {
        var cosine = new Schedule.Cosine(0.5);
        assertEquals(8, rate(cosine, 0, 1, 0));
        assertEquals(6, rate(cosine, 0, 21, 0), 1e-12);
        assertEquals(4, rate(cosine, 0, 41, 0), 1e-12);
        assertEquals(8, rate(cosine, 10, 11, 0));
        assertEquals(6, rate(cosine, 10, 26, 0), 1e-12);
    }

    @Test
    void plateauFallsWithEachReduction() {
        assertEquals(8, rate(new Schedule.Plateau(0.5, 2), 0, 33, 0));
        assertEquals(2, rate(new Schedule.Plateau(0.5, 2), 0, 33, 2));
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThrows(InputException.class, () -> new Penalty(-1, 0));
        assertThrows(InputException.class, () -> new Clipping.GlobalNorm(0));
        assertThrows(InputException.class, () -> new Clipping.ByValue(Double.NaN));
        assertThrows(InputException.class, () -> new Schedule.Step(0, 0.5));
        assertThrows(InputException.class, () -> new Schedule.Exponential(2));
        assertThrows(InputException.class, () -> new LearningRate(0, 0, new Schedule.Constant()));
    }
}
