package dev.rondo.train.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.architecture.memory.Tying;
import dev.rondo.error.InputException;
import dev.rondo.error.RondoException;
import dev.rondo.memory.Answer;
import dev.rondo.memory.QuestionAnswering;
import dev.rondo.train.Optimizer;
import dev.rondo.train.StepReport;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From stories to a file that answers. */
class MemoryNetworkTrainingTest {
    @TempDir
    Path folder;

    private static String stories(int count, long seed) throws IOException {
        var text = new StringBuilder();
        new StoryGenerator(1, 6, 3, seed).write(count, text);
        return text.toString();
    }

    private static MemoryNetworkSettings settings(
            MemoryNetworkSettings.Encoding encoding, Tying tying, int epochs, int linear) {
        return new MemoryNetworkSettings(
                16,
                20,
                2,
                tying,
                encoding,
                true,
                0.1,
                linear,
                32,
                TrainingSettings.of(Optimizer.adam(), 0.01, epochs, 1));
    }

    private TrainingResult train(MemoryNetworkSettings settings, Path out) throws IOException {
        var texts = new StoryTexts(stories(800, 1), stories(100, 2));
        return MemoryNetworkTraining.run(settings, texts, out, Optional.empty(), TrainingListener.SILENT);
    }

    @Test
    void aTrainedNetworkAnswersAndSaysWhy() throws IOException {
        Path out = folder.resolve("model.rondo");
        TrainingResult result = train(settings(MemoryNetworkSettings.Encoding.POSITION, Tying.ADJACENT, 10, 1), out);
        assertTrue(result.best().quality() > 80, result.toString());
        try (Model model = Model.open(out)) {
            QuestionAnswering answering = QuestionAnswering.of(model);
            List<StoryQuestion> questions = StoryFile.read("test", stories(100, 3));
            int right = 0;
            int attended = 0;
            for (StoryQuestion q : questions) {
                Answer answer = answering.answer(q.sentences(), q.question());
                right += answer.text().equals(q.answer()) ? 1 : 0;
                float[] last = answer.attention()[1];
                assertEquals(q.sentences().size(), last.length);
                int best = IntStream.range(0, last.length).reduce(0, (a, b) -> last[b] > last[a] ? b : a);
                attended += q.supporting().contains(best) ? 1 : 0;
                assertTrue(answer.probability() >= answer.likeliest().get(1).probability());
            }
            assertTrue(right > 80, right + " of 100");
            assertTrue(attended > 50, attended + " of 100 look at what the answer follows from");
            assertEquals(
                    Double.toString(result.best().quality()), model.metadata().get("training.validation_accuracy"));
        }
    }

