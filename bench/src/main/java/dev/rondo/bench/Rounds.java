package dev.rondo.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Engines timed in turn in one JVM, so that what the machine does meanwhile touches all of them: each round gives every
 * engine one stretch of steps, and begins with another engine than the round before.
 *
 * <p>The clock is the CPU time of the calling thread, in which both runtimes compute: waiting for a core that others use
 * does not count. {@link #coreShare} tells how much waiting there was.
 */
final class Rounds {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /**
     * How long to measure.
     *
     * @param warmUpMillis for each engine, before the first round
     * @param stretchMillis one engine's share of a round, about
     */
    record Effort(int rounds, int warmUpMillis, int stretchMillis) {
        static final Effort FULL = new Effort(15, 2000, 25);
    }

    /** One engine, round by round. */
    record Timing(double[] nanosPerStep, double[] bytesPerStep) {
        /** How many times as long the other took, round by round. */
        Spread ratioTo(Timing other) {
            return Spread.of(IntStream.range(0, nanosPerStep.length)
                    .mapToDouble(i -> other.nanosPerStep[i] / nanosPerStep[i])
                    .toArray());
        }
    }

    private final Cell cell;
    private final Effort effort;
    private float sink;
    private long cpuNanos;
    private long wallNanos;

    Rounds(Cell cell, Effort effort) {
        this.cell = cell;
        this.effort = effort;
    }

    /** The timings of the engines, in their order. */
    List<Timing> run(List<Engine> engines) {
        int count = engines.size();
        var inputs = new Inputs(cell, 2);
        var steps = new int[count];
        for (int e = 0; e < count; e++) {
            steps[e] = warmUp(engines.get(e), inputs);
        }
        List<Timing> timings = engines.stream()
                .map(_ -> new Timing(new double[effort.rounds], new double[effort.rounds]))
                .toList();
        for (int round = 0; round < effort.rounds; round++) {
            for (int i = 0; i < count; i++) {
                int e = (round + i) % count;
                long bytes = THREADS.getCurrentThreadAllocatedBytes();
                long nanos = stretch(engines.get(e), inputs, steps[e]);
                bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
                timings.get(e).nanosPerStep[round] = (double) nanos / steps[e];
                timings.get(e).bytesPerStep[round] = (double) bytes / steps[e];
            }
        }
        if (Float.isNaN(sink)) {
            throw new IllegalStateException(cell + ": outputs are numbers; got NaN");
        }
        return timings;
    }

    /** Steps until it has had its time; returns how many fill a stretch. */
    private int warmUp(Engine engine, Inputs inputs) {
        int steps = 1;
        long left = effort.warmUpMillis * 1_000_000L;
        while (left > 0) {
            long nanos = Math.max(1, stretch(engine, inputs, steps));
            left -= nanos;
            // At most doubled, since the first stretches are mostly compilation.
            steps = (int) Math.max(1, steps * Math.min(2, effort.stretchMillis * 1e6 / nanos));
        }
        return steps;
    }

    private long stretch(Engine engine, Inputs inputs, int steps) {
        long wall = System.nanoTime();
        long start = THREADS.getCurrentThreadCpuTime();
        float sum = 0;
        for (int i = 0; i < steps; i++) {
            sum += engine.step(inputs.next());
        }
        long nanos = THREADS.getCurrentThreadCpuTime() - start;
        wallNanos += System.nanoTime() - wall;
        cpuNanos += nanos;
        sink += sum;
        return nanos;
    }

    /** The part of the time that this thread had a core: near 1 on a quiet machine. */
    double coreShare() {
        return (double) cpuNanos / wallNanos;
    }
}
