package dev.rondo.bench;

import com.sun.management.ThreadMXBean;
import dev.rondo.format.Encoding;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Two sessions of one model on two threads against one session alone, in turn: the throughput of both divided by that
 * of one. By the clock on the wall, and by CPU time: that leaves out waiting for a core that other programs use.
 */
final class Scaling {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final double TO_REACH = 1.9;
    /** The cells of {@link Table}. */
    static final List<Cell> CELLS = List.of(Cell.parse("lstm-64x64"), Cell.parse("lstm-256x256"));

    private final PrintStream out;
    private final Rounds.Effort effort;
    private final Verdicts verdicts;

    Scaling(PrintStream out, Rounds.Effort effort, Verdicts verdicts) {
        this.out = out;
        this.effort = effort;
        this.verdicts = verdicts;
    }

    /** Steps a nanosecond. */
    private record Speed(double byWall, double byCpu) {
        Speed plus(Speed other) {
            return new Speed(byWall + other.byWall, byCpu + other.byCpu);
        }
    }

    void print(List<Cell> cells) {
        out.println("| work | one session, steps/s | two, times one, by CPU time | by the clock on the wall |");
        out.println("|---|--:|--:|--:|");
        for (Cell cell : cells) {
            for (Contender contender : List.of(Contender.RONDO_F32, Contender.RONDO_BF16)) {
                try {
                    print(cell, contender.encoding(), cell + ", " + contender.text());
                } catch (InterruptedException | ExecutionException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private void print(Cell cell, Encoding encoding, String name) throws InterruptedException, ExecutionException {
        try (ExecutorService first = Executors.newSingleThreadExecutor();
                ExecutorService second = Executors.newSingleThreadExecutor();
                RondoEngine one = first.submit(() -> RondoCell.step(CellWeights.random(cell, Work.SEED), encoding))
                        .get()) {
            RondoEngine two = second.submit(one::sibling).get();
            var barrier = new CyclicBarrier(2);
            Inputs[] inputs = {cell.inputs(), cell.inputs()};
            first.submit(() -> warmUp(one, inputs[0])).get();
            double[] alone = new double[effort.rounds()];
            double[] byCpu = new double[effort.rounds()];
            double[] byWall = new double[effort.rounds()];
            for (int round = 0; round < effort.rounds(); round++) {
                int millis = 4 * effort.stretchMillis();
                Speed single = first.submit(work(one, inputs[0], null, millis)).get();
                Future<Speed> other = second.submit(work(two, inputs[1], barrier, millis));
                Speed both = first.submit(work(one, inputs[0], barrier, millis))
                        .get()
                        .plus(other.get());
                alone[round] = single.byCpu * 1e9;
                byCpu[round] = both.byCpu / single.byCpu;
                byWall[round] = both.byWall / single.byWall;
            }
            Spread reached = Spread.of(byCpu);
            out.printf(
                    Locale.ROOT,
                    "| %s | %.0f | %s | %s |%n",
                    name,
                    Spread.of(alone).median(),
                    reached.text(2),
                    Spread.of(byWall).text(2));
            verdicts.add(new Verdict("two sessions, " + name, "one session", TO_REACH, reached, "–"));
        }
    }

    /** Until all is compiled: then a step allocates nothing. */
    private void warmUp(RondoEngine engine, Inputs inputs) {
        var runner = new InThread(engine, inputs);
        long garbage = -1;
        for (int i = 0; i < 50 && garbage != 0; i++) {
            runner.run(100);
            garbage = -THREADS.getCurrentThreadAllocatedBytes();
            for (long nanos = 0; nanos < effort.warmUpMillis() * 1_000_000L; ) {
                nanos += runner.run(100);
            }
            garbage += THREADS.getCurrentThreadAllocatedBytes();
        }
    }

    private static Callable<Speed> work(RondoEngine engine, Inputs inputs, CyclicBarrier barrier, int millis) {
        return () -> {
            if (barrier != null) {
                barrier.await();
            }
            long wall = System.nanoTime();
            long cpu = THREADS.getCurrentThreadCpuTime();
            long end = wall + millis * 1_000_000L;
            long steps = 0;
            while (System.nanoTime() < end) {
                for (int i = 0; i < 16; i++) {
                    engine.run(inputs.next());
                }
                steps += 16;
            }
            return new Speed(
                    (double) steps / (System.nanoTime() - wall),
                    (double) steps / (THREADS.getCurrentThreadCpuTime() - cpu));
        };
    }
}
