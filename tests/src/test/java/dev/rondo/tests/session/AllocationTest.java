package dev.rondo.tests.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.decode.Sampling;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.kernel.Vectors;
import dev.rondo.tests.oracle.NdArray;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A call of a function allocates nothing, whatever the function and the encoding of its weights. */
@Tag("allocation")
class AllocationTest {
    private static final int RUNS = 20_000;

    /** The compilers settle within this time; a round that allocates nothing ends the wait. */
    private static final long PATIENCE = 15_000_000_000L;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static long bytes() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    /** Runs until a whole round allocates nothing: not a byte per step, and not one in twenty thousand steps. */
    private static void assertAllocatesNothing(String what, int runs, Runnable run) {
        long allocated = -1;
        long end = System.nanoTime() + PATIENCE;
        while (allocated != 0 && System.nanoTime() < end) {
            long before = bytes();
            for (int i = 0; i < runs; i++) {
                run.run();
            }
            allocated = bytes() - before;
        }
        assertEquals(0, allocated, what + ": bytes in " + runs + " runs, vectors of " + Vectors.BYTES + " bytes");
    }

    static Stream<Arguments> recurrences() {
        return Stream.of(Recurrence.values())
                .flatMap(r -> Stream.of(Model.Kernel.values())
                        .flatMap(k -> Stream.of(Encoding.F32, Encoding.BF16, Encoding.INT8)
                                .map(e -> Arguments.of(r, k, e))));
    }

    private static Model model(ModelFile file, int gates, Encoding encoding) {
        for (String name : List.of("u", "w")) {
            file.store(name, new ModelFile.Storage(encoding, new Layout.Panels(gates)));
        }
        return file.load();
    }

    private static int gates(Recurrence r) {
        return switch (r) {
            case ELMAN -> 1;
            case LSTM -> 4;
            case GRU -> 3;
        };
    }

    @ParameterizedTest
    @MethodSource("recurrences")
    void steps(Recurrence r, Model.Kernel kernel, Encoding encoding) {
        try (Model model = model(r.model(), gates(r), encoding)) {
            Call step = model.session(Capacity.ONE, kernel).call("step");
            Port x = step.input("x");
            Port y = step.output("h1");
            var read = new float[Recurrence.UNITS];
            assertAllocatesNothing(r + " step, " + kernel + ", " + encoding, RUNS, () -> {
                x.set(0, 0.5);
                step.run();
                y.copyTo(read);
            });
            assertTrue(read[0] != 0);
        }
    }

    @ParameterizedTest
    @MethodSource("recurrences")
    void sequencesOfChangingLength(Recurrence r, Model.Kernel kernel, Encoding encoding) {
        try (Model model = model(r.model(), gates(r), encoding)) {
            Session session = model.session(Capacity.of("B", 2).and("T", 6), kernel);
            Call call = session.call("sequence");
            var random = new Random(1);
            assertAllocatesNothing(r + " sequence, " + kernel + ", " + encoding, RUNS / 20, () -> {
                int steps = 1 + random.nextInt(6);
                session.size("T", steps);
                call.input("lengths").set(0, steps);
                call.input("lengths").set(1, steps / 2);
                call.run();
            });
        }
    }

    private static ModelFile design(String name) throws IOException {
        return ModelFile.of(graph(name)).randomWeights(5, 1);
    }

    private static String graph(String name) throws IOException {
        return Files.readString(Places.root().resolve("docs/decisions/graphs/" + name + ".graph"));
    }

