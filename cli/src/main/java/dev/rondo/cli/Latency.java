package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * How long a step takes once it gets no faster, in wall time.
 *
 * @param nanos            of every measured step
 * @param bytesPerStep     allocated on the heap, the median of blocks of steps; 0 is the aim
 * @param meanBytesPerStep the mean of all measured steps, what the JVM allocates when it compiles again included
 */
record Latency(Histogram nanos, long bytesPerStep, double meanBytesPerStep) {

    double microseconds(double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }

    double stepsPerSecond() {
        return 1e9 / nanos.getMean();
    }

    void put(ObjectNode result) {
        result.put("steps", nanos.getTotalCount());
        result.put("p50_us", microseconds(50));
        result.put("p90_us", microseconds(90));
        result.put("p99_us", microseconds(99));
        result.put("p999_us", microseconds(99.9));
        result.put("max_us", microseconds(100));
        result.put("steps_per_second", stepsPerSecond());
        result.put("bytes_per_step", bytesPerStep);
        result.put("bytes_per_step_mean", meanBytesPerStep);
    }

    void print(PrintWriter out) {
        String steps = String.format(Locale.ROOT, "p50, half of %,d steps", nanos.getTotalCount());
        line(out, "latency of a step", 50, steps);
        line(out, "", 90, "p90");
        line(out, "", 99, "p99");
        line(out, "", 99.9, "p99.9");
        line(out, "", 100, "max");
    }

    private void line(PrintWriter out, String label, double percentile, String meaning) {
        out.printf(Locale.ROOT, "%-19s%,12.2f us  %s%n", label, microseconds(percentile), meaning);
    }
}
