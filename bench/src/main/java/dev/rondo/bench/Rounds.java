package dev.rondo.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Runners timed in turn, so that what the machine does meanwhile touches all of them: each round gives every
 * runner one stretch of work, and begins with another runner than the round before.
 *
 * <p>The clock is the CPU time of the thread that works: waiting for a core that others use does not count. {@link #coreShare}
 * tells how much waiting there was.
 */
final class Rounds {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** More than a compiled run of any contender allocates. */
    private static final long COMPILED_BYTES = 1000;

    private static final long PATIENCE_NANOS = 20_000_000_000L;

    /**
     * How long to measure.
     *
     * @param warmUpMillis for each runner, before the first round
     * @param stretchMillis one runner's share of a round, about
     */
    record Effort(int rounds, int warmUpMillis, int stretchMillis) {
        static final Effort FULL = new Effort(15, 2000, 25);
        /** For a rough look. */
        static final Effort QUICK = new Effort(5, 700, 10);
    }

    /**
     * One runner, round by round.
     *
     * @param bytes allocated by a run on this JVM's heap; empty for another process
     */
    record Timing(double[] nanos, double[] bytes) {
        /** How many times as long the other took, round by round. */
        Spread ratioTo(Timing other) {
            return Spread.of(IntStream.range(0, nanos.length)
                    .mapToDouble(i -> other.nanos[i] / nanos[i])
                    .toArray());
        }

        double medianNanos() {
            return Spread.of(nanos).median();
        }
    }

    private final Effort effort;
    private final long compiledBytes;
    private long cpuNanos;
    private long wallNanos;

    Rounds(Effort effort) {
        this(effort, COMPILED_BYTES);
    }

    /** @param compiledBytes more than a compiled run allocates */
    Rounds(Effort effort, long compiledBytes) {
        this.effort = effort;
        this.compiledBytes = compiledBytes;
    }

    /** The timings of the runners, in their order. */
    List<Timing> run(List<Runner> runners) {
        int count = runners.size();
        int[] times = runners.stream().mapToInt(this::warmUp).toArray();
        List<Timing> timings = runners.stream()
                .map(r -> new Timing(new double[effort.rounds], new double[r.inThisJvm() ? effort.rounds : 0]))
                .toList();
        for (int round = 0; round < effort.rounds; round++) {
            for (int i = 0; i < count; i++) {
                int r = (round + i) % count;
                long bytes = THREADS.getCurrentThreadAllocatedBytes();
                long nanos = stretch(runners.get(r), times[r]);
                bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
                timings.get(r).nanos[round] = (double) nanos / times[r];
                if (runners.get(r).inThisJvm()) {
                    timings.get(r).bytes[round] = (double) bytes / times[r];
                }
            }
        }
        return timings;
    }

    /**
     * Works until it has had its time and is compiled, however long the compiler waits for a core; returns how many runs fill a
     * stretch. Vectors that are not compiled are allocated.
     */
    private int warmUp(Runner runner) {
        int times = 1;
        long left = effort.warmUpMillis * 1_000_000L;
        long end = System.nanoTime() + PATIENCE_NANOS;
        long garbage = 0;
        while (left > 0 || garbage > compiledBytes * times && System.nanoTime() < end) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            long nanos = Math.max(1, stretch(runner, times));
            garbage = THREADS.getCurrentThreadAllocatedBytes() - before;
            left -= nanos;
            if (left > 0) {
                // At most doubled, since the first stretches are mostly compilation.
                times = (int) Math.max(1, times * Math.min(2, effort.stretchMillis * 1e6 / nanos));
            }
        }
        return (int) Math.max(1, times * Math.min(2, effort.stretchMillis * 1e6 / Math.max(1, stretch(runner, times))));
    }

    private long stretch(Runner runner, int times) {
        long wall = System.nanoTime();
        long nanos = runner.run(times);
        wallNanos += System.nanoTime() - wall;
        cpuNanos += nanos;
        return nanos;
    }

    /** The part of the time that working threads had a core: near 1 on a quiet machine. */
    double coreShare() {
        return (double) cpuNanos / wallNanos;
    }
}
