package dev.rondo.cli;

import com.sun.management.ThreadMXBean;
import dev.rondo.Call;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.HdrHistogram.Histogram;

/**
 * Runs a call again and again and keeps how fast it was, in blocks of about 10 ms. While it runs it allocates nothing,
 * so what the thread allocates is the call's.
 */
final class Pace {
    /** Longer times count as this. */
    static final long LONGEST = 60_000_000_000L;

    private static final long BLOCK = 10_000_000L;
    private static final long LONG_BLOCK = 1_000_000_000L;
    private static final int LEAST_RUNS = 3;
    private static final int BLOCKS = 1 << 13;
    /** Bytes a step. Interpreted vector kernels allocate thousands of times as much, compiled ones nothing. */
    private static final long LITTLE = 1024;

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

    Pace(Call call) {
        this.call = call;
    }

    static Histogram histogram() {
        return new Histogram(LONGEST, 3);
    }

    /** The bytes on the heap that the current thread has allocated so far. */
    static long allocated() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    /** Runs the call until it gets no faster, for at least the one and at most about the other time, in ns. */
    void warmUp(long least, long most) {
        while (elapsed < least) {
            block(warmUp, Long.MAX_VALUE);
        }
        long bytes;
        long runs;
        do {
            bytes = allocated();
            runs = warmUp.getTotalCount();
            block(warmUp, Long.MAX_VALUE);
            bytes = allocated() - bytes;
            runs = warmUp.getTotalCount() - runs;
        } while (elapsed < most && (bytes > LITTLE * runs || isGettingFaster()));
    }

    /** Whether the fastest block of the later half of the time was faster than that of the earlier half. */
    private boolean isGettingFaster() {
        long early = Long.MAX_VALUE;
        long late = Long.MAX_VALUE;
        for (int i = 0; i < blocks; i++) {
            if (ends[i] <= elapsed / 2) {
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
