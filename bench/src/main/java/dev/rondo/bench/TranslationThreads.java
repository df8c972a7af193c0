package dev.rondo.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * Translation by two threads, by the clock on the wall: two sessions with half of the batches each, or one that divides its
 * products.
 */
final class TranslationThreads {
    private static final float[] NOTHING = {0};

    private final PrintStream out;
    private final Rounds.Effort effort;

    TranslationThreads(PrintStream out, Rounds.Effort effort) {
        this.out = out;
        this.effort = effort;
    }

    /** One way to use two threads. */
    private interface Way extends AutoCloseable {
        /** Nanoseconds by the clock on the wall. */
        long run();

        @Override
        void close();
    }

    private record Named(String name, Way way) {}

    void print(TranslationTask task, TranslationPlan plan) throws IOException {
        var ways = new ArrayList<Named>();
        try {
            ways.add(new Named("Rondo f32, two sessions", new Sessions(task, Contender.RONDO_F32, plan)));
            ways.add(new Named("ONNX Runtime f32, two sessions", new Sessions(task, Contender.ORT_F32, plan)));
            ways.add(new Named(
                    "ONNX Runtime f32, two threads",
                    new Here(new TranslationEngine(plan, task.open(Contender.ORT_F32, plan, 2)))));
            Optional<PeerProgram> torch = PeerProgram.translation();
            if (torch.isPresent()) {
                ways.add(new Named(
                        "PyTorch f32, two threads",
                        new Process(Translation.torch(torch.get(), task.weights(), plan, 2))));
            }
            print(ways, plan, measure(ways));
        } finally {
            ways.forEach(named -> named.way.close());
        }
    }

    /** [way][round], after a warm-up. */
    private double[][] measure(List<Named> ways) {
        var nanos = new double[ways.size()][effort.rounds()];
        for (Named named : ways) {
            for (long left = effort.warmUpMillis() * 1_000_000L; left > 0; ) {
                left -= named.way.run();
            }
        }
        for (int round = 0; round < effort.rounds(); round++) {
            for (int i = 0; i < ways.size(); i++) {
                int way = (round + i) % ways.size();
                nanos[way][round] = ways.get(way).way.run();
            }
        }
        return nanos;
    }

    private void print(List<Named> ways, TranslationPlan plan, double[][] nanos) {
        out.printf(
                Locale.ROOT,
                "%n| two threads, %d at a time, by the wall | sentences/s | Rondo is faster by |%n",
                plan.batch());
        out.println("|---|--:|--:|");
        for (int i = 0; i < ways.size(); i++) {
            double[] own = nanos[i];
            Spread ratio = Spread.of(IntStream.range(0, own.length)
                    .mapToDouble(round -> own[round] / nanos[0][round])
                    .toArray());
            out.printf(
                    Locale.ROOT,
                    "| %s | %.1f | %s |%n",
                    ways.get(i).name,
                    1e9 * plan.sources().length / Spread.of(own).median(),
                    i == 0 ? "" : ratio.text(2));
        }
    }

    /** Two threads, each with a session of its own. */
    private static final class Sessions implements Way {
        private final List<ExecutorService> threads =
                List.of(Executors.newSingleThreadExecutor(), Executors.newSingleThreadExecutor());
        private final List<TranslationEngine> engines = new ArrayList<>();

        Sessions(TranslationTask task, Contender contender, TranslationPlan plan) {
            for (int i = 0; i < threads.size(); i++) {
                TranslationPlan half = plan.half(i);
                engines.add(await(
                        threads.get(i).submit(() -> new TranslationEngine(half, task.open(contender, half, 1)))));
            }
        }

        @Override
        public long run() {
            long start = System.nanoTime();
            var running = new ArrayList<Future<Float>>();
            for (int i = 0; i < threads.size(); i++) {
                TranslationEngine engine = engines.get(i);
                running.add(threads.get(i).submit(() -> engine.run(NOTHING)));
            }
            running.forEach(Sessions::await);
            return System.nanoTime() - start;
        }

        private static <T> T await(Future<T> future) {
            try {
                return future.get();
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            threads.forEach(ExecutorService::close);
            engines.forEach(TranslationEngine::close);
        }
    }

    /** This thread; the runtime has others. */
    private record Here(TranslationEngine engine) implements Way {
        @Override
        public long run() {
            long start = System.nanoTime();
            engine.run(NOTHING);
            return System.nanoTime() - start;
        }

        @Override
        public void close() {
            engine.close();
        }
    }

    /** Another process, which looks at the clock on the wall itself. */
    private record Process(Subprocess peer) implements Way {
        @Override
        public long run() {
            return peer.run(1);
        }

        @Override
        public void close() {
            peer.close();
        }
    }
}
