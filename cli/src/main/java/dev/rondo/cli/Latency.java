package dev.rondo.cli;

import com.sun.management.ThreadMXBean;
import dev.rondo.Call;
import java.lang.management.ManagementFactory;
import org.HdrHistogram.Histogram;

/**
 * How long a call takes once the JVM has compiled it.
 *
 * @param nanos        of every call in the measured time
 * @param bytesPerCall allocated on the heap by one call; 0 is the aim
 */
record Latency(Histogram nanos, double bytesPerCall) {
    private static final long LONGEST = 60_000_000_000L;
    private static final int COUNTED = 1_000;

    /** Runs a call for half the time to warm up, then measures for the given time, then counts allocations. */
    static Latency measure(Call call, double seconds) {
        repeat(call, seconds / 2, new Histogram(LONGEST, 3));
        var nanos = new Histogram(LONGEST, 3);
        repeat(call, seconds, nanos);
        int count = (int) Math.clamp(seconds * 1e9 / 10 / Math.max(1, nanos.getMean()), 1, COUNTED);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        // The first look at the counter may itself allocate.
        threads.getCurrentThreadAllocatedBytes();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < count; i++) {
            call.run();
        }
        return new Latency(nanos, (threads.getCurrentThreadAllocatedBytes() - before) / (double) count);
    }

    private static void repeat(Call call, double seconds, Histogram into) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        long start;
        do {
            start = System.nanoTime();
            call.run();
            into.recordValue(Math.clamp(System.nanoTime() - start, 1, LONGEST));
        } while (start < end);
    }

    double microseconds(double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }

    double maxMicroseconds() {
        return nanos.getMaxValue() / 1e3;
    }

    double callsPerSecond() {
        return 1e9 / nanos.getMean();
    }
}
