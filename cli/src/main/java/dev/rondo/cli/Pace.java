package dev.rondo.cli;

import com.sun.management.ThreadMXBean;
import dev.rondo.Call;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/**
 * Runs a call again and again and keeps how fast it was, in blocks of about 10 ms. A block itself allocates nothing, so
 * what the thread allocates in it is the call's.
 */
final class Pace {
    /** Longer times count as this. */
    static final long LONGEST = 60_000_000_000L;

    private static final long BLOCK = 10_000_000L;
    private static final long LONG_BLOCK = 1_000_000_000L;
    private static final int LEAST_RUNS = 3;
    private static final int BLOCKS = 1 << 13;
    /** Bytes a step. Compiled kernels allocate nothing, interpreted vector kernels thousands of times as much. */
    static final long LITTLE = 1024;

    private static final double FASTER = 0.95;

    // Asked for once: to ask allocates.
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Call call;
    private final Histogram warmUp = histogram();
    private final long[] last = new long[1024];
    private final long[] ends = new long[BLOCKS];
    private final long[] medians = new long[BLOCKS];
    private int blocks;
    private long elapsed;
    private long bytes;

    Pace(Call call) {
        this.call = call;
    }

    static Histogram histogram() {
        return new Histogram(LONGEST, 3);
    }

    /**
     * Runs the call until it gets no faster.
     *
     * @param least  ns that it takes at least
     * @param most   ns that it takes at most, more or less
     * @param settled whether what runs is what shall be measured
     */
    void warmUp(long least, long most, BooleanSupplier settled) {
        while (elapsed < least) {
            block(warmUp, Long.MAX_VALUE);
        }
        long runs;
        do {
            runs = warmUp.getTotalCount();
            block(warmUp, Long.MAX_VALUE);
            runs = warmUp.getTotalCount() - runs;
        } while (elapsed < most && (bytes > LITTLE * runs || !settled.getAsBoolean() || isGettingFaster()));
    }

    /** Allocated on the heap by the runs of the last block. */
    long bytes() {
        return bytes;
    }

    /** Whether the fastest block of the last quarter of the time was faster than those before. */
    private boolean isGettingFaster() {
        long early = Long.MAX_VALUE;
        long late = Long.MAX_VALUE;
        for (int i = 0; i < blocks; i++) {
            if (ends[i] <= elapsed - elapsed / 4) {
                early = Math.min(early, medians[i]);
            } else {
                late = Math.min(late, medians[i]);
            }
        }
        return late < early * FASTER;
    }

    /**
     * Runs the call for 10 ms, and at least three times unless that takes a second.
     *
     * @param into takes the time of each run, in ns
     * @param most runs at most
     * @return the median time of the last runs, in ns
     */
    long block(Histogram into, long most) {
        bytes = THREADS.getCurrentThreadAllocatedBytes();
        long began = System.nanoTime();
        long took;
        int runs = 0;
        do {
            long start = System.nanoTime();
            call.run();
            long end = System.nanoTime();
            into.recordValue(Math.clamp(end - start, 1, LONGEST));
            last[runs++ % last.length] = end - start;
            took = end - began;
        } while (runs < most && took < (runs < LEAST_RUNS ? LONG_BLOCK : BLOCK));
        bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
        int kept = Math.min(runs, last.length);
        Arrays.sort(last, 0, kept);
        elapsed += took;
        if (blocks < BLOCKS) {
            ends[blocks] = elapsed;
            medians[blocks++] = last[kept / 2];
        }
        return last[kept / 2];
    }

    /** The time in blocks until the median of one was first as low as this, all in ns; -1 when it never was. */
    long until(double median) {
        for (int i = 0; i < blocks; i++) {
            if (medians[i] <= median) {
                return ends[i];
            }
        }
        return -1;
    }
}
