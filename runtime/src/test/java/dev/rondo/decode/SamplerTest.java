package dev.rondo.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final Sampling FULL = Sampling.of(1);
    private static final int DRAWS = 20_000;

    private static int[] counts(Sampling sampling, float... logits) {
        var sampler = new Sampler(sampling, logits.length);
        var counts = new int[logits.length];
        for (int i = 0; i < DRAWS; i++) {
            counts[sampler.pick(logits)]++;
        }
        return counts;
    }

    private static Set<Integer> seen(Sampling sampling, float... logits) {
        int[] counts = counts(sampling, logits);
        return IntStream.range(0, counts.length)
                .filter(i -> counts[i] > 0)
                .boxed()
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static float[] logs(double... probabilities) {
        var logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(probabilities[i]);
        }
        return logits;
    }

    /** Pearson's statistic against expected shares. */
    private static double chiSquare(int[] counts, double... shares) {
        double statistic = 0;
        for (int i = 0; i < counts.length; i++) {
            double expected = DRAWS * shares[i];
            statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        return statistic;
    }

    @Test
    void generatorIsSplitMix64() {
        // The JDK's own SplittableRandom follows the same paper; and the first value of Vigna's C code for seed 0.
        assertEquals(0xe220a8397b1dcdafL, new SplitMix64(0).nextLong());
        for (long seed : new long[] {0, 1, -1, 42, Long.MIN_VALUE}) {
            var ours = new SplitMix64(seed);
            var theirs = new SplittableRandom(seed);
            for (int i = 0; i < 100; i++) {
                assertEquals(theirs.nextLong(), ours.nextLong());
            }
        }
    }

    @Test
    void sequenceOfASeedNeverChanges() {
        var sampler = new Sampler(Sampling.of(42), 10);
        int[] picks =
                IntStream.range(0, 12).map(i -> sampler.pick(new float[10])).toArray();
        // From the definition: floor(10 * u) of SplitMix64's uniform numbers.
        var random = new SplittableRandom(42);
        int[] expected = IntStream.range(0, 12)
                .map(i -> (int) (10 * ((random.nextLong() >>> 11) * 0x1p-53)))
                .toArray();
        assertArrayEquals(expected, picks);
        assertArrayEquals(new int[] {7, 1, 2, 3, 0, 8, 2, 8, 3, 6, 2, 4}, picks);
    }

    @Test
    void greedyTakesTheFirstOfTheLikeliest() {
        assertEquals(1, new Sampler(Sampling.GREEDY, 4).pick(new float[] {0, 3, 3, -1}));
        assertEquals(3, new Sampler(Sampling.GREEDY, 4).pick(new float[] {-5, -6, Float.NEGATIVE_INFINITY, -4}));
    }

    @Test
    void frequenciesFollowTheDistribution() {
        double[] shares = {0.5, 0.2, 0.15, 0.1, 0.05};
        // 99.9 % quantile of chi-square with 4 degrees of freedom: 18.47.
        assertTrue(chiSquare(counts(FULL, logs(shares)), shares) < 18.47);
    }

    @Test
    void frequenciesFollowTheDistributionThatIsKept() {
        int[] counts = counts(FULL.withTopK(3), logs(0.05, 0.5, 0.1, 0.2, 0.15));
        assertEquals(0, counts[0] + counts[2]);
        double[] shares = {0.5 / 0.85, 0.2 / 0.85, 0.15 / 0.85};
        // 2 degrees of freedom: 13.82.
        assertTrue(chiSquare(new int[] {counts[1], counts[3], counts[4]}, shares) < 13.82);
    }

    @Test
    void temperatureChangesTheDistribution() {
        double[] squared = {0.36 / 0.46, 0.09 / 0.46, 0.01 / 0.46};
        assertTrue(chiSquare(counts(FULL.withTemperature(0.5), logs(0.6, 0.3, 0.1)), squared) < 13.82);
    }

    @Test
    void lowTemperatureIsGreedyAndHighIsUniform() {
        assertEquals(Set.of(2), seen(FULL.withTemperature(1e-6), 1, 2, 3, 2));
        assertEquals(Set.of(2), seen(FULL.withTemperature(Double.MIN_VALUE), 1, 2, 3, 2));
        int[] counts = counts(FULL.withTemperature(1e9), 1, 20, -30, 2);
        assertTrue(chiSquare(counts, 0.25, 0.25, 0.25, 0.25) < 16.27);
    }

    @Test
    void topOneIsGreedy() {
        assertEquals(Set.of(1), seen(FULL.withTopK(1), 0, 3, 3, 1));
    }

    @Test
    void topPKeepsTheFewestThatReachIt() {
        float[] logits = logs(0.1, 0.4, 0.2, 0.3);
        assertEquals(Set.of(1), seen(FULL.withTopP(0.39), logits));
        assertEquals(Set.of(1, 3), seen(FULL.withTopP(0.41), logits));
        assertEquals(Set.of(1, 3), seen(FULL.withTopP(0.69), logits));
        assertEquals(Set.of(1, 2, 3), seen(FULL.withTopP(0.71), logits));
        assertEquals(Set.of(0, 1, 2, 3), seen(FULL.withTopP(1), logits));
        assertEquals(Set.of(1), seen(FULL.withTopP(Double.MIN_VALUE), logits));
    }

    @Test
    void topPLooksAtWhatTopKKept() {
        // Of 0.4 and 0.3 the first has the share 0.571.
        float[] logits = logs(0.1, 0.4, 0.2, 0.3);
        assertEquals(Set.of(1), seen(FULL.withTopK(2).withTopP(0.57), logits));
        assertEquals(Set.of(1, 3), seen(FULL.withTopK(2).withTopP(0.58), logits));
    }

    @Test
    void minPKeepsWhatHasAShareOfTheHeaviest() {
        float[] logits = logs(0.5, 0.25, 0.2, 0.05);
        assertEquals(Set.of(0, 1), seen(FULL.withMinP(0.45), logits));
        assertEquals(Set.of(0, 1, 2), seen(FULL.withMinP(0.39), logits));
        assertEquals(Set.of(0), seen(FULL.withMinP(1), logits));
        assertEquals(Set.of(0, 1), seen(FULL.withMinP(0.39).withTopK(2), logits));
        assertEquals(Set.of(0), seen(FULL.withMinP(0.39).withTopP(0.4), logits));
        // After the temperature: weights are 1, 0.25, 0.16, 0.01.
        assertEquals(Set.of(0, 1), seen(FULL.withTemperature(0.5).withMinP(0.2), logits));
        assertTrue(chiSquare(counts(FULL.withMinP(0.3), logs(0.6, 0.3, 0.1)), 2 / 3.0, 1 / 3.0, 1e-9) < 20);
    }

    @Test
    void repetitionPenaltyCountsOnceForEachTokenThatWasRead() {
        var sampler = new Sampler(Sampling.GREEDY.withRepetitionPenalty(2), 4);
        float[] logits = {3, 2, 1.4f, -1};
        assertEquals(0, sampler.pick(logits));
        sampler.read(0);
        sampler.read(0);
        assertEquals(1, sampler.pick(logits));
        sampler.read(1);
        assertEquals(0, sampler.pick(logits));
        // Negative logits are multiplied.
        assertEquals(3, sampler.pick(new float[] {-1, -1, Float.NEGATIVE_INFINITY, -1.9f}));
        assertEquals(0, sampler.pick(new float[] {-1, -1, Float.NEGATIVE_INFINITY, -2.1f}));
    }

    @Property(tries = 200)
    void topKKeepsTheHeaviestAndOfEqualsTheLowest(
            @ForAll @IntRange(min = 1, max = 40) int size,
            @ForAll @IntRange(min = 1, max = 50) int k,
            @ForAll long seed) {
        var random = new SplittableRandom(seed);
        var logits = new float[size];
        for (int i = 0; i < size; i++) {
            logits[i] = random.nextInt(5) / 4f;
        }
        Set<Integer> allowed = IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -logits[i]).thenComparing(i -> i))
                .limit(k)
                .collect(Collectors.toSet());
        var sampler = new Sampler(Sampling.of(seed).withTopK(k), size);
        var seen = new HashSet<Integer>();
        for (int i = 0; i < 2_000; i++) {
            seen.add(sampler.pick(logits));
        }
        assertEquals(allowed, seen);
    }

    @Test
    void seedsAndOrderMatter() {
        float[] logits = new float[50];
        var a = new Sampler(Sampling.of(1), 50);
        var again = new Sampler(Sampling.of(1), 50);
        var b = new Sampler(Sampling.of(2), 50);
        int[] first = IntStream.range(0, 30).map(i -> a.pick(logits)).toArray();
        assertArrayEquals(
                first, IntStream.range(0, 30).map(i -> again.pick(logits)).toArray());
        assertNotEquals(
                Arrays.toString(first),
                Arrays.toString(IntStream.range(0, 30).map(i -> b.pick(logits)).toArray()));
    }

    @Test
    void restartedItIsANewOne() {
        Sampling sampling = Sampling.of(1).withRepetitionPenalty(3);
        float[] logits = new float[50];
        Arrays.fill(logits, 1);
        var used = new Sampler(sampling, 50);
        for (int i = 0; i < 40; i++) {
            used.read(used.pick(logits));
        }
        used.restart(7);
        var fresh = new Sampler(sampling.withSeed(7), 50);
        for (int i = 0; i < 40; i++) {
            int token = fresh.pick(logits);
            assertEquals(token, used.pick(logits));
            fresh.read(token);
            used.read(token);
        }
    }

    @Test
    void forbiddenTokensAreNeverPicked() {
        float no = Float.NEGATIVE_INFINITY;
        assertEquals(Set.of(1), seen(FULL, no, 0, no));
        assertEquals(Set.of(1), seen(FULL.withTopK(3), no, 0, no));
        assertEquals(Set.of(1), seen(FULL.withTopP(0.999), no, 0, no));
    }

    @Test
    void wrongLogitsAreNamed() {
        var sampler = new Sampler(FULL, 3);
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            String message = assertThrows(InputException.class, () -> sampler.pick(new float[] {0, 1, bad}))
                    .getMessage();
            assertTrue(message.contains(bad + " for token 2"), message);
            assertThrows(InputException.class, () -> new Sampler(Sampling.GREEDY, 2).pick(new float[] {bad, 0}));
        }
        float no = Float.NEGATIVE_INFINITY;
        assertThrows(InputException.class, () -> sampler.pick(new float[] {no, no, no}));
        assertThrows(ShapeException.class, () -> sampler.pick(new float[2]));
    }

    @Test
    void optionsOutsideTheirRangeAreNamed() {
        assertTrue(assertThrows(InputException.class, () -> FULL.withTemperature(-0.1))
                .getMessage()
                .startsWith("temperature"));
        assertThrows(InputException.class, () -> FULL.withTemperature(Double.NaN));
        assertThrows(InputException.class, () -> FULL.withTemperature(Double.POSITIVE_INFINITY));
        assertTrue(assertThrows(InputException.class, () -> FULL.withTopK(-1))
                .getMessage()
                .startsWith("top-k"));
        assertTrue(assertThrows(InputException.class, () -> FULL.withTopP(0))
                .getMessage()
                .startsWith("top-p"));
        assertThrows(InputException.class, () -> FULL.withTopP(1.01));
        assertThrows(InputException.class, () -> FULL.withTopP(Double.NaN));
    }

    @Test
    void aPickAllocatesNothing() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        float[] logits = logs(0.1, 0.4, 0.2, 0.3);
        for (Sampling sampling :
                new Sampling[] {FULL, Sampling.GREEDY, FULL.withTopK(2).withTopP(0.9)}) {
            var sampler = new Sampler(sampling, 4);
            long allocated = Long.MAX_VALUE;
            for (int round = 0; round < 5; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 1_000; i++) {
                    sampler.pick(logits);
                }
                allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertEquals(0, allocated, sampling::toString);
        }
    }
}
