package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;

/**
 * How fast a function runs here.
 *
 * @param kernels that ran the measured steps
 * @param peak    ms of steps after the first until the median of a block of 10 ms was within 10 % of the steady median;
 *                negative when none was
 * @param gain    empty when the plain kernels ran
 */
record Performance(String kernels, Start start, double peak, Latency latency, Optional<Gain> gain) {
    /**
     * The time to the first result, in ms.
     *
     * @param open          of the model's file
     * @param prepare       the session and the function
     * @param run           the step itself
     * @param sinceJvmStart from the start of the JVM to the result
     */
    record Start(double open, double prepare, double run, double sinceJvmStart) {
        double total() {
            return open + prepare + run;
        }
    }

    /**
     * Medians of steps that ran in turns, in µs.
     *
     * @param these the kernels that were measured
     * @param plain the plain ones
     */
    record Gain(double these, double plain) {
        double times() {
            return plain / these;
        }
    }

    void put(ObjectNode result) {
        result.put("kernels", kernels);
        result.put("first_step_ms", start.total());
        result.put("first_step_open_ms", start.open());
        result.put("first_step_prepare_ms", start.prepare());
        result.put("first_step_run_ms", start.run());
        result.put("first_step_since_jvm_start_ms", start.sinceJvmStart());
        result.put("peak_ms", peak < 0 ? null : (Double) peak);
        latency.put(result);
        result.put("plain_p50_us", gain.map(Gain::plain).orElse(null));
        result.put("gain_over_plain", gain.map(Gain::times).orElse(null));
    }

    void print(PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%-19s%,12.1f ms  from opening the file: open %.1f, prepare %.1f, run %.1f%n",
                "time to first step",
                start.total(),
                start.open(),
                start.prepare(),
                start.run());
        out.printf(Locale.ROOT, "%-19s%,12.1f ms  from the start of the JVM%n", "", start.sinceJvmStart());
        if (peak < 0) {
            out.printf("%-19s%12s     the steady median was never met before%n", "time to peak", "?");
        } else {
            out.printf(
                    Locale.ROOT,
                    "%-19s%,12.1f ms  of steps after the first, until within 10 %% of the steady median%n",
                    "time to peak",
                    peak);
        }
        latency.print(out);
        out.printf(Locale.ROOT, "%-19s%,12.0f     steps a second%n", "throughput", latency.stepsPerSecond());
        out.printf(
                Locale.ROOT,
                "%-19s%,12d     bytes a step on the heap (mean %,.1f)%n",
                "allocation",
                latency.bytesPerStep(),
                latency.meanBytesPerStep());
        gain.ifPresentOrElse(
                g -> out.printf(
                        Locale.ROOT,
                        "%-19s%,12.1f     times as fast: p50 %,.2f us, of plain kernels %,.2f us, run in turns%n",
                        "gain over plain",
                        g.times(),
                        g.these(),
                        g.plain()),
                () -> out.printf("%-19s%12s     these are the plain kernels%n", "gain over plain", "none"));
    }
}
