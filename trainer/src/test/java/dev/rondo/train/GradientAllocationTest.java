package dev.rondo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.rondo.Model;
import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Dropout;
import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.architecture.LanguageModelGraph;
import dev.rondo.graph.Function;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The gradient of a whole language model runs within its capacity and allocates nothing. */
class GradientAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** The compilers settle within this time; a round that allocates nothing ends the wait. */
    private static final long PATIENCE = 60_000_000_000L;

    private static final int RUNS = 200;

    @Test
    void aStepForwardAndBackAllocatesNothing() {
        var architecture = LanguageModelArchitecture.of(new Cell.Lstm(), 11, 16, 32, 2, false);
        Function training = new LanguageModelGraph(architecture).training(new Dropout(0, 0.25, 0.5), true);
        ParameterStore parameters = ParameterStore.of(training, List.of());
        var random = new Random(1);
        for (String name : parameters.names()) {
            float[] values = parameters.get(name);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian() / 8;
            }
            parameters.set(name, values);
        }
        try (Workers workers = Workers.of(1)) {
            var run = new GradientRun(training, parameters, Map.of("B", 4, "T", 8), 1, Model.Kernel.BEST, workers);
            Shard shard = run.shards().getFirst();
            long allocated = -1;
            long end = System.nanoTime() + PATIENCE;
            while (allocated != 0 && System.nanoTime() < end) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < RUNS; i++) {
                    shard.size("T", 1 + i % 8);
                    shard.run();
                    shard.commit();
                }
                allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            }
            assertEquals(0, allocated, "bytes in " + RUNS + " runs");
        }
    }
}
