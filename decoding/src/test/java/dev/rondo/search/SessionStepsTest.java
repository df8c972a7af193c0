package dev.rondo.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.decode.Sampling;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Searches over a model in a session. */
class SessionStepsTest {
    private static final BeamOptions OPTIONS = BeamOptions.of(4)
            .withNBest(3)
            .withLengthPenalty(new LengthPenalty.Gnmt(0.8))
            .withCoveragePenalty(0.1)
            .withAttention(true)
            .withConstraints(Constraints.NONE.withMaxLength(30).withMaxFactor(2, 4));

    private static List<Sentence> sentences(int[]... sources) {
        var sentences = new ArrayList<Sentence>();
        for (int[] source : sources) {
            sentences.add(Sentence.of(TinyTranslator.BEGIN).withSourceLength(source.length));
        }
        return sentences;
    }

    private static List<List<Hypothesis>> search(
            Model model, Model.Kernel kernel, boolean shared, BeamOptions options, int[]... sources) {
        Session session = TinyTranslator.session(model, kernel, shared, sources.length, options.beamSize());
        TinyTranslator.encode(session, sources);
        return new BeamSearch(SessionSteps.continuing(session), TinyTranslator.END, options).run(sentences(sources));
    }

    /**
     * Bit for bit with plain kernels, which compute each row by itself; vector kernels sum in another order when there are
     * other numbers of rows.
     */
    @ParameterizedTest
    @CsvSource({"BEST, true", "BEST, false", "PLAIN, true", "PLAIN, false"})
    void batchIsOneByOne(Model.Kernel kernel, boolean shared) {
        try (Model model = TinyTranslator.load(shared)) {
            int[][] sources = TinyTranslator.sources(7);
            List<List<Hypothesis>> together = search(model, kernel, shared, OPTIONS, sources);
            for (int i = 0; i < sources.length; i++) {
                List<Hypothesis> alone =
                        search(model, kernel, shared, OPTIONS, sources[i]).getFirst();
                assertSame(alone, together.get(i), sources[i].length, kernel == Model.Kernel.PLAIN ? 0 : 1e-4);
            }
            assertTrue(together.stream().anyMatch(n -> n.getFirst().ended()));
        }
    }

    /** Attention over a longer batch has zeros beyond the source. */
    private static void assertSame(List<Hypothesis> expected, List<Hypothesis> found, int length, double near) {
        assertEquals(expected.size(), found.size());
        for (int i = 0; i < found.size(); i++) {
            Hypothesis a = expected.get(i);
            Hypothesis b = found.get(i);
            assertEquals(a.tokens(), b.tokens());
            assertEquals(a.logProb(), b.logProb(), near);
            assertEquals(a.score(), b.score(), near);
            for (int t = 0; t < a.attention().length; t++) {
                assertEquals(a.tokenScores()[t], b.tokenScores()[t], near);
                assertEquals(a.alignment()[t], b.alignment()[t]);
                for (int s = 0; s < b.attention()[t].length; s++) {
                    assertEquals(s < length ? a.attention()[t][s] : 0, b.attention()[t][s], s < length ? near : 0);
                }
            }
        }
    }

    /** The same search where every hypothesis has a memory of its own. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WARMING")
    void sharedMemoryIsAsGoodAsOnesOwn(Model.Kernel kernel) {
        try (Model shared = TinyTranslator.load(true);
                Model own = TinyTranslator.load(false)) {
            int[][] sources = TinyTranslator.sources(3);
            List<List<Hypothesis>> a = search(shared, kernel, true, OPTIONS, sources);
            List<List<Hypothesis>> b = search(own, kernel, false, OPTIONS, sources);
            for (int i = 0; i < 3; i++) {
                assertEquals(a.get(i).getFirst().tokens(), b.get(i).getFirst().tokens());
                assertEquals(a.get(i).getFirst().score(), b.get(i).getFirst().score(), 1e-4);
            }
        }
    }

    /** Plain and vector kernels differ by rounding. */
    @Test
    void kernelsChooseTheSame() {
        try (Model model = TinyTranslator.load(true)) {
            int[][] sources = TinyTranslator.sources(5);
            List<List<Hypothesis>> plain = search(model, Model.Kernel.PLAIN, true, OPTIONS, sources);
            List<List<Hypothesis>> vector = search(model, Model.Kernel.BEST, true, OPTIONS, sources);
            for (int i = 0; i < sources.length; i++) {
                assertEquals(
                        plain.get(i).getFirst().tokens(),
                        vector.get(i).getFirst().tokens());
                assertEquals(
                        plain.get(i).getFirst().score(),
                        vector.get(i).getFirst().score(),
                        1e-3);
            }
        }
    }

