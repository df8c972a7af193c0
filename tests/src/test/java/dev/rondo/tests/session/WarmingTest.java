package dev.rondo.tests.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.KernelChoice;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.error.StateException;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions that ask start on plain kernels and go over to the fastest between two runs; the others never do. */
@Timeout(120)
class WarmingTest {
    private static final String PLAIN = "plain 32 bit";
    private static final int UNITS = 37;

    /** Two functions over one state; what a constant gives must not depend on the kernels of the session either. */
    private static final String TEXT = """
        function read(x: f32[B,37]) -> h1 {
            state h: f32[B,37] <- h1
            weight u: f32[148,37]
            weight w: f32[148,37]
            state c: f32[B,37] <- c1
            h1, c1 = lstm_cell(x, h, c, @u, weight_input=@w)
        }
        function step(x: f32[B,37]) -> y {
            state h: f32[B,37] <- h1
            weight v: f32[37,37]
            weight w: f32[148,37]
            product = matmul(@w, @v)
            turned = transpose(product, permutation=[1,0])
            z = matmul(x, turned, transpose_b=false)
            n = slice(z, axis=1, start=0, length=37)
            s = add(n, h)
            h1 = activate(s, function=tanh)
            y = softmax(h1)
        }
        """;

    private static String best;

    @BeforeAll
    static void theBestAreOtherKernels() {
        assertFalse(KernelChoice.best().isPlain(), "these tests need vector kernels");
        best = "vector " + KernelChoice.best().bits() + " bit";
    }

    private static Model model() {
        return ModelFile.of(TEXT).randomWeights(3, 1).load();
    }

