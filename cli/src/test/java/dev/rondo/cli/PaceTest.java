package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Capacity;
import dev.rondo.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PaceTest {
    private static final long MILLISECOND = 1_000_000;

    @TempDir
    Path folder;

    private void with(Consumer<Pace> test) throws IOException {
        try (Model model = Model.load(new Fixture(folder).perceptron())) {
            test.accept(new Pace(model.session(Capacity.ONE, Model.Kernel.PLAIN).call("apply")));
        }
    }

    @Test
    void aBlockRunsAsOftenAsAskedOrTenMilliseconds() throws IOException {
        with(pace -> {
            Histogram few = Pace.histogram();
            pace.block(few, 2);
            assertEquals(2, few.getTotalCount());
            Histogram many = Pace.histogram();
            long start = System.nanoTime();
            long median = pace.block(many, Long.MAX_VALUE);
            assertTrue(System.nanoTime() - start >= 10 * MILLISECOND);
            assertTrue(many.getTotalCount() >= 3, many::toString);
            assertTrue(median >= many.getMinValue() && median <= many.getMaxValue(), median + " of " + many);
        });
    }

    @Test
    void thePeakIsTheFirstBlockThatIsAsFast() throws IOException {
        with(pace -> {
            Histogram nanos = Pace.histogram();
            long slowest = 0;
            long fastest = Long.MAX_VALUE;
            for (int i = 0; i < 5; i++) {
                long median = pace.block(nanos, Long.MAX_VALUE);
                slowest = Math.max(slowest, median);
                fastest = Math.min(fastest, median);
            }
            assertEquals(-1, pace.until(fastest - 1));
            assertTrue(pace.until(slowest) >= 10 * MILLISECOND);
            assertTrue(pace.until(slowest) <= pace.until(fastest));
            assertTrue(pace.until(fastest) >= 10 * MILLISECOND);
        });
    }

    @Test
    void warmingUpTakesTheLeastTimeAndEnds() throws IOException {
        with(pace -> {
            long start = System.nanoTime();
            pace.warmUp(30 * MILLISECOND, 30 * MILLISECOND, () -> true);
            assertTrue(System.nanoTime() - start >= 30 * MILLISECOND);
            assertTrue(pace.until(Double.MAX_VALUE) > 0);
        });
    }

    @Test
    void warmingUpWaitsForWhatShallBeMeasured() throws IOException {
        with(pace -> {
            long start = System.nanoTime();
            pace.warmUp(0, Long.MAX_VALUE, () -> System.nanoTime() - start > 50 * MILLISECOND);
            assertTrue(System.nanoTime() - start > 50 * MILLISECOND);
        });
    }
}
