package dev.rondo.ngram;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.decode.Sampling;
import dev.rondo.error.InputException;
import dev.rondo.format.NgramTable;
import dev.rondo.format.RondoFileWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class NgramModelTest {
    private static final double TOLERANCE = 1e-6;

    @TempDir
    Path folder;

    private static NgramContext after(NgramModel model, int... tokens) {
        NgramContext context = model.context();
        for (int token : tokens) {
            model.advance(context, token);
        }
        return context;
    }

    private static void probability(double expected, int token, int... before) {
        NgramModel model = Trie.model();
        NgramContext context = after(model, before);
        assertEquals(expected, Math.exp(model.logProb(context, token)), TOLERANCE);
        var row = new float[model.size()];
        model.logProbs(context, MemorySegment.ofArray(row), 0);
        assertEquals(expected, Math.exp(row[token]), TOLERANCE);
        assertEquals(expected, Math.exp(model.advance(context, token)), TOLERANCE);
    }

    @Test
    void theLongestNgramCounts() {
        probability(0.3, Trie.A);
        probability(0.6, Trie.A, Trie.BEGIN);
        probability(0.7, Trie.B, Trie.BEGIN, Trie.A);
        probability(0.65, Trie.B, Trie.A, Trie.A);
        // Words before a longest context do not matter.
        probability(0.65, Trie.B, Trie.B, Trie.A, Trie.A);
    }

    @Test
    void whatIsMissingBacksOff() {
        // b(<s> a) p(a a)
        probability(0.8 * 0.35, Trie.A, Trie.BEGIN, Trie.A);
        // b(<s> a) b(a) p(end)
        probability(0.8 * 0.25 * 0.2, Trie.END, Trie.BEGIN, Trie.A);
        // b(a b) p(b end)
        probability(0.9 * 0.55, Trie.END, Trie.A, Trie.B);
        // a weight above 1
        probability(1.5 * 0.35, Trie.A, Trie.A, Trie.A);
        // "b a" is unknown, so only "a" counts
        probability(0.45, Trie.B, Trie.B, Trie.A);
        probability(0.1, Trie.UNKNOWN, Trie.UNKNOWN);
        probability(0, Trie.BEGIN, Trie.A);
    }

    @Test
    void contextsAreAsLongAsWhatIsKnown() {
        NgramModel model = Trie.model();
        assertEquals(0, model.context().length());
        assertEquals(1, after(model, Trie.B, Trie.A).length());
        assertEquals(2, after(model, Trie.BEGIN, Trie.A).length());
        assertEquals(2, after(model, Trie.BEGIN, Trie.A, Trie.B).length());
        NgramContext begun = after(model, Trie.B);
        model.begin(begun);
        assertEquals(Math.log(0.6), model.logProb(begun, Trie.A), TOLERANCE);
        NgramContext copy = model.context();
        copy.copyFrom(begun);
        model.advance(begun, Trie.B);
        assertEquals(Math.log(0.6), model.logProb(copy, Trie.A), TOLERANCE);
    }

    @Test
    void countsAndOrder() {
        NgramModel model = Trie.model();
        assertEquals(3, model.order());
        assertEquals(5, model.size());
        assertEquals(List.of(5, 4, 2), List.of(model.count(1), model.count(2), model.count(3)));
    }

    @Test
    void tokensOutOfRangeAreRefused() {
        NgramModel model = Trie.model();
        for (int token : new int[] {-1, 5, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            InputException error = assertThrows(InputException.class, () -> model.logProb(model.context(), token));
            assertTrue(error.getMessage().startsWith("token id: lies between 0 and 4; got " + token));
        }
    }

    @Test
    void sixteenBitsAreCloseAndHalfAsLarge() {
        NgramModel halved = NgramModel.of(Trie.table(true), Optional.of(Trie.TEXT));
        NgramModel whole = Trie.model();
        for (int first = 0; first < 5; first++) {
            for (int second = 0; second < 5; second++) {
                double want = whole.logProb(after(whole, first, second), Trie.B);
                assertEquals(want, halved.logProb(after(halved, first, second), Trie.B), 3 * 0.0005);
            }
        }
        assertEquals(Double.NEGATIVE_INFINITY, halved.logProb(halved.context(), Trie.BEGIN));
        assertEquals(whole.size(), halved.size());
    }

    @Test
    void perplexityOfTheUniformModelIsTheNumberOfTokens() {
        int size = 5;
        var logProbs = new float[size];
        Arrays.fill(logProbs, Trie.ln(1.0 / size));
        NgramTable table = new NgramTableBuilder(false)
                .add(new int[size], logProbs, new float[0], new int[0])
                .build();
        NgramScore score = NgramScore.of(NgramModel.of(table, Optional.of(Trie.TEXT)), "a b c\n\n  \nb");
        assertEquals(size, score.perplexity(), 1e-5);
        assertEquals(size, score.perplexityWithoutEnds(), 1e-5);
        assertEquals(size, score.perplexityWithoutUnknown(), 1e-5);
        assertEquals(2, score.sentences());
        assertEquals(6, score.tokens());
        assertEquals(2, score.ends());
        assertEquals(1, score.unknown());
    }

    @Test
    void scoresOfSentences() {
        NgramScore score = NgramScore.of(Trie.model(), "a b\na c\n");
        double first = Math.log(0.6) + Math.log(0.7) + Math.log(0.9 * 0.55);
        double unknown = Math.log(0.8 * 0.25 * 0.1);
        double end = Math.log(0.2);
        assertEquals(first + Math.log(0.6) + unknown + end, score.logProb(), 1e-5);
        assertEquals(Math.log(0.9 * 0.55) + end, score.endLogProb(), 1e-5);
        assertEquals(unknown, score.unknownLogProb(), 1e-5);
        assertEquals(Math.exp(-score.logProb() / 6), score.perplexity(), 1e-9);
        assertEquals(Math.exp(-(score.logProb() - score.endLogProb()) / 4), score.perplexityWithoutEnds(), 1e-9);
        assertEquals(Math.exp(-(score.logProb() - unknown) / 5), score.perplexityWithoutUnknown(), 1e-4);
    }

    @Test
    void aContextServesItsModelOnly() {
        NgramModel model = Trie.model();
        NgramModel other = Trie.model();
        NgramContext context = other.context();
        var row = MemorySegment.ofArray(new float[model.size()]);
        for (Executable use : List.<Executable>of(
                () -> model.begin(context),
                () -> model.advance(context, Trie.A),
                () -> model.logProb(context, Trie.A),
                () -> model.logProbs(context, row, 0),
                () -> model.context().copyFrom(context))) {
            InputException error = assertThrows(InputException.class, use);
            assertTrue(error.getMessage().startsWith("context: belongs to the model"), error.getMessage());
        }
        assertThrows(InputException.class, () -> model.count(0));
        assertThrows(InputException.class, () -> model.count(4));
        assertEquals(2, model.count(3));
    }

    @Test
    void sentencesHaveNoMarks() {
        InputException error = assertThrows(InputException.class, () -> NgramScore.of(Trie.model(), "a\nb </s> a"));
        assertTrue(error.getMessage().startsWith("line 2: is a sentence"), error.getMessage());
        assertTrue(error.getMessage().contains("'</s>'"), error.getMessage());
        assertThrows(InputException.class, () -> NgramScore.of(Trie.model(), "\n \n"));
    }

    @Test
    void filesAreAskedWhereTheyLie() throws IOException {
        Path path = folder.resolve("m.rondo");
        new RondoFileWriter()
                .metadata("task", LanguageModel.TASK)
                .text(Trie.TEXT)
                .ngrams(Trie.table(false))
                .write(path);
        NgramModel ngrams;
        NgramContext context;
        try (Model model = Model.open(path)) {
            InputException other = assertThrows(InputException.class, () -> LanguageModel.of(model));
            assertTrue(other.getMessage().contains("dev.rondo.ngram.NgramModel"), other.getMessage());
            ngrams = NgramModel.of(model);
            context = after(ngrams, Trie.BEGIN, Trie.A);
            assertEquals(Math.log(0.7), ngrams.logProb(context, Trie.B), TOLERANCE);
            List<String> pieces = new ArrayList<>();
            int count =
                    new NgramGenerator(ngrams).generate("a", 9, Sampling.of(1).withTemperature(0), pieces::add);
            // b is likeliest after "<s> a", then its end.
            assertEquals(List.of(" b"), pieces);
            assertEquals(1, count);
        }
        assertThrows(IllegalStateException.class, () -> ngrams.logProb(context, Trie.B));
    }

    @Test
    void repetitionCountsThePromptAndWhatWasGenerated() {
        var generator = new NgramGenerator(Trie.model());
        // Far below 1, so that what was read is what comes.
        Sampling again = Sampling.GREEDY.withRepetitionPenalty(0.1);
        var pieces = new ArrayList<String>();
        generator.generate("b", 2, Sampling.GREEDY, pieces::add);
        assertEquals(List.of(), pieces);
        generator.generate("b", 2, again, pieces::add);
        assertEquals(List.of(" b", " b"), pieces);
        pieces.clear();
        generator.generate("", 2, again, pieces::add);
        assertEquals(List.of("a", " a"), pieces);
    }

    @Test
    void otherModelsAreRefused() throws IOException {
        Path path = folder.resolve("m.rondo");
        new RondoFileWriter()
                .metadata("task", LanguageModel.TASK)
                .text(Trie.TEXT)
                .write(path);
        try (Model model = Model.open(path)) {
            InputException error = assertThrows(InputException.class, () -> NgramModel.of(model));
            assertTrue(error.getMessage().contains("got no n-grams"), error.getMessage());
        }
    }

    @Test
    void queriesAllocateNothing() {
        NgramModel model = Trie.model();
        NgramContext context = model.context();
        var steps = new NgramSteps(model);
        int[] tokens = {Trie.BEGIN, Trie.BEGIN, Trie.BEGIN, Trie.BEGIN};
        int[] parents = {1, 0, 2, 3, 3, 2};
        int[] kept = {1};
        MemorySegment row = MemorySegment.ofArray(new float[5]);
        Runnable work = () -> {
            for (int i = 0; i < 100; i++) {
                model.begin(context);
                model.advance(context, Trie.A);
                model.logProb(context, Trie.B);
                model.logProbs(context, row, 0);
                steps.begin(2);
                steps.step(tokens);
                steps.regroup(2, parents);
                steps.step(tokens);
                steps.keep(kept, 1);
                steps.step(tokens);
            }
        };
        for (int i = 0; i < 200; i++) {
            work.run();
        }
        var memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            long before = memory.getCurrentThreadAllocatedBytes();
            work.run();
            least = Math.min(least, memory.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least);
    }

    @Test
    void stepsAreTheModelRowByRow() {
        NgramModel model = Trie.model();
        var steps = new NgramSteps(model);
        steps.begin(2);
        steps.step(new int[] {Trie.BEGIN, Trie.A});
        steps.regroup(2, new int[] {0, 0, 1, 1});
        assertEquals(4, steps.rows());
        steps.step(new int[] {Trie.A, Trie.B, Trie.A, Trie.B});
        steps.regroup(2, new int[] {1, 0, 2, 2});
        steps.keep(new int[] {1, 0}, 2);
        steps.step(new int[] {Trie.A, Trie.B, Trie.END, Trie.A});
        int[][] read = {
            {Trie.A, Trie.A, Trie.A},
            {Trie.A, Trie.A, Trie.B},
            {Trie.BEGIN, Trie.B, Trie.END},
            {Trie.BEGIN, Trie.A, Trie.A}
        };
        for (int i = 0; i < read.length; i++) {
            var want = new float[5];
            model.logProbs(after(model, read[i]), MemorySegment.ofArray(want), 0);
            var got = new float[5];
            MemorySegment.ofArray(got).copyFrom(steps.scores().asSlice(20L * i, 20));
            assertArrayEquals(want, got, "row " + i);
        }
        assertTrue(steps.scored());
        assertEquals(5, steps.vocabularySize());
    }
}