    private static Function<SessionSteps, Search> beam(BeamOptions options) {
        return steps -> new BeamSearch(steps, TinyTranslator.END, options);
    }

    private static Function<SessionSteps, Search> samples(Sampling sampling, Constraints constraints) {
        return steps -> new SamplingSearch(steps, TinyTranslator.END, sampling, 4, constraints);
    }

    /** From the second call on a step allocates nothing, as the listener measures from the end of one to the next. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WARMING")
    void stepsAllocateNothing(Model.Kernel kernel) {
        Constraints forty = Constraints.NONE.withMinLength(40).withMaxLength(60);
        List<Function<SessionSteps, Search>> all = List.of(
                beam(OPTIONS.withStopping(Stopping.NEVER)),
                beam(OPTIONS.withAttention(false)
                        .withConstraints(Constraints.NONE.withMaxLength(20).withNoRepeatNgram(2))
                        .withPolicy(BeamOptions.Policy.SHRINK)),
                beam(OPTIONS.withVariety(new Variety.Diverse(2, 0.5))),
                beam(BeamOptions.of(4).withVariety(new Variety.Stochastic(1)).withConstraints(forty)),
                samples(Sampling.of(1), forty),
                samples(Sampling.of(2).withRepetitionPenalty(1.2).withTopK(5), forty));
        try (Model model = TinyTranslator.load(true)) {
            // Three times the same: all end at once, samples after 40 steps, and results are not counted.
            int[] source = TinyTranslator.sources(3)[2];
            int[][] sources = {source, source, source};
            for (int i = 0; i < all.size(); i++) {
                Session session = TinyTranslator.session(model, kernel, true, 3, 4);
                Search search = all.get(i).apply(SessionSteps.continuing(session));
                var meter = new Meter();
                long end = System.nanoTime() + 20_000_000_000L;
                do {
                    TinyTranslator.encode(session, sources);
                    meter.begin();
                    search.run(sentences(sources), meter);
                } while (meter.bytes > 0 && System.nanoTime() < end);
                assertTrue(meter.steps > 0, "steps of search " + i);
                assertEquals(0, meter.bytes, "bytes in steps of search " + i);
            }
        }
    }

    /** What the thread allocates between the last sentence of a step and the first of the next. */
    private static final class Meter implements TokenListener {
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private long last;
        private long bytes;
        private int steps;

        void begin() {
            last = -1;
            bytes = 0;
            steps = 0;
        }

        @Override
        public boolean token(int sentence, int length, int token, double logProb) {
            long now = threads.getCurrentThreadAllocatedBytes();
            if (sentence == 0 && last >= 0 && length > 2 && length < 40) {
                bytes += now - last;
                steps++;
            }
            last = sentence == 2 ? threads.getCurrentThreadAllocatedBytes() : -1;
            return true;
        }
    }

    @Test
    void whatDoesNotFitIsNamed() {
        try (Model model = TinyTranslator.load(true)) {
            Session session = TinyTranslator.session(model, Model.Kernel.PLAIN, true, 2, 2);
            TinyTranslator.encode(session, TinyTranslator.sources(2));
            var steps = SessionSteps.continuing(session);
            var search =
                    new BeamSearch(steps, TinyTranslator.END, BeamOptions.of(3).withStopping(Stopping.NEVER));
            var one = List.of(Sentence.of(1));
            assertThrows(ShapeException.class, () -> search.run(one), "two were read");
            var two = List.of(Sentence.of(1), Sentence.of(1));
            assertThrows(ShapeException.class, () -> search.run(two), "room for two hypotheses");
            TinyTranslator.encode(session, TinyTranslator.sources(2));
            var covering =
                    new BeamSearch(steps, TinyTranslator.END, BeamOptions.of(2).withCoveragePenalty(1));
            assertThrows(InputException.class, () -> covering.run(two), "no source length");
            assertThrows(InputException.class, () -> new BeamSearch(steps, 300, BeamOptions.of(2)));
        }
        try (Model model = TinyTranslator.load(true)) {
            Session zero = model.session(Capacity.of("S", 1));
            assertThrows(InputException.class, () -> {
                var search = new BeamSearch(SessionSteps.of(zero), 2, BeamOptions.of(1));
                search.run(List.of(Sentence.of(300)));
            });
        }
    }
}
