package dev.rondo.train.seq2seq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.Regularisation;
import dev.rondo.error.InputException;
import dev.rondo.format.Encoding;
import dev.rondo.train.StepReport;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.data.PairVocabulary;
import dev.rondo.translation.Translator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncoderDecoderTrainingTest {
    @TempDir
    private Path folder;

    private static final ReversedWords WORDS = new ReversedWords(6, 5);

    private static NetworkSettings network() {
        return NetworkSettings.builder()
                .embeddingSize(24)
                .encoder(new EncoderSettings.Recurrent(24, 1, true, Connection.NONE))
                .decoder(new DecoderSettings(24, 1, Connection.NONE, false))
                .attention(new AttentionSettings(AttentionSettings.Score.ADDITIVE, 24, 1, Attention.Query.BETWEEN))
                .build();
    }

    private static TrainingSettings training(int epochs, int average, int threads) {
        return ReversedWords.training(epochs, average, threads, 7);
    }

    private static EncoderDecoderSettings.Builder settings() {
        return EncoderDecoderSettings.builder()
                .vocabulary(PairVocabulary.words(0, 1))
                .network(network())
                .regularisation(new Regularisation(0, 0, 0, 0, 0, 0.05))
                .batchSize(32)
                .encoding(Encoding.F32)
                .training(training(2, 2, 2));
    }

    private byte[] trained(EncoderDecoderSettings settings, PairTexts texts, String name) throws IOException {
        Path out = folder.resolve(name);
        EncoderDecoderTraining.run(settings, texts, out, Optional.empty(), TrainingListener.SILENT);
        return Files.readAllBytes(out);
    }

    @Test
    void learnsToReverse() throws IOException {
        EncoderDecoderSettings settings = settings().training(training(8, 1, 2)).build();
        TrainingResult result = EncoderDecoderTraining.run(
                settings,
                WORDS.texts(2000),
                folder.resolve("reverse.rondo"),
                Optional.empty(),
                TrainingListener.SILENT);
        assertTrue(result.best().quality() > 99, result.toString());
        assertTrue(result.bestPerplexity() < 1.2, result.toString());
        // What was trained is what runs: the file translates as the trainer said.
        try (Model model = Model.load(folder.resolve("reverse.rondo"))) {
            assertEquals(EncoderDecoder.TASK, model.metadata().get("task"));
            int right = WORDS.right(Translator.of(model), 1);
            assertTrue(right >= 58, right + " of 60");
            assertEquals(
                    result.best().quality(), Double.parseDouble(model.metadata().get("training.validation_bleu")));
        }
    }

    @Test
    void threadsDoNotChangeTheFileAndAnotherSeedDoes() throws IOException {
        PairTexts texts = WORDS.texts(300);
        byte[] two = trained(settings().build(), texts, "two");
        byte[] one = trained(settings().training(training(2, 2, 1)).build(), texts, "one");
        assertArrayEquals(two, one);
        // The parameters, not only the seed in the metadata, which has one digit.
        byte[] other =
                trained(settings().training(ReversedWords.training(2, 2, 2, 8)).build(), texts, "other");
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
        PairTexts texts = WORDS.texts(300);
        EncoderDecoderSettings settings = settings()
                .regularisation(new Regularisation(0.1, 0, 0.1, 0.1, 0.1, 0.1))
                .sampling(new ScheduledSampling(0.3, 1))
                .training(training(4, 3, 2))
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
                settings().build(), WORDS.texts(100), out, Optional.of(checkpoint), new StopAfter(1, new long[1]));
        var error = assertThrows(
                InputException.class,
                () -> EncoderDecoderTraining.resume(checkpoint, WORDS.texts(101), out, 1, TrainingListener.SILENT));
        assertTrue(error.getMessage().contains("sha256"), error.getMessage());
    }
}
