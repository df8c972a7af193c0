package dev.rondo.train.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.format.Segmentation;
import dev.rondo.format.TextPipeline;
import dev.rondo.text.Tokenizer;
import dev.rondo.train.Clipping;
import dev.rondo.train.LearningRate;
import dev.rondo.train.Optimizer;
import dev.rondo.train.Penalty;
import dev.rondo.train.Schedule;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.StepReport;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.tagging.TaggedSentence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkTrainingTest {
    @TempDir
    private Path folder;

    static TrainingSettings training(double rate, int epochs, int threads) {
        return new TrainingSettings(
                Optimizer.adam(),
                new LearningRate(rate, 0, new Schedule.Constant()),
                Penalty.NONE,
                new Clipping.GlobalNorm(5),
                epochs,
                0,
                0,
                0,
                1,
                List.of(),
                2,
                threads,
                3);
    }

    /** Words of which one decides the class: the class is its last letter. */
    static List<LabelledText> texts(int count, long seed) {
        var random = SeededRandom.of(seed);
        var texts = new ArrayList<LabelledText>();
        for (int i = 0; i < count; i++) {
            int label = random.nextInt(3);
            var words = new ArrayList<String>();
            for (int k = random.nextInt(5); k >= 0; k--) {
                words.add("w" + random.nextInt(20));
            }
            words.add(random.nextInt(words.size() + 1), "key" + "abc".charAt(label));
            texts.add(new LabelledText(String.join(" ", words), "" + "ABC".charAt(label)));
        }
        return texts;
    }

    private static TextPipeline text(Model model, String name) {
        return model.texts().stream()
                .filter(t -> t.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static NetworkData data() {
        return new NetworkData.Texts(new Parts<>(texts(200, 1), texts(50, 2), texts(40, 3)));
    }

    private static NetworkTrainingSettings.Builder settings(int epochs, int threads) {
        return NetworkTrainingSettings.builder("embedding(8) gru(8, bidirectional) dropout(0.1) pool(max)")
                .units(new TextUnits(Segmentation.WORDS, false, 0, 1, 0, 0.3))
                .batchSize(16)
                .training(training(0.02, epochs, threads));
    }

    private NetworkResult run(NetworkTrainingSettings settings, NetworkData data, String name) throws IOException {
        return NetworkTraining.run(settings, data, folder.resolve(name), Optional.empty(), TrainingListener.SILENT);
    }

    @Test
    void aClassifierLearnsAndItsFileAnswers() throws IOException {
        NetworkResult result = run(settings(8, 2).build(), data(), "classes.rondo");
        assertTrue(result.training().best().quality() > 95, result.toString());
        NetworkScores test = result.test().orElseThrow();
        assertEquals(40, test.samples());
        assertEquals(List.of("A", "B", "C"), test.labels());
        assertTrue(test.accuracy() > 0.95, "" + test.accuracy());
        try (Model model = Model.load(folder.resolve("classes.rondo"))) {
            assertEquals("classifier", model.metadata().get("task"));
            assertEquals(List.of("A", "B", "C"), text(model, "labels").vocabulary());
            int right = 0;
            for (LabelledText text : texts(40, 3)) {
                int[] ids = Tokenizer.of(text(model, "words")).encode(text.text());
                Call call =
                        model.session(Capacity.of("B", 1).and("T", ids.length)).call("sequence");
                call.input("tokens").copyFrom(ids);
                call.input("lengths").copyFrom(new int[] {ids.length});
                call.run();
                int found = (int) call.output("class").getLong(0);
                right += test.labels().get(found).equals(text.label()) ? 1 : 0;
            }
            assertEquals(Math.round(40 * test.accuracy()), right);
        }
    }

    @Test
    void threadsDoNotChangeTheFileAndAnotherSeedDoes() throws IOException {
        run(settings(2, 1).build(), data(), "one");
        run(settings(2, 2).build(), data(), "two");
        byte[] one = Files.readAllBytes(folder.resolve("one"));
        assertArrayEquals(one, Files.readAllBytes(folder.resolve("two")));
    }

    /** Stops after a step. */
    private record StopAfter(long last, long[] seen) implements TrainingListener {
        @Override
        public void step(StepReport report) {
            seen[0] = report.step();
        }

        @Override
        public boolean stopRequested() {
            return seen[0] == last;
        }
    }

    @Test
    void aRunThatIsStoppedGoesOnBitForBit() throws IOException {
        NetworkTrainingSettings settings = settings(3, 2).build();
        run(settings, data(), "whole");
        Path out = folder.resolve("resumed");
        Path checkpoint = folder.resolve("checkpoint");
        NetworkResult stopped =
                NetworkTraining.run(settings, data(), out, Optional.of(checkpoint), new StopAfter(20, new long[1]));
        assertEquals(TrainingResult.Ending.STOPPED, stopped.training().ending());
        assertFalse(Files.exists(out) || stopped.validation().isPresent());
        NetworkTraining.resume(checkpoint, data(), NetworkStart.RANDOM, out, 1, TrainingListener.SILENT);
        assertArrayEquals(Files.readAllBytes(folder.resolve("whole")), Files.readAllBytes(out));
    }

    @Test
    void settingsSurviveTheCheckpoint() {
        NetworkTrainingSettings settings = settings(3, 2)
                .objective(new ObjectiveSettings(ObjectiveSettings.Kind.CROSS_ENTROPY, 0.1, true))
                .judge(NetworkTrainingSettings.Judge.LOSS)
                .scaling(NumberScaling.UNIT)
                .build();
        assertEquals(settings, NetworkTrainingSettingsText.read(NetworkTrainingSettingsText.write(settings), 2));
    }

    @Test
    void balancedClassesWeighAlikeInTraining() {
        var texts = new ArrayList<LabelledText>();
        for (int i = 0; i < 200; i++) {
            texts.add(new LabelledText("word", i % 10 == 0 ? "rare" : "usual"));
        }
        NetworkData data = new NetworkData.Texts(new Parts<>(texts, texts, List.of()));
        var builder = NetworkTrainingSettings.builder("embedding(4) pool(mean)")
                .judge(NetworkTrainingSettings.Judge.LOSS)
                .batchSize(16)
                .training(training(0.05, 4, 1));
        NetworkCorpus balanced = NetworkCorpus.of(
                builder.objective(new ObjectiveSettings(ObjectiveSettings.Kind.CROSS_ENTROPY, 0, true))
                        .build(),
                data,
                Optional.empty());
        assertEquals(5, balanced.training().weights()[0], 1e-6);
        assertEquals(200 / 2.0 / 180, balanced.training().weights()[1], 1e-6);
        assertEquals(1, balanced.validation().weights()[0]);
    }

    /** What a tagger says of a word of which a tenth has another tag: a tenth, or with weights a half. */
    @Test
    void balancedTagsWeighAlikeInTraining() throws IOException {
        var sentences = new ArrayList<TaggedSentence>();
        for (int i = 0; i < 60; i++) {
            String first = i % 5 == 0 ? "rare" : "usual";
            sentences.add(
                    i % 2 == 0
                            ? new TaggedSentence(List.of("word", "word"), List.of(first, "usual"))
                            : new TaggedSentence(
                                    List.of("word", "word", "word", "word"),
                                    List.of("usual", "usual", first, i % 15 == 0 ? "rare" : "usual")));
        }
        NetworkData data = new NetworkData.Sentences(new Parts<>(sentences, sentences, List.of()));
        long rare = sentences.stream()
                .flatMap(s -> s.tags().stream())
                .filter("rare"::equals)
                .count();
        assertEquals(14, rare);
        double share = rare / 180.0;
        for (boolean balanced : List.of(false, true)) {
            NetworkTrainingSettings settings = NetworkTrainingSettings.builder("embedding(4)")
                    .judge(NetworkTrainingSettings.Judge.LOSS)
                    .objective(new ObjectiveSettings(ObjectiveSettings.Kind.CROSS_ENTROPY, 0, balanced))
                    .batchSize(60)
                    .training(training(0.1, 60, 1))
                    .build();
            // The loss of the last evaluation, in which all tokens weigh alike.
            double loss = run(settings, data, "tags-" + balanced).training().finalLoss();
            double p = balanced ? 0.5 : share;
            assertEquals(-share * Math.log(p) - (1 - share) * Math.log(1 - p), loss, 0.02);
        }
        assertThrows(
                InputException.class, () -> new ObjectiveSettings(ObjectiveSettings.Kind.CHAIN, 0, true), "of a chain");
    }

    @Test
    void smoothingIsNoPartOfTheValidationLoss() throws IOException {
        NetworkTrainingSettings settings = settings(6, 2)
                .objective(new ObjectiveSettings(ObjectiveSettings.Kind.CROSS_ENTROPY, 0.3, false))
                .build();
        NetworkScores validation = run(settings, data(), "smooth").validation().orElseThrow();
        // The least that it could be with smoothing: the entropy of the targets 0.8, 0.1, 0.1.
        assertTrue(validation.loss() < 0.6 && validation.accuracy() > 0.95, validation.toString());
    }

    @Test
    void numbersAreScaledInTheModel() throws IOException {
        // y = 3 a - 2 b + 1000, with a of thousands and b of thousandths.
        var random = SeededRandom.of(5);
        var rows = new ArrayList<NumberSample>();
        for (int i = 0; i < 300; i++) {
            float a = (float) (5000 + 1000 * random.nextGaussian());
            float b = (float) (0.002 + 0.001 * random.nextGaussian());
            rows.add(new NumberSample(new float[][] {{a, b}}, new float[] {3 * a - 2_000_000 * b + 1000}));
        }
        NetworkData data =
                new NetworkData.Numbers(Parts.deal(rows, r -> "", 0.2, 0.2, 1), List.of("a", "b"), List.of("y"), 0, 0);
        NetworkTrainingSettings settings = NetworkTrainingSettings.builder("linear(16) tanh")
                .objective(ObjectiveSettings.of(ObjectiveSettings.Kind.SQUARED))
                .batchSize(16)
                .training(training(0.01, 60, 1))
                .build();
        NetworkResult result = run(settings, data, "numbers.rondo");
        double error = result.test().orElseThrow().error();
        // The deviation of y is about 3600.
        assertTrue(error < 300, "" + error);
        try (Model model = Model.load(folder.resolve("numbers.rondo"))) {
            assertEquals("regressor", model.metadata().get("task"));
            assertEquals("a\tb", model.metadata().get("inputs"));
            Call call = model.session(Capacity.of("B", 1)).call("predict");
            call.input("x").copyFrom(new float[] {5500, 0.001f});
            call.run();
            assertEquals(3 * 5500 - 2000 + 1000, call.output("y").get(0), 600);
        }
    }

    @Test
    void aSeriesIsForecast() throws IOException {
        var series = new StringBuilder("time,wave\n");
        for (int t = 0; t < 400; t++) {
            series.append(t).append(',').append(100 + 10 * Math.sin(t * 0.3)).append('\n');
        }
        NumberTable table = NumberTable.series(
                "wave.csv", series.toString(), List.of(new Column("wave")), List.of(new Column("wave")));
        NetworkData data = new NetworkData.Numbers(
                Parts.inOrder(table.windows(12, 2), 0.1, 0.1), table.inputs(), table.targets(), 12, 2);
        NetworkTrainingSettings settings = NetworkTrainingSettings.builder("elman(16) pool(last)")
                .objective(ObjectiveSettings.of(ObjectiveSettings.Kind.SQUARED))
                .batchSize(16)
                .training(training(0.01, 20, 2))
                .build();
        double error = run(settings, data, "wave.rondo").test().orElseThrow().error();
        assertTrue(error < 1, "" + error);
    }

    @Test
    void imagesWithBatchNormalisationBecomeClasses() throws IOException {
        // A bright column or a bright row, somewhere in noise.
        var random = SeededRandom.of(8);
        var images = new ArrayList<LabelledFeatures>();
        for (int i = 0; i < 240; i++) {
            float[] image = new float[64];
            for (int k = 0; k < 64; k++) {
                image[k] = (float) (60 * random.nextDouble());
            }
            boolean row = random.nextInt(2) == 0;
            int at = random.nextInt(8);
            for (int k = 0; k < 8; k++) {
                image[row ? at * 8 + k : k * 8 + at] = 255;
            }
            images.add(new LabelledFeatures(image, row ? "row" : "column"));
        }
        NetworkData data =
                new NetworkData.Features(Parts.deal(images, LabelledFeatures::label, 0.2, 0.2, 1), List.of());
        NetworkTrainingSettings settings = NetworkTrainingSettings.builder(
                        "image(8, 8) conv2d(6, 3) batchnorm relu residual(conv2d(6, 3) batchnorm relu) pool2d(max,"
                                + " all)")
                .scaling(NumberScaling.COMMON)
                .batchSize(16)
                .training(training(0.01, 8, 2))
                .build();
        NetworkScores test = run(settings, data, "image.rondo").test().orElseThrow();
        assertTrue(test.accuracy() > 0.9, Arrays.toString(test.predicted()));
        try (Model model = Model.load(folder.resolve("image.rondo"))) {
            int right = 0;
            List<LabelledFeatures> samples =
                    Parts.deal(images, LabelledFeatures::label, 0.2, 0.2, 1).test();
            Call call = model.session(Capacity.of("B", 1)).call("predict");
            for (LabelledFeatures sample : samples) {
                call.input("x").copyFrom(sample.values());
                call.run();
                right +=
                        test.labels().get((int) call.output("class").getLong(0)).equals(sample.label()) ? 1 : 0;
            }
            assertEquals(Math.round(samples.size() * test.accuracy()), right);
        }
    }
}
