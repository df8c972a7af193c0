package dev.rondo.train.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.rondo.architecture.training.AttentionBackward;
import dev.rondo.architecture.training.Training;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for the steps of all operators of training. */
class TrainingStepsTest {
    private static final int ROWS = 3;
    private static final int STEPS = 5;

    static Stream<Cases> cases() {
        return Cases.all().stream();
    }

    @Test
    void everyOperatorHasACase() {
        var covered = cases().map(c -> c.op().getClass()).collect(Collectors.toSet());
        var permitted = Stream.of(Training.class, Training.Backward.class, AttentionBackward.class)
                .flatMap(c -> Arrays.stream(c.getPermittedSubclasses()))
                .filter(c -> !c.isSealed())
                .collect(Collectors.toSet());
        assertEquals(permitted, covered);
    }

    private static float[][] run(OneNode node, long seed, int bound) {
        node.fill(new Random(seed), 0.5f, bound).run();
        return node.results();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void plainAndVectorAgree(Cases one) {
        float[][] plain = run(one.bind(false, ROWS, STEPS), 1, one.bound());
        float[][] vector = run(one.bind(true, ROWS, STEPS), 1, one.bound());
        for (int i = 0; i < plain.length; i++) {
            assertTrue(plain[i].length > 0);
            assertArrayEquals(plain[i], vector[i], 1e-4f, "output " + i);
        }
    }

    /** What other calls and sizes have left in memory does not show. */
    @ParameterizedTest
    @MethodSource("cases")
    void sizesChangeWithinTheCapacity(Cases one) {
        for (boolean vector : new boolean[] {false, true}) {
            OneNode large = one.bind(vector, ROWS + 2, STEPS + 4);
            run(large, 2, one.bound());
            float[][] expected = run(one.bind(vector, ROWS, STEPS), 3, one.bound());
            float[][] results = run(large.size("B", ROWS).size("T", STEPS), 3, one.bound());
            for (int i = 0; i < expected.length; i++) {
                assertArrayEquals(expected[i], results[i], "output " + i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sizesMayBeZero(Cases one) {
        for (boolean vector : new boolean[] {false, true}) {
            for (int[] sizes : new int[][] {{0, 4}, {2, 0}, {0, 0}}) {
                OneNode node = one.bind(vector, ROWS, STEPS);
                node.size("B", sizes[0]).size("T", sizes[1]);
                // A whole number is a class, which must exist, or a length, which must not exceed T.
                float[][] results = run(node, 4, sizes[1] == 0 ? 1 : one.bound());
                for (int i = 0; i < results.length; i++) {
                    assertEquals(node.output(i).count(), results[i].length);
                }
            }
        }
    }

    /** Sums over nothing are zero, and states pass through sequences without steps. */
    @Test
    void nothingIsZero() {
        for (String name : List.of("outer_sum", "gather_backward")) {
            OneNode node = named(name).bind(true, ROWS, STEPS);
            run(node, 5, 1);
            float[] result = run(node.size("T", 0), 6, 1)[0];
            assertArrayEquals(new float[result.length], result);
        }
        OneNode node = named("lstm_backward full").bind(true, ROWS, STEPS).size("T", 0);
        run(node, 7, 1);
        assertArrayEquals(node.values(5), node.result(1));
        assertArrayEquals(node.values(6), node.result(2));
    }

    private static Cases named(String name) {
        return cases().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
    }

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** The compilers settle within this time; a round that allocates nothing ends the wait. */
    private static final long PATIENCE = 30_000_000_000L;

    private static final int RUNS = 500;

    /**
     * What a kernel that a JVM has compiled without luck keeps allocating, a few vectors a run: bench/RESULTS.md tells of it. A
     * buffer, a view or a box for each element would be more.
     */
    private static final long UNLUCKY = 1536;

    @ParameterizedTest
    @MethodSource("cases")
    void runAndResizeAllocateNothing(Cases one) {
        OneNode node = one.bind(true, ROWS, STEPS).fill(new Random(8), 0.5f, one.bound());
        long allocated = -1;
        long end = System.nanoTime() + PATIENCE;
        while (allocated != 0 && System.nanoTime() < end) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < RUNS; i++) {
                node.resize();
                node.run();
            }
            allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        }
        long each = allocated / RUNS;
        assertTrue(each <= UNLUCKY, () -> one + ": " + each + " bytes a run");
    }
}
