package dev.rondo.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.management.ThreadMXBean;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** States of sentences (rows B) and of hypotheses (rows B·K) take their new places as if everything were copied. */
class StatesGatherTest {
    private static final int MOST = 4;

    private static Session session(Model model, int sentences, int width) {
        Session session = model.session(Capacity.of("B", MOST).and("K", MOST).and("S", 2), Model.Kernel.PLAIN);
        session.call("encode");
        session.size("B", sentences).size("K", width).size("S", 2);
        session.state("memory", numbers(sentences * 24, 0));
        session.state("h", numbers(sentences * width * 12, 1000));
        return session;
    }

    private static float[] numbers(int count, int from) {
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = from + i;
        }
        return values;
    }

    private static float[] gathered(float[] before, int[] parents, int count, int row) {
        var after = new float[count * row];
        for (int i = 0; i < count; i++) {
            System.arraycopy(before, parents[i] * row, after, i * row, row);
        }
        return after;
    }

    private static int[] parents(SplittableRandom random, int count, int bound) {
        var parents = new int[MOST * MOST];
        for (int i = 0; i < count; i++) {
            parents[i] = random.nextInt(bound);
        }
        return parents;
    }

    @Property(tries = 300)
    void hypotheses(
            @ForAll @IntRange(min = 1, max = MOST) int sentences,
            @ForAll @IntRange(min = 1, max = MOST) int before,
            @ForAll @IntRange(min = 0, max = MOST) int after,
            @ForAll long seed) {
        try (Model model = TinyTranslator.load(true)) {
            Session session = session(model, sentences, before);
            int[] parents = parents(new SplittableRandom(seed), sentences * after, sentences * before);
            float[] expected = gathered(session.state("h"), parents, sentences * after, 12);
            float[] memory = session.state("memory");
            session.gatherRows("K", after, parents);
            assertEquals(after, session.size("K"));
            assertArrayEquals(expected, session.state("h"));
            assertArrayEquals(memory, session.state("memory"));
        }
    }

    @Property(tries = 300)
    void sentences(
            @ForAll @IntRange(min = 1, max = MOST) int before,
            @ForAll @IntRange(min = 0, max = MOST) int after,
            @ForAll @IntRange(min = 1, max = MOST) int width,
            @ForAll long seed) {
        try (Model model = TinyTranslator.load(true)) {
            Session session = session(model, before, width);
            int[] parents = Arrays.copyOf(parents(new SplittableRandom(seed), after, before), after);
            float[] h = gathered(session.state("h"), parents, after, 12 * width);
            float[] memory = gathered(session.state("memory"), parents, after, 24);
            session.gatherRows(parents);
            assertEquals(after, session.size("B"));
            assertArrayEquals(h, session.state("h"));
            assertArrayEquals(memory, session.state("memory"));
        }
    }

    @Test
    void errorsChangeNothing() {
        try (Model model = TinyTranslator.load(true)) {
            Session session = session(model, 2, 2);
            assertThrows(InputException.class, () -> session.gatherRows("K", 2, new int[] {0, 1, 2, 4}));
            assertThrows(InputException.class, () -> session.gatherRows("K", 2, new int[] {0, 1, 2}));
            assertThrows(InputException.class, () -> session.gatherRows("K", 1, new int[] {0, -1}));
            assertThrows(ShapeException.class, () -> session.gatherRows("K", MOST + 1, new int[99]));
            assertThrows(ShapeException.class, () -> session.gatherRows("K", -1, new int[99]));
            assertThrows(ShapeException.class, () -> session.gatherRows("Q", 1, new int[99]));
            // S is no factor of the first dimension.
            assertThrows(ShapeException.class, () -> session.gatherRows("S", 1, new int[99]));
            assertEquals(2, session.size("K"));
            assertEquals(2, session.size("S"));
            assertArrayEquals(numbers(48, 0), session.state("memory"));
            assertArrayEquals(numbers(48, 1000), session.state("h"));
        }
    }

    @Test
    void nothingIsAllocated() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Model model = TinyTranslator.load(true)) {
            Session session = session(model, 3, 3);
            int[] turn = {1, 2, 0, 3, 3, 4, 8, 7, 6, 0, 0, 0};
            int[] all = {2, 0, 1};
            long allocated = -1;
            for (int round = 0; allocated != 0 && round < 50; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 1000; i++) {
                    session.gatherRows("K", 3 + i % 2, turn);
                    session.gatherRows("K", 3, turn);
                    session.gatherRows(all);
                }
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertEquals(0, allocated);
        }
    }
}
