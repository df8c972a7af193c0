package dev.rondo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.rondo.decode.Sampling;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.StateException;
import dev.rondo.format.SpecialIds;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageModelTest {
    private static final List<String> CHARACTERS = List.of("\n", " ", "a", "b", "c", "d", "e");
    private static final List<String> MARKED = List.of("<s>", "</s>", "a", "b", "c");
    private static final SpecialIds MARKS = new SpecialIds(-1, 0, 1, -1);

    @TempDir
    Path folder;

    private final TinyLanguageModel tiny = new TinyLanguageModel(CHARACTERS, SpecialIds.NONE, true);
    private final TinyLanguageModel marked = new TinyLanguageModel(MARKED, MARKS, true);

    private Model open(TinyLanguageModel model) throws IOException {
        return Model.open(model.write(folder.resolve("model.rondo"), LanguageModel.TASK));
    }

    private static int[] ids(int count, int size) {
        return new SplittableRandom(3).ints(count, 0, size).toArray();
    }

    /** What each step says about the token after it. */
    private static double[] expected(TinyLanguageModel model, int... path) {
        double[][] all = model.logProbs(path);
        return IntStream.range(0, path.length - 1)
                .mapToDouble(i -> all[i][path[i + 1]])
                .toArray();
    }

    @Test
    void scoreIsThatOfEachNextToken() throws IOException {
        try (Model model = open(tiny)) {
            Score score = LanguageModel.of(model).score("abba\n e");
            int[] path = {2, 3, 3, 2, 0, 1, 6};
            assertArrayEquals(expected(tiny, path), score.logProbs(), 1e-5);
            assertEquals(6, score.tokens());
            assertEquals(Arrays.stream(expected(tiny, path)).sum(), score.logProb(), 1e-4);
            assertEquals(Math.pow(Math.exp(score.logProb()), -1.0 / 6), score.perplexity(), 1e-9);
        }
    }

    @Test
    void firstTokenIsPredictedFromTheBegin() throws IOException {
        try (Model model = open(marked)) {
            Score score = LanguageModel.of(model).score("ab");
            assertArrayEquals(expected(marked, 0, 2, 3), score.logProbs(), 1e-5);
            assertEquals(1, LanguageModel.of(model).score("c").tokens());
        }
    }

    @Test
    void probabilitiesOfAllTextsOfOneLengthAddUpToOne() throws IOException {
        try (Model model = open(marked)) {
            LanguageModel language = LanguageModel.of(model);
            double sum = 0;
            for (int a = 0; a < 5; a++) {
                for (int b = 0; b < 5; b++) {
                    sum += Math.exp(language.score(a, b).logProb());
                }
            }
            assertEquals(1, sum, 1e-5);
        }
    }

    @Test
    void uniformModelHasTheVocabularysSizeAsPerplexity() throws IOException {
        try (Model model = open(new TinyLanguageModel(CHARACTERS, SpecialIds.NONE, true).uniform())) {
            assertEquals(7, LanguageModel.of(model).score("abcabc").perplexity(), 1e-9);
        }
    }

    @Test
    void chunksGiveWhatStepsGive() throws IOException {
        int[] text = ids(300, CHARACTERS.size());
        double[] chunks;
        try (Model model = open(tiny)) {
            chunks = LanguageModel.of(model, Model.Kernel.PLAIN).score(text).logProbs();
        }
        double[] steps;
        try (Model model = open(new TinyLanguageModel(CHARACTERS, SpecialIds.NONE, false))) {
            steps = LanguageModel.of(model, Model.Kernel.PLAIN).score(text).logProbs();
        }
        assertArrayEquals(steps, chunks, 1e-6);
        assertArrayEquals(expected(tiny, text), chunks, 1e-5);
    }

    @Test
    void textsTooShortAreRefused() throws IOException {
        try (Model model = open(tiny)) {
            LanguageModel language = LanguageModel.of(model);
            assertTrue(assertThrows(InputException.class, () -> language.score("a"))
                    .getMessage()
                    .contains("two tokens"));
            assertThrows(InputException.class, () -> language.score(""));
            assertThrows(InputException.class, () -> language.score(1, 7));
        }
    }

    @Test
    void greedyTextFollowsTheLikeliest() throws IOException {
        try (Model model = open(tiny)) {
            LanguageModel language = LanguageModel.of(model);
            var path = new ArrayList<>(List.of(2, 3));
            for (int i = 0; i < 30; i++) {
                double[][] all = tiny.logProbs(path.stream().mapToInt(x -> x).toArray());
                double[] last = all[all.length - 1];
                path.add(IntStream.range(0, last.length)
                        .boxed()
                        .max((a, b) -> Double.compare(last[a], last[b]))
                        .orElseThrow());
            }
            String expected = language.tokenizer()
                    .decode(path.stream().skip(2).mapToInt(x -> x).toArray());
            assertEquals(expected, text(language, "ab", 30, Sampling.GREEDY));
        }
    }

    private static String text(LanguageModel language, String prompt, int length, Sampling sampling) {
        var text = new StringBuilder();
        language.generate(prompt, length, sampling, piece -> {
            text.append(piece);
            return true;
        });
        return text.toString();
    }

    @Test
    void seedsDecide() throws IOException {
        try (Model model = open(tiny)) {
            LanguageModel language = LanguageModel.of(model);
            String first = text(language, "a", 100, Sampling.of(1));
            assertEquals(first, text(language, "a", 100, Sampling.of(1)));
            assertNotEquals(first, text(language, "a", 100, Sampling.of(2)));
            assertEquals(first.substring(0, 40), text(language, "a", 40, Sampling.of(1)));
        }
    }

    @Test
    void readerStopsTheText() throws IOException {
        try (Model model = open(tiny)) {
            LanguageModel language = LanguageModel.of(model);
            var pieces = new ArrayList<String>();
            int count = language.generate("a", 100, Sampling.of(1), piece -> {
                pieces.add(piece);
                return pieces.size() < 7;
            });
            assertEquals(7, count);
            assertEquals(7, pieces.size());
            assertEquals(0, language.generate("a", 0, Sampling.of(1), _ -> true));
            assertThrows(InputException.class, () -> language.generate("a", -1, Sampling.of(1), _ -> true));
        }
    }

    @Test
    void endTokenStopsTheText() throws IOException {
        try (Model model = open(marked)) {
            LanguageModel language = LanguageModel.of(model);
            int end = MARKS.end();
            TextGenerator generator = language.generator(Sampling.of(5));
            generator.feed(MARKS.begin());
            int until = 0;
            while (generator.next() != end) {
                until++;
            }
            assertTrue(until < 1_000);
            assertEquals(until, language.generate("", 1_000, Sampling.of(5), _ -> true));
        }
    }

    @Test
    void emptyPromptStartsAtALineBreakOrNeedsOne() throws IOException {
        try (Model model = open(tiny)) {
            LanguageModel language = LanguageModel.of(model);
            assertEquals(text(language, "\n", 50, Sampling.of(1)), text(language, "", 50, Sampling.of(1)));
        }
        try (Model model = open(new TinyLanguageModel(List.of("a", "b"), SpecialIds.NONE, true))) {
            LanguageModel language = LanguageModel.of(model);
            assertTrue(assertThrows(InputException.class, () -> text(language, "", 5, Sampling.GREEDY))
                    .getMessage()
                    .startsWith("prompt"));
        }
    }

    @Test
    void generatorReadsAgainAfterPicks() throws IOException {
        try (Model model = open(tiny)) {
            LanguageModel language = LanguageModel.of(model);
            TextGenerator generator = language.generator(Sampling.GREEDY);
            assertThrows(StateException.class, generator::next);
            generator.feed(2);
            int first = generator.next();
            generator.feed(3, 4);
            double[][] all = tiny.logProbs(2, first, 3, 4);
            double[] last = all[3];
            int best = IntStream.range(0, 7)
                    .boxed()
                    .max((a, b) -> Double.compare(last[a], last[b]))
                    .orElseThrow();
            assertEquals(best, generator.next());
        }
    }

    @Test
    void aGeneratedCharacterAllocatesNothing() throws IOException {
        // On plain kernels, which need no warm-up; that vector kernels allocate nothing is for their own tests.
        assertEquals(0, allocated(Model.Kernel.PLAIN, 100_000));
    }

    /** Bytes allocated by 2,000 characters, the least that was seen among as many as given. */
    private long allocated(Model.Kernel kernel, int characters) throws IOException {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Model model = open(tiny)) {
            LanguageModel language = LanguageModel.of(model, kernel);
            long[] seen = {0, threads.getCurrentThreadAllocatedBytes(), Long.MAX_VALUE};
            language.generate("a", characters, Sampling.of(1).withTopK(5).withTopP(0.95), _ -> {
                if (++seen[0] % 2_000 == 0) {
                    long now = threads.getCurrentThreadAllocatedBytes();
                    seen[2] = Math.min(seen[2], now - seen[1]);
                    seen[1] = now;
                }
                return seen[2] > 0;
            });
            return seen[2];
        }
    }

    @Test
    void otherTasksAreRefusedWithTheReason() throws IOException {
        Path path = tiny.write(folder.resolve("tagger.rondo"), "tagger");
        try (Model model = Model.open(path)) {
            String message = assertThrows(InputException.class, () -> LanguageModel.of(model))
                    .getMessage();
            assertTrue(message.contains("the task tagger"), message);
        }
        try (Model model = Model.open(tiny.write(folder.resolve("none.rondo"), null))) {
            assertTrue(assertThrows(InputException.class, () -> LanguageModel.of(model))
                    .getMessage()
                    .contains("no task"));
        }
    }

    @Test
    void numbersThatAreNoneAreNamed() throws IOException {
        try (Model model = open(new TinyLanguageModel(CHARACTERS, SpecialIds.NONE, true).broken())) {
            LanguageModel language = LanguageModel.of(model);
            assertTrue(assertThrows(InputException.class, () -> language.score("abc"))
                    .getMessage()
                    .startsWith("logits"));
            assertTrue(assertThrows(InputException.class, () -> text(language, "a", 5, Sampling.GREEDY))
                    .getMessage()
                    .contains("NaN for token 0"));
        }
    }

    @Test
    void aModelWithoutVocabularyTakesIds() throws IOException {
        // A vocabulary of another size is refused when the facade is made, not at the first text.
        var wrong = new TinyLanguageModel(CHARACTERS, SpecialIds.NONE, false);
        Path path = wrong.write(folder.resolve("wrong.rondo"), LanguageModel.TASK, List.of("a", "b"));
        try (Model model = Model.open(path)) {
            assertThrows(FormatException.class, () -> LanguageModel.of(model));
        }
        Path bare = tiny.write(folder.resolve("bare.rondo"), LanguageModel.TASK, List.of());
        try (Model model = Model.open(bare)) {
            LanguageModel language = LanguageModel.of(model);
            assertArrayEquals(expected(tiny, 1, 2, 3), language.score(1, 2, 3).logProbs(), 1e-5);
            assertThrows(StateException.class, () -> language.score("abc"));
        }
    }
}