    /** What a story says beyond the memory is forgotten, unknown words are read as unknown, and threads do not meet. */
    @Test
    void theFacadeTakesWhateverStories() throws Exception {
        Path out = folder.resolve("model.rondo");
        train(settings(MemoryNetworkSettings.Encoding.POSITION, Tying.ADJACENT, 10, 1), out);
        try (Model model = Model.open(out)) {
            QuestionAnswering answering = QuestionAnswering.of(model);
            var story = new ArrayList<>(Collections.nCopies(30, "John went to the kitchen."));
            story.add("Mary went to the garden.");
            Answer answer = answering.answer(story, "Where is Mary?");
            assertEquals("garden", answer.text());
            float[] attention = answer.attention()[0];
            for (int i = 0; i < 11; i++) {
                assertEquals(0, attention[i], "sentence " + i);
            }
            assertEquals(
                    "garden",
                    answering.answer(story.subList(30, 31), "Where is  Mary").text());
            answering.answer(List.of(), "Where is Mary?");
            answering.answer(List.of("Zebras yodel loudly!"), "Where is Mary?");
            assertThrows(InputException.class, () -> answering.answer(story, " ? "));
            assertThrows(InputException.class, () -> answering.answer(story, "Where " + "is ".repeat(9) + "Mary?"));
            List<StoryQuestion> questions = StoryFile.read("test", stories(60, 4));
            List<Answer> alone = questions.stream()
                    .map(q -> answering.answer(q.sentences(), q.question()))
                    .toList();
            var failures = Collections.synchronizedList(new ArrayList<Throwable>());
            var threads = new ArrayList<Thread>();
            for (int t = 0; t < 4; t++) {
                threads.add(Thread.ofPlatform()
                        .uncaughtExceptionHandler((_, e) -> failures.add(e))
                        .start(() -> {
                            var session = answering.session();
                            for (int i = 0; i < questions.size(); i++) {
                                StoryQuestion q = questions.get(i);
                                assertEquals(alone.get(i), session.answer(q.sentences(), q.question()));
                            }
                        }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), failures);
        }
    }

    @Test
    void everyEncodingAndTyingLearns() throws IOException {
        for (MemoryNetworkSettings.Encoding encoding : MemoryNetworkSettings.Encoding.values()) {
            for (Tying tying : Tying.values()) {
                Path out = folder.resolve("model.rondo");
                TrainingResult result = train(settings(encoding, tying, 3, 0), out);
                // Who always says one of six rooms is right once in six times.
                assertTrue(result.best().quality() > 35, encoding + ", " + tying + ": " + result.best());
                try (Model model = Model.open(out)) {
                    QuestionAnswering.of(model).answer(List.of("Mary went to the garden."), "Where is Mary?");
                }
            }
        }
    }

    /** A run that was stopped goes on to the same bits; one of other stories does not. */
    @Test
    void aStoppedRunGoesOn() throws IOException {
        MemoryNetworkSettings settings = settings(MemoryNetworkSettings.Encoding.POSITION, Tying.LAYER_WISE, 2, 1);
        Path whole = folder.resolve("whole.rondo");
        train(settings, whole);
        var texts = new StoryTexts(stories(800, 1), stories(100, 2));
        Path checkpoint = folder.resolve("checkpoint");
        Path parts = folder.resolve("parts.rondo");
        var stop = new TrainingListener() {
            private long steps;

            @Override
            public void step(StepReport report) {
                steps = report.step();
            }

            @Override
            public boolean stopRequested() {
                return steps == 35;
            }
        };
        TrainingResult stopped = MemoryNetworkTraining.run(settings, texts, parts, Optional.of(checkpoint), stop);
        assertEquals(TrainingResult.Ending.STOPPED, stopped.ending());
        var others = new StoryTexts(stories(1200, 9), texts.validation());
        assertThrows(
                RondoException.class,
                () -> MemoryNetworkTraining.resume(checkpoint, others, parts, 1, TrainingListener.SILENT));
        MemoryNetworkTraining.resume(checkpoint, texts, parts, 1, TrainingListener.SILENT);
        assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(parts));
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        TrainingSettings training = TrainingSettings.of(Optimizer.adam(), 0.01, 1, 1);
        var position = MemoryNetworkSettings.Encoding.POSITION;
        List<Runnable> wrong = List.of(
                () -> new MemoryNetworkSettings(0, 20, 2, Tying.ADJACENT, position, true, 0.1, 0, 32, training),
                () -> new MemoryNetworkSettings(16, 0, 2, Tying.ADJACENT, position, true, 0.1, 0, 32, training),
                () -> new MemoryNetworkSettings(16, 20, 0, Tying.ADJACENT, position, true, 0.1, 0, 32, training),
                () -> new MemoryNetworkSettings(16, 20, 2, Tying.ADJACENT, position, true, 1, 0, 32, training),
                () -> new MemoryNetworkSettings(16, 20, 2, Tying.ADJACENT, position, true, 0.1, -1, 32, training),
                () -> new MemoryNetworkSettings(16, 20, 2, Tying.ADJACENT, position, true, 0.1, 0, 0, training));
        wrong.forEach(one -> assertThrows(InputException.class, one::run));
    }
}
