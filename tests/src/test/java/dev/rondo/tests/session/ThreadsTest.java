package dev.rondo.tests.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.error.StateException;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.tests.oracle.NdArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A session belongs to one thread at a time, a model to all of them, until somebody closes it. */
@Timeout(60)
class ThreadsTest {
    @TempDir
    Path folder;

    private static <T> T elsewhere(java.util.concurrent.Callable<T> action) throws Exception {
        var result = new CompletableFuture<T>();
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                result.complete(action.call());
            } catch (Throwable failure) {
                result.completeExceptionally(failure);
            }
        });
        try {
            return result.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof Exception e) {
                throw e;
            }
            throw failure;
        } finally {
            thread.join();
        }
    }

    @Test
    void aForeignThreadIsRefused() throws Exception {
        try (Model model = Recurrence.LSTM.model().load()) {
            Session session = model.session();
            Call step = session.call("step");
            Session.Snapshot snapshot = session.snapshot();
            List<Runnable> uses = List.of(
                    step::run,
                    session::reset,
                    () -> session.reset(0),
                    () -> session.call("step"),
                    () -> session.call("sequence"),
                    () -> session.size("B", 1),
                    session::snapshot,
                    () -> session.restore(snapshot),
                    session::fork,
                    session::warmUp,
                    step::kernels,
                    () -> session.gatherRows(0),
                    () -> session.state("h"),
                    () -> session.state("h", new float[Recurrence.UNITS]),
                    session::release,
                    session::acquire);
            for (Runnable use : uses) {
                elsewhere(() -> assertThrows(StateException.class, use::run));
            }
            step.run();
            // Released, it belongs to nobody, not even to the thread that made it.
            session.release();
            uses.subList(0, uses.size() - 1).forEach(use -> assertThrows(StateException.class, use::run));
        }
    }

    @Test
    void aSessionIsHandedOverWithItsState() throws Exception {
        try (Model model = Recurrence.LSTM.model().load()) {
            Session one = model.session();
            Session two = model.session();
            Call there = two.call("step");
            for (int i = 0; i < 20; i++) {
                float[] x = {i, 1, -i};
                one.call("step").input("x").copyFrom(x);
                one.call("step").run();
                two.release();
                float[] state = elsewhere(() -> {
                    two.acquire();
                    there.input("x").copyFrom(x);
                    there.run();
                    float[] h = two.state("h");
                    two.release();
                    return h;
                });
                two.acquire();
                assertArrayEquals(one.state("h"), state);
                assertArrayEquals(one.state("c"), two.state("c"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void sessionsOfOneModelRunSideBySide(Recurrence r) throws Exception {
        try (Model model = r.model().load()) {
            float[] alone = run(model);
            var others = new ArrayList<CompletableFuture<float[]>>();
            for (int i = 0; i < 2; i++) {
                others.add(CompletableFuture.supplyAsync(() -> run(model)));
            }
            for (CompletableFuture<float[]> other : others) {
                assertArrayEquals(alone, other.get(30, TimeUnit.SECONDS));
            }
        }
    }

    private static float[] run(Model model) {
        Session session = model.session(Capacity.of("T", 50));
        var random = new Random(4);
        for (int i = 0; i < 40; i++) {
            Call call = session.call("sequence");
            ModelFile.fill(call.input("x"), NdArray.random(random, 1, 1, 50, Recurrence.INPUTS));
            call.input("lengths").set(0, 50);
            call.run();
        }
        return session.state("h");
    }

    /** Weights that the kernels read where they lie in the file, and ones that were derived when the plan was made. */
    private enum Weights {
        IN_PLACE,
        DERIVED
    }

    private Path file(Weights weights) {
        ModelFile file = Recurrence.LSTM.model();
        if (weights == Weights.IN_PLACE) {
            for (String name : List.of("u", "w")) {
                file.store(name, new ModelFile.Storage(Encoding.F32, new Layout.Panels(4)));
            }
        }
        return file.write(folder.resolve("model.rondo"));
    }

    @ParameterizedTest
    @EnumSource
    void closingEndsAStepThatRuns(Weights weights) throws Exception {
        Path path = file(weights);
        for (int i = 0; i < 50; i++) {
            Model model = i % 2 == 0 ? Model.open(path) : Model.load(path);
            Model.Kernel kernel = i % 4 < 2 ? Model.Kernel.BEST : Model.Kernel.PLAIN;
            var runs = new AtomicLong();
            var ended = new CompletableFuture<Throwable>();
            Thread thread = Thread.ofPlatform().daemon().start(() -> {
                try {
                    Session session = model.session(Capacity.of("B", 2).and("T", 80), kernel);
                    Call call = session.call("sequence");
                    call.input("lengths").copyFrom(new int[] {80, 70});
                    while (true) {
                        call.run();
                        runs.incrementAndGet();
                    }
                } catch (Throwable end) {
                    ended.complete(end);
                }
            });
            while (runs.get() < 3 && !ended.isDone()) {
                Thread.onSpinWait();
            }
            model.close();
            Throwable end = ended.get(30, TimeUnit.SECONDS);
            thread.join();
            assertInstanceOf(StateException.class, end, () -> "the step that ran ends with " + end);
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingRunsOnAClosedModel(Weights weights) throws IOException {
        for (Model.Kernel kernel : Model.Kernel.values()) {
            Model model = Model.open(file(weights));
            Session session = model.session(Capacity.ONE, kernel);
            Call step = session.call("step");
            step.input("x").set(0, 1.0);
            step.run();
            float[] h = session.state("h");
            model.close();
            model.close();
            assertThrows(StateException.class, step::run);
            assertThrows(StateException.class, () -> session.call("step"));
            assertThrows(StateException.class, () -> session.call("sequence"));
            assertThrows(StateException.class, session::warmUp);
            assertThrows(StateException.class, model::touch);
            Model copy = Model.load(file(weights));
            assertEquals(copy, copy.touch());
            copy.close();
            assertThrows(StateException.class, copy::touch);
            assertThrows(
                    StateException.class,
                    () -> model.session(Capacity.ONE, kernel).call("step"));
            assertArrayEquals(h, session.state("h"));
            assertEquals(1, session.fork().size("B"));
        }
    }
}
