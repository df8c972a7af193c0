package dev.rondo.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** How long single steps take at worst: every one is timed by the clock on the wall, in blocks that take turns. */
final class Tail {
    /** The cell of {@link Table}. */
    static final Cell CELL = Cell.parse("lstm-64x64");

    private static final List<Contender> CONTENDERS = List.of(Contender.RONDO_F32, Contender.ORT_F32);
    private static final int BLOCK = 10_000;
    private static final long LONGEST = 60_000_000_000L;
    private static final double TO_REACH = 5;

    private Tail() {}

    static void print(PrintStream out, Cell cell, int steps, Verdicts verdicts) {
        List<Runner> runners = CONTENDERS.stream().map(cell::open).toList();
        try {
            List<Histogram> nanos =
                    CONTENDERS.stream().map(_ -> new Histogram(LONGEST, 3)).toList();
            Inputs inputs = cell.inputs();
            runners.forEach(runner -> runner.run(20 * BLOCK));
            for (int done = 0; done < steps; done += BLOCK) {
                for (int i = 0; i < runners.size(); i++) {
                    if (runners.get(i) instanceof InThread runner) {
                        block(runner.engine(), inputs, nanos.get(i));
                    }
                }
            }
            out.println("| " + cell + " | steps | p50, µs | p99 | p99.9 | p99.99 | most |");
            out.println("|---|--:|--:|--:|--:|--:|--:|");
            for (int i = 0; i < runners.size(); i++) {
                Histogram histogram = nanos.get(i);
                out.printf(
                        Locale.ROOT,
                        "| %s | %d | %.2f | %.2f | %.2f | %.1f | %.0f |%n",
                        CONTENDERS.get(i).text(),
                        histogram.getTotalCount(),
                        at(histogram, 50),
                        at(histogram, 99),
                        at(histogram, 99.9),
                        at(histogram, 99.99),
                        histogram.getMaxValue() / 1e3);
            }
            double ratio = at(nanos.get(1), 99.9) / at(nanos.get(0), 99.9);
            verdicts.add(new Verdict(
                    "p99.9 of " + cell + ", Rondo f32",
                    Contender.ORT_F32.text(),
                    TO_REACH,
                    new Spread(ratio, ratio, ratio),
                    "–"));
        } finally {
            runners.forEach(Runner::close);
        }
    }

    private static double at(Histogram histogram, double percentile) {
        return histogram.getValueAtPercentile(percentile) / 1e3;
    }

    private static void block(Engine engine, Inputs inputs, Histogram into) {
        for (int i = 0; i < BLOCK; i++) {
            float[] x = inputs.next();
            long start = System.nanoTime();
            engine.run(x);
            into.recordValue(Math.clamp(System.nanoTime() - start, 1, LONGEST));
        }
    }
}
