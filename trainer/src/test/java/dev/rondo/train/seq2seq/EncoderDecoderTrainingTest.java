package dev.rondo.train.seq2seq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.Regularisation;
import dev.rondo.error.InputException;
import dev.rondo.format.Encoding;
import dev.rondo.search.BeamOptions;
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
import dev.rondo.train.data.PairVocabulary;
import dev.rondo.train.data.ParallelText;
import dev.rondo.translation.Translation;
import dev.rondo.translation.TranslationOptions;
import dev.rondo.translation.Translator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncoderDecoderTrainingTest {
    @TempDir
    private Path folder;

    /** Words in a row, and the same words backward. */
    private static ParallelText reversed(int pairs, long seed) {
        var random = new SeededRandom(seed);
        var sources = new ArrayList<String>();
        var targets = new ArrayList<String>();
        for (int i = 0; i < pairs; i++) {
            var words = new ArrayList<String>();
            int length = 1 + random.nextInt(5);
            for (int k = 0; k < length; k++) {
                words.add(Character.toString('a' + random.nextInt(6)));
            }
            sources.add(String.join(" ", words));
            targets.add(String.join(" ", words.reversed()));
        }
        return new ParallelText(sources, targets);
    }

    private static PairTexts texts(int pairs) {
        return new PairTexts(reversed(pairs, 1), reversed(60, 2));
    }

    private static NetworkSettings.Builder network() {
        return NetworkSettings.builder()
                .embeddingSize(24)
                .encoderHiddenSize(24)
                .hiddenSize(24)
                .attentionSize(24);
    }

    private static TrainingSettings training(int epochs, long maxSteps, int average, int threads) {
        return training(epochs, maxSteps, average, threads, 7);
    }

    private static TrainingSettings training(int epochs, long maxSteps, int average, int threads, long seed) {
        return new TrainingSettings(
                Optimizer.adam(),
                new LearningRate(0.01, 20, new Schedule.Cosine(0.05)),
                Penalty.NONE,
                new Clipping.GlobalNorm(1),
                epochs,
                maxSteps,
                0,
                0,
                average,
                List.of(),
                2,
                threads,
                seed);
    }

    private static EncoderDecoderSettings.Builder settings() {
        return EncoderDecoderSettings.builder()
                .vocabulary(PairVocabulary.words(0, 1))
                .network(network().build())
                .regularisation(new Regularisation(0, 0, 0, 0, 0, 0.05))
                .batchSize(32)
                .encoding(Encoding.F32)
                .training(training(2, 0, 2, 2));
    }

    private byte[] trained(EncoderDecoderSettings settings, PairTexts texts, String name) throws IOException {
        Path out = folder.resolve(name);
        EncoderDecoderTraining.run(settings, texts, out, Optional.empty(), TrainingListener.SILENT);
        return Files.readAllBytes(out);
    }

    @Test
    void learnsToReverse() throws IOException {
        EncoderDecoderSettings settings =
                settings().training(training(8, 0, 1, 2)).build();
        TrainingResult result = EncoderDecoderTraining.run(
                settings, texts(2000), folder.resolve("reverse.rondo"), Optional.empty(), TrainingListener.SILENT);
        assertTrue(result.best().quality() > 99, result.toString());
        assertTrue(result.bestPerplexity() < 1.2, result.toString());
        // What was trained is what runs: the file translates as the trainer said.
        ParallelText held = reversed(60, 2);
        try (Model model = Model.load(folder.resolve("reverse.rondo"))) {
            assertEquals(EncoderDecoder.TASK, model.metadata().get("task"));
            List<Translation> translations =
                    Translator.of(model).translate(held.sources(), TranslationOptions.of(BeamOptions.of(1)));
            int right = 0;
            for (int i = 0; i < held.size(); i++) {
                right += translations.get(i).text().equals(held.targets().get(i)) ? 1 : 0;
            }
            assertTrue(right >= 58, right + " of 60");
            assertEquals(
                    result.best().quality(), Double.parseDouble(model.metadata().get("training.validation_bleu")));
        }
    }

    @Test
    void threadsDoNotChangeTheFileAndAnotherSeedDoes() throws IOException {
        PairTexts texts = texts(300);
        byte[] two = trained(settings().build(), texts, "two");
        byte[] one = trained(settings().training(training(2, 0, 2, 1)).build(), texts, "one");
        assertArrayEquals(two, one);
        // The parameters, not only the seed in the metadata, which has one digit.
        byte[] other = trained(settings().training(training(2, 0, 2, 2, 8)).build(), texts, "other");
        assertTrue(differences(two, other) > two.length / 2);
    }

    private static int differences(byte[] a, byte[] b) {
        int differences = 0;
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            differences += a[i] == b[i] ? 0 : 1;
        }
        return differences;
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
        PairTexts texts = texts(300);
        EncoderDecoderSettings settings = settings()
                .regularisation(new Regularisation(0.1, 0, 0.1, 0.1, 0.1, 0.1))
                .sampling(new ScheduledSampling(0.3, 1))
                .training(training(4, 0, 3, 2))
                .build();
        byte[] whole = trained(settings, texts, "whole");
        // Ten steps an epoch: in the middle of the third, with two evaluations kept.
        for (long stop : new long[] {3, 24}) {
            Path checkpoint = folder.resolve("checkpoint" + stop);
            Path out = folder.resolve("resumed" + stop);
            TrainingResult stopped = EncoderDecoderTraining.run(
                    settings, texts, out, Optional.of(checkpoint), new StopAfter(stop, new long[1]));
            assertEquals(TrainingResult.Ending.STOPPED, stopped.ending());
            assertFalse(Files.exists(out));
            EncoderDecoderTraining.resume(checkpoint, texts, out, 1, TrainingListener.SILENT);
            assertArrayEquals(whole, Files.readAllBytes(out));
        }
    }

    @Test
    void aCheckpointOfOtherTextsIsRefused() throws IOException {
        Path checkpoint = folder.resolve("checkpoint");
        Path out = folder.resolve("out");
        EncoderDecoderTraining.run(
                settings().build(), texts(100), out, Optional.of(checkpoint), new StopAfter(1, new long[1]));
        var error = assertThrows(
                InputException.class,
                () -> EncoderDecoderTraining.resume(checkpoint, texts(101), out, 1, TrainingListener.SILENT));
        assertTrue(error.getMessage().contains("sha256"), error.getMessage());
    }
}