    @ParameterizedTest
    @EnumSource
    void languageModelSteps(Model.Kernel kernel) throws IOException {
        try (Model model = design("language-model").load()) {
            Call step = model.session(Capacity.ONE, kernel).call("step");
            Port token = step.input("token");
            Port logits = step.output("logits");
            var read = new float[37];
            assertAllocatesNothing("language model, " + kernel, RUNS, () -> {
                token.set(0, 7);
                step.run();
                logits.copyTo(read);
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void attentionSteps(Model.Kernel kernel) throws IOException {
        try (Model model = design("attention-decoder").load()) {
            Session session = model.session(Capacity.of("S", 5).and("T", 1), kernel);
            Call encode = session.call("encode");
            encode.input("source_lengths").set(0, 5);
            encode.run();
            Call step = session.call("step");
            assertAllocatesNothing("attention, " + kernel, RUNS / 2, step::run);
            assertEquals(5, step.output("attention").size());
        }
    }

    /** Beams share a memory whose length changes; the best of a vocabulary go on. */
    @ParameterizedTest
    @EnumSource
    void attentionOfBeams(Model.Kernel kernel) {
        ModelFile file = ModelFile.of("""
            function step(q: f32[B,1,37], k: f32[1,S,37], v: f32[1,S,9], n: i32[1]) -> score, token {
                weight u: f32[37]
                weight w: f32[41,9]
                valid = length_mask(n, size=S)
                mask = reshape(valid, shape=[1,1,S])
                c, a = attention(q, k, v, vector=@u, mask=mask)
                d, b = attention(q, k, v, scale=0.5)
                sum = add(c, d)
                logits = linear(sum, @w)
                score, token = top_k(logits, k=5, normalisation=log_softmax)
            }
            """);
        try (Model model = file.randomWeights(5, 1).load()) {
            Session session = model.session(Capacity.of("B", 5).and("S", 12), kernel);
            Call step = session.call("step");
            var random = new Random(1);
            assertAllocatesNothing("attention of beams, " + kernel, RUNS / 10, () -> {
                int places = random.nextInt(13);
                session.size("B", 1 + random.nextInt(5));
                session.size("S", places);
                step.input("n").set(0, places / 2);
                step.run();
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void scans(Model.Kernel kernel) throws IOException {
        ModelFile file = ModelFile.of(graph("tagger-crf"))
                .weight("crf.start", NdArray.ints(7))
                .randomWeights(5, 1);
        try (Model model = file.load()) {
            Session session = model.session(Capacity.of("B", 2).and("T", 4), kernel);
            Call decode = session.call("decode");
            decode.input("lengths").copyFrom(new int[] {4, 2});
            assertAllocatesNothing("scans, " + kernel, RUNS / 10, decode::run);
        }
    }

    /** Matrices that are fed are packed at each call where there are many rows; of the second matrix sizes change too. */
    @ParameterizedTest
    @EnumSource
    void productsOfFedMatrices(Model.Kernel kernel) {
        ModelFile file = ModelFile.of("""
            function step(x: f32[B,11], w: f32[19,11], m: f32[N,11]) -> y, z {
                y = linear(x, w)
                z = matmul(x, m, transpose_b=true)
            }
            """);
        try (Model model = file.load()) {
            Session session = model.session(Capacity.of("B", 40).and("N", 20), kernel);
            Call step = session.call("step");
            var random = new Random(1);
            assertAllocatesNothing("products, " + kernel, RUNS / 10, () -> {
                session.size("B", 1 + random.nextInt(40));
                session.size("N", 1 + random.nextInt(20));
                step.run();
            });
        }
    }

    /** Small, as the compilers count calls: a large one would keep them waiting. */
    @ParameterizedTest
    @EnumSource
    void convolutions(Model.Kernel kernel) {
        ModelFile file = ModelFile.of("""
            function step(chunk: f32[B,32]) -> y {
                state context: f32[B,4] <- context_next
                weight k1: f32[22,6,1]
                weight k2: f32[20,3,11]
                weight b2: f32[20]
                weight k3: f32[6,2,10]
                samples = concat(context, chunk, axis=1)
                context_next = slice(samples, axis=1, start=32, length=4)
                padded = pad(samples, axis=1, before=0, after=4, mode=reflect)
                signal = reshape(padded, shape=[B,40,1])
                z1 = conv1d(signal, @k1, stride=8)
                z2 = conv1d(z1, @k2, bias=@b2, before=1, after=1, groups=2)
                y2 = activate(z2, function=relu)
                z3 = conv1d(y2, @k3, dilation=2, groups=2)
                y = pool_time(z3, pooling=max)
            }
            """);
        try (Model model = file.randomWeights(5, 1).load()) {
            Call step = model.session(Capacity.ONE, kernel).call("step");
            assertAllocatesNothing("convolutions, " + kernel, RUNS / 4, step::run);
        }
    }

    /** Per character nothing: two texts that differ by ten thousand characters allocate the same. */
    @ParameterizedTest
    @EnumSource
    void generatedCharacters(Model.Kernel kernel) throws IOException {
        try (Model model = Model.open(Places.root().resolve("samples/models/tiny.rondo"))) {
            LanguageModel language = LanguageModel.of(model, kernel);
            long difference = Long.MAX_VALUE;
            long end = System.nanoTime() + PATIENCE;
            while (difference > 0 && System.nanoTime() < end) {
                long shorter = generate(language, 100);
                difference = generate(language, 10_100) - shorter;
            }
            assertTrue(difference <= 0, "bytes for ten thousand characters: " + difference);
        }
    }

    private static long generate(LanguageModel language, int length) {
        long before = bytes();
        int count = language.generate("ROMEO:", length, Sampling.of(3), _ -> true);
        long allocated = bytes() - before;
        assertEquals(length, count);
        return allocated;
    }
}
