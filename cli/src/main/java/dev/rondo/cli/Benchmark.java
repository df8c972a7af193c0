package dev.rondo.cli;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.KernelChoice;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.graph.Function;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * Measures a function of a model from opening its file to the steady state, on the calling thread, by the wall clock.
 * The first step, the steps until it gets no faster, and the measured ones follow each other; the plain kernels come
 * last, so that they have no part in how the JVM compiled the others.
 *
 * @param seconds how long to measure; warming up takes half as long or 1 s at least, and 10 s at most
 * @param steps   how many steps to measure instead; 0 leaves it to the time
 */
record Benchmark(Progress progress, double seconds, long steps) {
    private static final double LEAST_WARM_UP = 1;
    private static final double LONGEST_WARM_UP = 10;
    private static final double LONGEST_COMPARISON = 2;
    private static final int LEAST_ROUNDS = 3;
    private static final double NEARLY = 1.1;

    /**
     * Measures.
     *
     * @param began {@link System#nanoTime} before the model was opened
     */
    Performance measure(Model model, Function function, Capacity sizes, Model.Kernel kernel, long began) {
        long opened = System.nanoTime();
        Session session = model.session(sizes, kernel);
        Call call = prepare(session, function);
        long prepared = System.nanoTime();
        call.run();
        long first = System.nanoTime();
        progress.show("warming up");
        var pace = new Pace(call);
        pace.warmUp(
                nanos(Math.min(seconds / 2, LEAST_WARM_UP)),
                nanos(LONGEST_WARM_UP),
                // A warming session begins on plain kernels and goes over to the fastest.
                () -> kernel == Model.Kernel.PLAIN
                        || call.isPlain() == KernelChoice.best().isPlain());
        progress.show("measuring");
        Latency latency = steady(pace);
        double median = latency.nanos().getValueAtPercentile(50);
        // Asked only now: what answers takes tens of milliseconds to load.
        double sinceStart = ManagementFactory.getRuntimeMXBean().getUptime() - (System.nanoTime() - first) / 1e6;
        var start = new Performance.Start(
                (opened - began) / 1e6, (prepared - opened) / 1e6, (first - prepared) / 1e6, sinceStart);
        Optional<Performance.Gain> gain = Optional.empty();
        if (!call.isPlain()) {
            progress.show("comparing with the plain kernels");
            gain = Optional.of(gain(pace, prepare(model.session(sizes, Model.Kernel.PLAIN), function)));
        }
        return new Performance(session.kernels(), start, pace.until(median * NEARLY) / 1e6, latency, gain);
    }

    private static Call prepare(Session session, Function function) {
        Call call = session.call(function.name());
        SampleInputs.fill(call, session);
        return call;
    }

    private Latency steady(Pace pace) {
        Histogram nanos = Pace.histogram();
        Histogram bytes = Pace.histogram();
        long end = System.nanoTime() + nanos(seconds);
        long all = 0;
        long left;
        do {
            long runs = nanos.getTotalCount();
            pace.block(nanos, steps > 0 ? steps - runs : Long.MAX_VALUE);
            bytes.recordValue(Math.min(pace.bytes() / (nanos.getTotalCount() - runs), Pace.LONGEST));
            all += pace.bytes();
            left = steps > 0 ? steps - nanos.getTotalCount() : end - System.nanoTime();
        } while (left > 0);
        return new Latency(nanos, bytes.getValueAtPercentile(50), all / (double) nanos.getTotalCount());
    }

    /** Both kinds of kernels in turn, a block each, so that what else the machine does slows both alike. */
    private Performance.Gain gain(Pace fast, Call plainCall) {
        var plain = new Pace(plainCall);
        double time = Math.min(seconds / 2, LONGEST_COMPARISON);
        plain.warmUp(nanos(time / 2), nanos(time * 2), () -> true);
        Histogram fastNanos = Pace.histogram();
        Histogram plainNanos = Pace.histogram();
        long end = System.nanoTime() + nanos(time);
        for (int round = 0; round < LEAST_ROUNDS || System.nanoTime() < end; round++) {
            fast.block(fastNanos, Long.MAX_VALUE);
            plain.block(plainNanos, Long.MAX_VALUE);
        }
        return new Performance.Gain(
                fastNanos.getValueAtPercentile(50) / 1e3, plainNanos.getValueAtPercentile(50) / 1e3);
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }
}
