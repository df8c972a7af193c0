package dev.rondo.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.format.RondoFile;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.search.StepFunction;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TranslationTest {
    private static final RandomTranslationModel SMALL = new RandomTranslationModel(50, 12, 20);
    private static final int[][] SOURCES = {{5, 6, 7, 8, 9, 2}, {40, 41, 42, 43, 2}, {10, 11, 2}, {12, 2}};
    private static final float[] NOTHING = {0};

    @TempDir
    private Path folder;

    private Path model() throws IOException {
        Path file = folder.resolve("model.rondo");
        SMALL.write(file, Stream.of("a", "b"));
        return file;
    }

    @Test
    void onnxRuntimeComputesTheSameThroughAllThatASearchDoes() throws IOException {
        var limits = new TranslationNetwork.Limits(SOURCES.length, 3, 6);
        try (Model model = Model.open(model());
                var ours = new RondoTranslation(model, limits);
                var theirs = new OrtTranslation(new OnnxTranslation(TranslationWeights.of(model)), limits, 1)) {
            for (long seed = 1; seed <= 3; seed++) {
                double error = TranslationAgreement.worstError(ours, theirs, SOURCES, 3, seed);
                assertTrue(error < 1e-5, "error " + error);
            }
        }
    }

    @Test
    void aSearchTranslatesTheSameOverBothAndInBatches() throws IOException {
        var plan = new TranslationPlan(SOURCES, 1, 3, 1, 2, 1, 1);
        try (Model model = Model.open(model())) {
            var onnx = new OnnxTranslation(TranslationWeights.of(model));
            for (int batch : new int[] {1, 3}) {
                TranslationPlan batched = plan.withBatch(batch);
                try (var ours = new TranslationEngine(batched, new RondoTranslation(model, batched.limits()));
                        var theirs = new TranslationEngine(batched, new OrtTranslation(onnx, batched.limits(), 1))) {
                    assertEquals(ours.run(NOTHING), theirs.run(NOTHING), 1e-4f);
                    float[] found = ours.outputs();
                    assertArrayEquals(found, theirs.outputs());
                    // At least as long as its source, and a mark after each.
                    int least =
                            Arrays.stream(SOURCES).mapToInt(s -> s.length + 1).sum();
                    assertTrue(found.length >= least, "tokens " + found.length);
                }
            }
        }
    }

    /** No token is possible. */
    private static final class Silent implements TranslationNetwork, StepFunction {
        private static final int WORDS = 4;
        private final MemorySegment scores = Arena.ofAuto().allocate(4L * 64 * WORDS, 64);
        private int sentences;
        private int width;

        @Override
        public void read(int[][] sources) {
            // Whatever it reads.
        }

        @Override
        public StepFunction steps() {
            return this;
        }

        @Override
        public void close() {
            // Nothing is open.
        }

        @Override
        public int vocabularySize() {
            return WORDS;
        }

        @Override
        public void begin(int count) {
            sentences = count;
            width = 1;
        }

        @Override
        public int sentences() {
            return sentences;
        }

        @Override
        public int width() {
            return width;
        }

        @Override
        public void step(int[] tokens) {
            for (int i = 0; i < 64 * WORDS; i++) {
                scores.setAtIndex(ValueLayout.JAVA_FLOAT, i, Float.NEGATIVE_INFINITY);
            }
        }

        @Override
        public MemorySegment scores() {
            return scores;
        }

        @Override
        public boolean scored() {
            return true;
        }

        @Override
        public void regroup(int rows, int[] parents) {
            width = rows;
        }

        @Override
        public void keep(int[] kept, int count) {
            sentences = count;
        }
    }

    @Test
    void aSentenceWithoutResultsIsAnEmptyTranslation() {
        var plan = new TranslationPlan(SOURCES, 2, 3, 1, 2, 1, 0);
        try (var engine = new TranslationEngine(plan, new Silent())) {
            assertEquals(0, engine.run(NOTHING));
            assertArrayEquals(new float[] {-1, -1, -1, -1}, engine.outputs());
        }
    }

    /** As its translator would read them, the longest first. */
    @Test
    void sourcesHaveWhatTheModelWantsAroundThem() throws IOException {
        Path around = folder.resolve("around.rondo");
        var writer = new RondoFileWriter();
        try (RondoFile file = RondoFile.load(model())) {
            file.metadata().forEach(writer::metadata);
            writer.metadata("text.source.surround", "both");
            file.texts().forEach(writer::text);
            file.functions().forEach(writer::function);
            file.tensors()
                    .forEach((name, tensor) ->
                            writer.tensor(name, tensor.encoding(), tensor.layout(), tensor.shape(), tensor::toFloats));
            writer.write(around);
        }
        try (Model plain = Model.open(folder.resolve("model.rondo"));
                Model both = Model.open(around)) {
            List<String> lines = List.of("b", "", "a b");
            assertArrayEquals(
                    new int[][] {{4, 5}, {5}},
                    TranslationTask.plan(plain, lines, 1).sources());
            assertArrayEquals(
                    new int[][] {{1, 4, 5, 2}, {1, 5, 2}},
                    TranslationTask.plan(both, lines, 1).sources());
        }
    }

    @Test
    void partsAndHalvesOfAPlanHoldItsSources() {
        var plan = new TranslationPlan(SOURCES, 1, 3, 1, 2, 1, 1);
        assertArrayEquals(new int[][] {SOURCES[1], SOURCES[3]}, plan.part(2).sources());
        assertArrayEquals(SOURCES, plan.part(9).sources());
        assertArrayEquals(new int[][] {SOURCES[1], SOURCES[3]}, plan.half(1).sources());
        assertEquals(
                List.of(3, 1),
                List.of(plan.withBatch(3).batch(0).length, plan.withBatch(3).batch(1).length));
    }

    @Test
    void modelsOfAnotherFamilyAreRefused() throws IOException {
        Path file = folder.resolve("language.rondo");
        RandomLanguageModel.write(file);
        try (Model model = Model.open(file)) {
            assertThrows(RuntimeException.class, () -> TranslationWeights.of(model));
        }
    }
}
