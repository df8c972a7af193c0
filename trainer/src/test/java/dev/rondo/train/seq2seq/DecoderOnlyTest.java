package dev.rondo.train.seq2seq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.architecture.Cell;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Regularisation;
import dev.rondo.format.Encoding;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.data.PairVocabulary;
import dev.rondo.train.data.ParallelText;
import dev.rondo.translation.Translator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A translator without an encoder: a language model of pairs that a token joins. */
class DecoderOnlyTest {
    @TempDir
    private Path folder;

    private static final ReversedWords WORDS = new ReversedWords(5, 3);

    private static EncoderDecoderSettings settings(NetworkSettings network, int epochs) {
        PairVocabulary words = PairVocabulary.words(0, 1);
        return EncoderDecoderSettings.builder()
                .vocabulary(new PairVocabulary(words.unit(), words.normalisation(), 0, false, true, 0, 1))
                .network(network)
                .regularisation(new Regularisation(0, 0, 0, 0, 0, 0))
                .batchSize(32)
                .encoding(Encoding.F32)
                .validation(new ValidationSettings(ValidationSettings.Measure.LOSS, 1))
                .training(ReversedWords.training(epochs, 1, 2, 3))
                .build();
    }

    private static DecoderSettings layers(int hidden, int layers) {
        return new DecoderSettings(hidden, layers, Connection.NONE, false);
    }

    private TrainingResult train(NetworkSettings.Builder network, int epochs, int pairs, Path out) throws IOException {
        return EncoderDecoderTraining.run(
                settings(network.build(), epochs), WORDS.texts(pairs), out, Optional.empty(), TrainingListener.SILENT);
    }

    @Test
    void learnsToReverse() throws IOException {
        Path out = folder.resolve("reverse.rondo");
        TrainingResult result =
                train(NetworkSettings.decoderOnly(new Cell.Gru(true), 24, layers(48, 1), false), 6, 2000, out);
        assertTrue(result.best().loss() < 0.1, result.toString());
        try (Model model = Model.load(out)) {
            Translator translator = Translator.of(model);
            for (int beam : new int[] {1, 4}) {
                int right = WORDS.right(translator, beam);
                assertTrue(right >= 57, right + " of 60 with a beam of " + beam);
            }
            ParallelText held = WORDS.held();
            double sum = 0;
            int tokens = 0;
            for (int i = 0; i < held.size(); i++) {
                sum -= translator.score(held.sources().get(i), held.targets().get(i));
                tokens += 1 + translator.target().encode(held.targets().get(i)).length;
            }
            assertEquals(result.best().loss(), sum / tokens, 1e-4);
        }
    }

    /** Reading the source in {@code encode}, or token by token in {@code step} and the begin token after it, is the same. */
    @Test
    void itsStepAloneReadsTheWholePair() throws IOException {
        List<NetworkSettings.Builder> networks = List.of(
                NetworkSettings.decoderOnly(new Cell.Gru(true), 8, layers(12, 1), false),
                NetworkSettings.decoderOnly(new Cell.Lstm(), 12, layers(12, 2), true),
                NetworkSettings.decoderOnly(new Cell.Lstm(), 8, layers(12, 2), true)
                        .output(new OutputSettings(
                                OutputSettings.Readout.TANH,
                                0,
                                false,
                                OutputSettings.Kind.GENERATE,
                                OutputSettings.Tie.ALL)));
        for (NetworkSettings.Builder network : networks) {
            Path out = folder.resolve("joined.rondo");
            train(network, 1, 100, out);
            try (Model model = Model.load(out)) {
                Translator translator = Translator.of(model);
                assertEquals(translator.source().size(), translator.target().size());
                assertEquals(wholePair(model, translator, "a b c", "c b"), translator.score("a b c", "c b"), 1e-4);
            }
        }
    }

    private static double wholePair(Model model, Translator translator, String source, String target) {
        var tokens = new ArrayList<Integer>();
        for (int id : translator.source().encode(source)) {
            tokens.add(id);
        }
        int separator = tokens.size();
        tokens.add(translator.target().pipeline().special().begin());
        for (int id : translator.target().encode(target)) {
            tokens.add(id);
        }
        tokens.add(translator.target().pipeline().special().end());
        Call step = model.session(Capacity.of("B", 1).and("K", 1)).call("step");
        float[] logits = new float[translator.target().size()];
        double logProb = 0;
        for (int i = 0; i + 1 < tokens.size(); i++) {
            step.input("token").set(0, (long) tokens.get(i));
            step.run();
            if (i >= separator) {
                step.output("logits").copyTo(logits);
                double sum = 0;
                for (float logit : logits) {
                    sum += Math.exp(logit);
                }
                logProb += logits[tokens.get(i + 1)] - Math.log(sum);
            }
        }
        return logProb;
    }
}
