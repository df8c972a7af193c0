package dev.rondo.tests.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.error.InputException;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The two directions of a bidirectional layer on two threads compute what they compute on one, bit for bit. */
@Timeout(60)
class ParallelTest {
    private static final Capacity CAPACITY = Capacity.of("B", 3).and("T", 9);

    /** Buffers die early and late, and a layer of its own stands between the two directions. */
    private static final String TEXT = """
        function tag(tokens: i32[B,T], lengths: i32[B]) -> y, last {
            state h: f32[B,17] <- last
            weight e: f32[11,13]
            weight u1: f32[68,17]
            weight w1: f32[68,13]
            weight u2: f32[51,17]
            weight w2: f32[51,13]
            weight u3: f32[21,21]
            weight w3: f32[21,34]
            weight u4: f32[21,21]
            weight w4: f32[21,34]
            x0 = gather(@e, tokens)
            x = activate(x0, function=tanh)
            f, fh, fc = lstm(x, @u1, weight_input=@w1, lengths=lengths)
            f2 = activate(f, function=sigmoid)
            f3 = add(f2, f)
            f4 = multiply(f3, f3)
            b, bh = gru(x, @u2, h=h, weight_input=@w2, lengths=lengths, reverse=true, reset_after=true)
            both = concat(f4, b, axis=2)
            g, gh = elman(both, @u3, weight_input=@w3, lengths=lengths, activation=tanh)
            r, rh = elman(both, @u4, weight_input=@w4, lengths=lengths, activation=relu, reverse=true)
            s = add(g, r)
            y = log_softmax(s)
            last = add(bh, fh)
        }
        """;

    private static Model model() {
        return ModelFile.of(TEXT).randomWeights(11, 1).load();
    }

    private static void fill(Session session, long seed) {
        var random = new Random(seed);
        int rows = 1 + random.nextInt(3);
        int steps = 1 + random.nextInt(9);
        session.size("B", rows).size("T", steps);
        Call tag = session.call("tag");
        for (int i = 0; i < rows * steps; i++) {
            tag.input("tokens").set(i, random.nextInt(11));
        }
        for (int i = 0; i < rows; i++) {
            tag.input("lengths").set(i, random.nextInt(steps + 1));
        }
    }

    private static void assertSameAsOneThread(Executor executor, int runs) {
        try (Model model = model()) {
            for (Model.Kernel kernel : List.of(Model.Kernel.PLAIN, Model.Kernel.BEST)) {
                Session one = model.session(CAPACITY, kernel);
                Session two = model.session(CAPACITY, kernel).parallel(executor);
                for (int run = 0; run < runs; run++) {
                    fill(one, run);
                    fill(two, run);
                    one.call("tag").run();
                    two.call("tag").run();
                    for (String output : List.of("y", "last")) {
                        assertArrayEquals(
                                one.call("tag").output(output).toFloats(),
                                two.call("tag").output(output).toFloats());
                    }
                    assertArrayEquals(one.state("h"), two.state("h"));
                }
            }
        }
    }

    /** A thread that spins for tasks, and so allocates nothing. */
    private static final class Worker implements Executor, AutoCloseable {
        private final AtomicReference<Runnable> task = new AtomicReference<>();
        private final AtomicInteger done = new AtomicInteger();
        private volatile boolean closed;
        private final Thread thread = Thread.ofPlatform().daemon().start(() -> {
            while (!closed) {
                Runnable next = task.getAndSet(null);
                if (next != null) {
                    next.run();
                    done.incrementAndGet();
                }
                Thread.yield();
            }
        });

        @Override
        public void execute(Runnable command) {
            task.set(command);
        }

        @Override
        public void close() throws InterruptedException {
            closed = true;
            thread.join();
        }
    }

    @Test
    void twoThreadsComputeTheSame() throws InterruptedException {
        try (Worker worker = new Worker()) {
            assertSameAsOneThread(worker, 300);
            assertTrue(worker.done.get() > 0);
        }
    }

    /** Two pairs in each run: the layers of the model are found, although one node stands between the first two. */
    @Test
    void theExecutorIsAskedForEachPair() {
        var asked = new AtomicInteger();
        assertSameAsOneThread(
                task -> {
                    asked.incrementAndGet();
                    task.run();
                },
                10);
        assertEquals(2 * 2 * 10, asked.get());
    }

    @Test
    void anExecutorThatNeverBeginsOrRefusesOrComesLateOnlyCostsTime() {
        assertSameAsOneThread(task -> {}, 10);
        assertSameAsOneThread(
                task -> {
                    throw new RejectedExecutionException("full");
                },
                10);
        Deque<Runnable> late = new ArrayDeque<>();
        assertSameAsOneThread(
                task -> {
                    late.forEach(Runnable::run);
                    late.clear();
                    late.add(task);
                },
                10);
    }

    @Test
    void errorsOfEitherThreadReachTheCallerAndStatesStay() throws InterruptedException {
        try (Worker worker = new Worker();
                Model model = model()) {
            Session session = model.session(CAPACITY).parallel(worker);
            for (int run = 0; run < 50; run++) {
                fill(session, run);
                session.call("tag").run();
                float[] h = session.state("h");
                session.call("tag").input("lengths").set(0, 10);
                assertThrows(InputException.class, () -> session.call("tag").run());
                assertArrayEquals(h, session.state("h"));
            }
        }
    }

    /** Only the layer on the other thread fails. */
    @Test
    void anErrorOfTheOtherThreadReachesTheCaller() throws InterruptedException {
        try (Worker worker = new Worker();
                Model model = ModelFile.of("""
                    function f(x: f32[B,T,2], good: i32[B], bad: i32[B]) -> a, b {
                        weight u: f32[3,3]
                        weight w: f32[3,2]
                        a, ah = elman(x, @u, weight_input=@w, lengths=good, activation=tanh)
                        b, bh = elman(x, @u, weight_input=@w, lengths=bad, activation=tanh, reverse=true)
                    }
                    """).randomWeights(1, 1).load()) {
            Session session = model.session(Capacity.of("T", 5)).parallel(worker);
            Call f = session.call("f");
            for (int run = 0; run < 50; run++) {
                f.input("bad").set(0, 6);
                assertThrows(InputException.class, f::run);
                f.input("bad").set(0, 5);
                f.run();
            }
        }
    }

    @Test
    void aRunAllocatesNothing() throws InterruptedException {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Worker worker = new Worker();
                Model model = model()) {
            Session session = model.session(CAPACITY, Model.Kernel.PLAIN).parallel(worker);
            fill(session, 1);
            Call tag = session.call("tag");
            long end = System.nanoTime() + 30_000_000_000L;
            long allocated;
            do {
                long before = threads.getCurrentThreadAllocatedBytes()
                        + threads.getThreadAllocatedBytes(worker.thread.threadId());
                for (int i = 0; i < 1000; i++) {
                    tag.run();
                }
                allocated = threads.getCurrentThreadAllocatedBytes()
                        + threads.getThreadAllocatedBytes(worker.thread.threadId())
                        - before;
            } while (allocated != 0 && System.nanoTime() < end);
            assertEquals(0, allocated);
        }
    }
}
