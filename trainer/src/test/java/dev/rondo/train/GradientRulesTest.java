package dev.rondo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
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

    /** One parameter of three pieces and one of its own, their gradients all 1. */
    private static ParameterStore large() {
        FunctionBuilder f = Function.builder("f");
        f.output(f.plus(f.weight("a", 150_000), f.weight("frozen", 150_000)));
        f.output(f.plus(f.weight("b", 8), f.weight("b", 8)));
        ParameterStore store = ParameterStore.of(f.build(), List.of("frozen"), List.of("b"));
        for (String name : store.names()) {
            float[] ones = new float[store.get(name).length];
            Arrays.fill(ones, 1);
            store.gradient(name).copyFrom(floats(ones));
        }
        return store;
    }

    private static float[] noisy(String name, long seed, long step, Workers workers) {
        ParameterStore store = large();
        GradientNoise.of(0.25).addTo(store, seed, step, workers);
        assertEquals(1, store.gradient("frozen").getAtIndex(ValueLayout.JAVA_FLOAT, 149_999));
        return store.gradient(name).toArray(ValueLayout.JAVA_FLOAT);
    }

    /** σ² = η/(1+t)^γ: 0.25 before the first step; after 99 others 0.25/100^0.55. */
    @Test
    void noiseHasItsDeviationAndVanishes() {
        for (long step : new long[] {1, 100}) {
            double sum = 0;
            double squares = 0;
            float[] noisy = noisy("a", 1, step, ONE);
            for (float g : noisy) {
                sum += g - 1;
                squares += (g - 1) * (g - 1);
            }
            double deviation = Math.sqrt(0.25 / Math.pow(step, 0.55));
            assertEquals(deviation, GradientNoise.of(0.25).deviation(step), 1e-12);
            // 4 standard errors: deviation/√n of the mean, deviation/√(2n) of the deviation.
            assertEquals(0, sum / noisy.length, 4 * deviation / Math.sqrt(noisy.length));
            assertEquals(deviation, Math.sqrt(squares / noisy.length), 4 * deviation / Math.sqrt(2.0 * noisy.length));
        }
    }

    @Test
    void noiseDependsOnSeedStepAndPlaceOnly() {
        try (Workers two = Workers.of(2)) {
            assertArrayEquals(noisy("a", 1, 5, ONE), noisy("a", 1, 5, two));
        }
        assertNotEquals(noisy("b", 1, 5, ONE)[0], noisy("b", 2, 5, ONE)[0]);
        assertNotEquals(noisy("b", 1, 5, ONE)[0], noisy("b", 1, 6, ONE)[0]);
        float[] pieces = noisy("a", 1, 5, ONE);
        assertNotEquals(pieces[0], pieces[1 << 16], "each piece has its own");
        assertNotEquals(pieces[0], pieces[1]);
    }

    /** Decay alone moves parameters when gradients are zero: those that are spared stay. */
    @Test
    void whatIsSparedDoesNotDecay() {
        for (Optimizer decaying :
                List.of(Optimizer.adamW(0.1), new Optimizer.Decayed(new Optimizer.Sgd(0.9, false), 0.1))) {
            ParameterStore store = large();
            for (String name : store.names()) {
                store.set(name, filled(store.get(name).length));
                store.gradient(name).fill((byte) 0);
            }
            store.update(decaying, 0.5, 1);
            assertEquals(1.9f, store.get("a")[149_999], 1e-6f);
            assertEquals(2, store.get("b")[0]);
            assertEquals(2, store.get("frozen")[0]);
        }
        assertThrows(
                InputException.class,
                () -> ParameterStore.of(Function.builder("f").build(), List.of(), List.of("*bias*")));
    }

    private static float[] filled(int count) {
        float[] twos = new float[count];
        Arrays.fill(twos, 2);
        return twos;
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThrows(InputException.class, () -> GradientNoise.of(-1));
        assertThrows(InputException.class, () -> new GradientNoise(1, Double.NaN));
        assertThrows(InputException.class, () -> new Penalty(-1, 0));
        assertThrows(InputException.class, () -> new Clipping.GlobalNorm(0));
        assertThrows(InputException.class, () -> new Clipping.ByValue(Double.NaN));
        assertThrows(InputException.class, () -> new Schedule.Step(0, 0.5));
        assertThrows(InputException.class, () -> new Schedule.Exponential(2));
        assertThrows(InputException.class, () -> new LearningRate(0, 0, new Schedule.Constant()));
    }
}