    private static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, what);
            Thread.sleep(1);
        }
    }

    private static List<Thread> warmingThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("rondo warm-up"))
                .toList();
    }

    private static float[] input(Random random) {
        var x = new float[UNITS];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextFloat() * 2 - 1;
        }
        return x;
    }

    private static float[] run(Session session, String function, float[] x) {
        Call call = session.call(function);
        call.input("x").copyFrom(x);
        call.run();
        return call.output(function.equals("read") ? "h1" : "y").toFloats();
    }

    /** Each run computes, bit for bit, what a session pinned to the kernels that it names computes from the same states. */
    @Test
    void everyRunIsThatOfOneKindOfKernels() throws Exception {
        try (Model model = model()) {
            Session warming = model.session(Capacity.ONE, Model.Kernel.WARMING);
            Session plain = model.session(Capacity.ONE, Model.Kernel.PLAIN);
            Session vector = model.session();
            assertEquals(PLAIN, warming.kernels());
            assertEquals(best, vector.kernels());
            var random = new Random(5);
            boolean differ = false;
            int after = 0;
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (after < 50) {
                assertTrue(System.nanoTime() < end, "switches within a minute");
                float[] x = input(random);
                for (String function : List.of("read", "step")) {
                    Call call = warming.call(function);
                    String before = call.kernels();
                    Session.Snapshot states = warming.snapshot();
                    float[] y = run(warming, function, x);
                    plain.restore(states);
                    vector.restore(states);
                    float[] plainY = run(plain, function, x);
                    float[] vectorY = run(vector, function, x);
                    differ |= !Arrays.equals(plainY, vectorY);
                    String now = call.kernels();
                    assertTrue(now.equals(PLAIN) || now.equals(best), now);
                    assertTrue(now.equals(before) || now.equals(best), "no way back from " + before + " to " + now);
                    assertArrayEquals(now.equals(PLAIN) ? plainY : vectorY, y);
                    Session pinned = now.equals(PLAIN) ? plain : vector;
                    assertArrayEquals(pinned.state("h"), warming.state("h"));
                }
                if (warming.kernels().equals(best)) {
                    after++;
                }
            }
            assertTrue(differ, "plain and vector kernels differ by rounding, else this test shows nothing");
            assertEquals(PLAIN, plain.kernels());
            assertEquals(best, vector.kernels());
        }
    }

    @Test
    void theFirstRunIsPlainAndTheSessionIsPlainUntilAllItsFunctionsAreNot() throws Exception {
        try (Model model = model()) {
            Session session = model.session(Capacity.ONE, Model.Kernel.WARMING);
            Call read = session.call("read");
            read.run();
            assertEquals(PLAIN, read.kernels());
            until("read switches", () -> {
                read.run();
                return read.kernels().equals(best);
            });
            assertEquals(best, session.kernels());
            Call step = session.call("step");
            assertEquals(PLAIN, step.kernels());
            assertEquals(PLAIN, session.kernels());
            Session fork = session.fork();
            assertEquals(best, fork.call("read").kernels());
            assertEquals(PLAIN, fork.call("step").kernels());
        }
    }

    @ParameterizedTest
    @EnumSource
    void warmUpLeavesStatesInputsAndOutputs(Model.Kernel kernel) {
        try (Model model = model()) {
            Session session = model.session(Capacity.of("B", 2), kernel).size("B", 1);
            var random = new Random(7);
            float[] y = run(session, "read", input(random));
            float[] h = session.state("h");
            float[] c = session.state("c");
            float[] x = input(random);
            session.call("step").input("x").copyFrom(x);
            session.warmUp();
            assertArrayEquals(h, session.state("h"));
            assertArrayEquals(c, session.state("c"));
            assertArrayEquals(y, session.call("read").output("h1").toFloats());
            assertEquals(kernel == Model.Kernel.PLAIN ? PLAIN : best, session.kernels());
            Session pinned =
                    model.session(Capacity.ONE, kernel == Model.Kernel.PLAIN ? Model.Kernel.PLAIN : Model.Kernel.BEST);
            pinned.state("h", h);
            session.call("step").run();
            assertArrayEquals(
                    run(pinned, "step", x), session.call("step").output("y").toFloats());
        }
    }

    @Test
    void onlySessionsThatAskHaveAThread() throws Exception {
        try (Model model = model()) {
            until("threads of other tests end", () -> warmingThreads().isEmpty());
            for (Model.Kernel kernel : List.of(Model.Kernel.PLAIN, Model.Kernel.BEST)) {
                run(model.session(Capacity.ONE, kernel), "read", new float[UNITS]);
                assertEquals(List.of(), warmingThreads());
            }
            run(model.session(Capacity.ONE, Model.Kernel.WARMING), "read", new float[UNITS]);
            assertEquals(1, warmingThreads().size());
            assertTrue(warmingThreads().getFirst().isDaemon());
        }
    }

    @Test
    void closingTheModelEndsTheThreadQuietly() throws Exception {
        var uncaught = new Throwable[1];
        Thread.UncaughtExceptionHandler usual = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((_, failure) -> uncaught[0] = failure);
        try {
            Model model = model();
            Session session = model.session(Capacity.ONE, Model.Kernel.WARMING);
            run(session, "read", new float[UNITS]);
            List<Thread> threads = warmingThreads();
            assertFalse(threads.isEmpty());
            Thread.sleep(30);
            model.close();
            for (Thread thread : threads) {
                thread.join(20_000);
                assertFalse(thread.isAlive());
            }
            assertNull(uncaught[0]);
            assertThrows(StateException.class, () -> session.call("read").run());
            assertThrows(StateException.class, session::warmUp);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(usual);
        }
    }

    /** The thread keeps neither the session nor the model. */
    @Test
    void aForgottenSessionEndsItsThread() throws Exception {
        var model = new WeakReference<>(model());
        var session = new WeakReference<>(model.get().session(Capacity.ONE, Model.Kernel.WARMING));
        run(session.get(), "read", new float[UNITS]);
        until("session and model are collected", () -> {
            System.gc();
            return session.get() == null && model.get() == null;
        });
        until("the thread ends", () -> warmingThreads().isEmpty());
    }

    /** What a thread meets when it runs the function is for the user's step to report. */
    @Test
    void anInputThatFailsLeavesTheSessionPlain() {
        try (Model model = ModelFile.of("""
            function step(token: i32[B]) -> y {
                weight e: f32[5,8]
                y = gather(@e, token)
            }
            """).randomWeights(1, 1).load()) {
            Session session = model.session(Capacity.ONE, Model.Kernel.WARMING);
            session.call("step").input("token").set(0, 9);
            session.warmUp();
            assertEquals(PLAIN, session.kernels());
            session.call("step").input("token").set(0, 4);
            session.call("step").run();
            session.warmUp();
            assertEquals(best, session.kernels());
        }
    }
}
