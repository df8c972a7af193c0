package dev.rondo.train.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.Score;
import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Dropout;
import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.architecture.LanguageModelGraph;
import dev.rondo.decode.Sampling;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.Encoding;
import dev.rondo.format.Segmentation;
import dev.rondo.graph.Activation;
import dev.rondo.train.Checkpoint;
import dev.rondo.train.Clipping;
import dev.rondo.train.GradientNoise;
import dev.rondo.train.GradientRules;
import dev.rondo.train.Initialisation;
import dev.rondo.train.LearningRate;
import dev.rondo.train.Optimizer;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.Penalty;
import dev.rondo.train.Schedule;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LanguageModelTrainingTest {
    private static String text;

    @TempDir
    Path folder;

    /** Sentences of a small grammar: worth learning, and random. */
    @BeforeAll
    static void write() {
        var random = new SeededRandom(5);
        var out = new StringBuilder();
        String[] names = {"cat", "dog", "bird"};
        String[] verbs = {"sees", "hears"};
        while (out.length() < 4000) {
            out.append("the ")
                    .append(names[random.nextInt(3)])
                    .append(' ')
                    .append(verbs[random.nextInt(2)])
                    .append(" the ")
                    .append(names[random.nextInt(3)])
                    .append(" .\n");
        }
        text = out.toString();
    }

    private static LanguageModelSettings.Builder small() {
        return LanguageModelSettings.builder()
                .embeddingSize(6)
                .hiddenSize(16)
                .batchSize(4)
                .steps(16)
                .learningRate(0.02)
                .warmUp(3)
                .epochs(2)
                .dropout(new Dropout(0, 0, 0.1))
                .encoding(Encoding.F32);
    }

    private Path train(String name, LanguageModelSettings settings) throws IOException {
        Path out = folder.resolve(name);
        LanguageModelTraining.run(settings, Texts.of(text), out, Optional.empty(), TrainingListener.SILENT);
        return out;
    }

    private static Score scoreOfTheEnd(Path file) throws IOException {
        try (Model model = Model.load(file)) {
            String end = text.substring((int) (text.length() * 0.9));
            return LanguageModel.of(model).score(end);
        }
    }

    /** A stop listener. */
    private record StopAfter(long[] left) implements TrainingListener {
        @Override
        public boolean stopRequested() {
            return --left[0] == 0;
        }
    }

    @Test
    void eachCellLearnsAndTheFileScoresAsTrainingSaid() throws IOException {
        List<Cell> cells = List.of(
                new Cell.Elman(Activation.TANH),
                new Cell.Elman(Activation.RELU),
                new Cell.Lstm(),
                new Cell.Gru(true),
                new Cell.Gru(false));
        for (Cell cell : cells) {
            Path out = folder.resolve("model");
            var settings = small().cell(cell)
                    .numLayers(2)
                    .dropout(new Dropout(0, 0.1, 0.1))
                    .build();
            TrainingResult result =
                    LanguageModelTraining.run(settings, Texts.of(text), out, Optional.empty(), TrainingListener.SILENT);
            assertTrue(result.bestLoss() < 1.5, cell.text() + ": " + result);
            Score score = scoreOfTheEnd(out);
            assertEquals(result.bestLoss(), score.crossEntropy(), 1e-5, cell.text());
            // 400 characters have several streams, which differ where they begin.
            assertEquals(result.finalLoss(), score.crossEntropy(), 0.1, cell.text());
            assertEquals(Math.exp(score.crossEntropy()), score.perplexity(), 1e-9);
        }
    }

    /** A fixed window of the last tokens (Bengio et al. 2003), and other layers than a stack of one cell. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "embedding(8) conv(16, 4, causal) tanh",
                "embedding(8) gru(12) residual(linear(12) relu) dropout(0.2)",
                "embedding(8) highway(conv(8, 3, causal) tanh) lstm(10, dropout=0.1)"
            })
    void networksOfLayers(String network) throws IOException {
        Path out = folder.resolve("model.rondo");
        TrainingResult result = LanguageModelTraining.run(
                small().network(network).build(), Texts.of(text), out, Optional.empty(), TrainingListener.SILENT);
        Score score = scoreOfTheEnd(out);
        assertEquals(result.bestLoss(), score.crossEntropy(), 1e-5, network);
        assertTrue(result.bestLoss() < 0.9 * Math.log(5), network + ": " + result.bestLoss());
    }

    @Test
    void whatSeesTheFutureIsNoLanguageModel() {
        for (String network :
                List.of("embedding(4) gru(4, bidirectional)", "embedding(4) attention", "embedding(4) conv(4, 3)")) {
            var settings = small().network(network).build();
            var refused = assertThrows(
                    InputException.class,
                    () -> LanguageModelTraining.run(
                            settings, Texts.of(text), folder.resolve("no"), Optional.empty(), TrainingListener.SILENT));
            assertTrue(refused.getMessage().contains("has to predict"), refused.getMessage());
        }
    }

    @Test
    void oneStreamOfAnEvaluationIsWhatTheFileScores() throws IOException {
        var settings = small().build();
        Corpus corpus = Corpus.of(settings, Texts.of(text));
        var workers = Workers.of(1);
        var task = new LanguageModelTask(settings, corpus, workers);
        var parameters = ParameterStore.of(task.function(), List.of());
        task.initialise(parameters, 3);
        LanguageModelArchitecture architecture = ((CellNetwork) task.network()).architecture();
        Path out = folder.resolve("model");
        LanguageModelFile.write(out, architecture, parameters, corpus.pipeline(), Encoding.F32, Map.of());
        double score = scoreOfTheEnd(out).crossEntropy();
        var graph = new LanguageModelGraph(architecture);
        for (boolean folded : new boolean[] {false, true}) {
            for (int chunk : new int[] {7, 64, 1000}) {
                var exact = new StreamEvaluation(
                        graph.evaluation(folded), parameters, corpus.validation(), 1, 9, chunk, 2, workers);
                assertEquals(score, exact.loss(), 1e-5);
            }
            // With a warm-up as long as the text before them, streams are exact too.
            var streams = new StreamEvaluation(
                    graph.evaluation(folded), parameters, corpus.validation(), 5, 90, 16, 2, workers);
            assertEquals(score, streams.loss(), 1e-3);
        }
    }

    /** Before training all characters are about equally likely: the perplexity is near V. */
    @Test
    void aModelThatKnowsNothingHasThePerplexityOfItsVocabulary() throws IOException {
        Path out =
                train("model", small().maxSteps(1).learningRate(1e-9).warmUp(0).build());
        try (Model model = Model.load(out)) {
            int size = LanguageModel.of(model).size();
            assertEquals(size, scoreOfTheEnd(out).perplexity(), 0.25 * size);
        }
    }

    @Test
    void oneSeedGivesTheSameFileWithOneThreadOrTwo() throws IOException {
        byte[] one =
                Files.readAllBytes(train("1", small().threads(1).maxSteps(40).build()));
        byte[] two =
                Files.readAllBytes(train("2", small().threads(2).maxSteps(40).build()));
        byte[] again =
                Files.readAllBytes(train("3", small().threads(2).maxSteps(40).build()));
        byte[] other = Files.readAllBytes(
                train("4", small().threads(2).maxSteps(40).seed(2).build()));
        assertArrayEquals(one, two);
        assertArrayEquals(two, again);
        assertFalse(Arrays.equals(one, other));
    }

    @Test
    void aStoppedRunThatGoesOnGivesTheSameFileAsOneThatNeverStopped() throws IOException {
        var settings = small().evaluateEvery(25).build();
        byte[] whole = Files.readAllBytes(train("whole", settings));
        Path checkpoint = folder.resolve("checkpoint");
        Path out = folder.resolve("resumed");
        TrainingResult stopped = LanguageModelTraining.run(
                settings, Texts.of(text), out, Optional.of(checkpoint), new StopAfter(new long[] {33}));
        assertEquals(TrainingResult.Ending.STOPPED, stopped.ending());
        assertFalse(Files.exists(out));
        stopped = LanguageModelTraining.resume(checkpoint, Texts.of(text), out, 1, new StopAfter(new long[] {20}));
        assertEquals(53, stopped.steps());
        TrainingResult result =
                LanguageModelTraining.resume(checkpoint, Texts.of(text), out, 2, TrainingListener.SILENT);
        assertEquals(TrainingResult.Ending.FINISHED, result.ending());
        assertArrayEquals(whole, Files.readAllBytes(out));
    }

    @Test
    void aCheckpointOfOtherTextsOrAModelIsRefused() throws IOException {
        Path checkpoint = folder.resolve("checkpoint");
        Path out = folder.resolve("model");
        LanguageModelTraining.run(
                small().maxSteps(2).build(), Texts.of(text), out, Optional.of(checkpoint), TrainingListener.SILENT);
        var other = assertThrows(
                InputException.class,
                () -> LanguageModelTraining.resume(checkpoint, Texts.of(text + "x"), out, 1, TrainingListener.SILENT));
        assertTrue(other.getMessage().contains("data.sha256"), other.getMessage());
        assertThrows(
                FormatException.class,
                () -> LanguageModelTraining.resume(out, Texts.of(text), out, 1, TrainingListener.SILENT));
        assertThrows(InputException.class, () -> {
            try (Model model = Model.load(checkpoint)) {
                LanguageModel.of(model);
            }
        });
    }

    @Test
    void settingsSurviveACheckpoint() throws IOException {
        var settings = List.of(
                LanguageModelSettings.builder().build(),
                small().cell(new Cell.Elman(Activation.parse("leaky_relu(0.1)").orElseThrow()))
                        .optimizer(new Optimizer.Sgd(0.5, true))
                        .schedule(new Schedule.Step(3, 0.7))
                        .clipping(new Clipping.ByValue(0.3))
                        .penalty(new Penalty(1e-3, 1e-4))
                        .initialisation(new Initialisation.Uniform(0.1))
                        .frozen(List.of("embedding", "layer0.*"))
                        .threads(2)
                        .build(),
                small().training(new TrainingSettings(
                                new Optimizer.Decayed(new Optimizer.RmsProp(0.9, 1e-7, 0.5), 0.01),
                                LearningRate.constant(0.01),
                                new GradientRules(
                                        Penalty.NONE,
                                        new Clipping.None(),
                                        new GradientNoise(0.3, 0.6),
                                        List.of("*bias*", "embedding")),
                                1,
                                0,
                                0,
                                0,
                                1,
                                List.of(),
                                1,
                                2,
                                1))
                        .build(),
                small().optimizer(Optimizer.adaGrad()).build(),
                small().cell(new Cell.Gru(false))
                        .optimizer(Optimizer.adam())
                        .schedule(new Schedule.Plateau(0.5, 3))
                        .clipping(new Clipping.None())
                        .initialisation(new Initialisation.He())
                        .unit(Segmentation.WORDS)
                        .vocabularySize(50)
                        .minCount(2)
                        .patience(4)
                        .build());
        for (LanguageModelSettings s : settings) {
            assertEquals(s, LanguageModelSettingsText.read(LanguageModelSettingsText.write(s), 2));
        }
    }

    @Test
    void wordsAreLearnedWithABeginAndAnUnknownToken() throws IOException {
        Path out = train(
                "words", small().unit(Segmentation.WORDS).steps(8).epochs(8).build());
        try (Model model = Model.load(out)) {
            LanguageModel language = LanguageModel.of(model);
            assertEquals(2 + 7, language.size());
            // P(w₁|<s>) counts: as many are scored as there are words.
            Score score = language.score("the cat sees the dog .");
            assertEquals(6, score.tokens());
            assertTrue(score.perplexity() < 3, score.toString());
            assertTrue(language.score("the elephant sees the dog .").perplexity() > score.perplexity());
            var written = new StringBuilder();
            language.generate("", 12, Sampling.of(1).withTemperature(0), piece -> {
                written.append(piece);
                return true;
            });
            assertTrue(written.toString().contains("the"), written.toString());
        }
    }

    @Test
    void aTiedOutputIsTheEmbedding() throws IOException {
        Path out = train("tied", small().tied(true).embeddingSize(16).build());
        try (Model model = Model.load(out)) {
            assertFalse(model.tensors().containsKey("output.weight"));
            assertTrue(scoreOfTheEnd(out).crossEntropy() < 1.5);
        }
        assertThrows(InputException.class, () -> small().tied(true).build());
    }

    @Test
    void aFrozenEmbeddingStaysAsItBegan() throws IOException {
        var begin = small().maxSteps(1)
                .learningRate(1e-30)
                .warmUp(0)
                .frozen(List.of("embedding"))
                .build();
        var frozen = small().maxSteps(30).frozen(List.of("embedding")).build();
        try (Model before = Model.load(train("begin", begin));
                Model after = Model.load(train("frozen", frozen))) {
            assertArrayEquals(
                    before.tensors().get("embedding").toFloats(),
                    after.tensors().get("embedding").toFloats());
            assertNotEquals(
                    before.tensors().get("output.weight").toFloats()[0],
                    after.tensors().get("output.weight").toFloats()[0]);
        }
    }

    @Test
    void randomInitialStatesAndDropoutOfTheInputTrainToo() throws IOException {
        Path out = train(
                "model",
                small().initialStateDeviation(0.1)
                        .dropout(new Dropout(0.1, 0, 0))
                        .build());
        assertTrue(scoreOfTheEnd(out).crossEntropy() < 1.5);
    }

    @Test
    void fewerBitsLoseLittle() throws IOException {
        double f32 = scoreOfTheEnd(train("f32", small().build())).crossEntropy();
        for (Encoding encoding : List.of(Encoding.BF16, Encoding.F16, Encoding.INT8)) {
            Path out = train(encoding.text(), small().encoding(encoding).build());
            assertEquals(f32, scoreOfTheEnd(out).crossEntropy(), 0.03, encoding.text());
            try (Model model = Model.load(out)) {
                assertEquals(
                        encoding, model.tensors().get("layer0.weight_hidden").encoding());
                assertEquals(Encoding.F32, model.tensors().get("layer0.bias").encoding());
            }
        }
    }

    @Test
    void aBidirectionalLanguageModelIsRefusedWithTheReason() {
        var refused = assertThrows(InputException.class, () -> small().bidirectional(true));
        assertTrue(refused.getMessage().contains("it would see the very token it has to predict"));
    }

    @Test
    void aCheckpointHoldsAllThatTheRunIs() throws IOException {
        Path checkpoint = folder.resolve("checkpoint");
        LanguageModelTraining.run(
                small().maxSteps(3).build(),
                Texts.of(text),
                folder.resolve("model"),
                Optional.of(checkpoint),
                TrainingListener.SILENT);
        var names = Checkpoint.read(checkpoint).tensors().keySet();
        assertTrue(
                names.containsAll(
                        List.of("param/embedding", "best/output.bias", "slot/moment2/layer0.bias", "state/1/c0")),
                names.toString());
    }

    @Test
    void aTextTooShortIsRefused() {
        assertThrows(
                InputException.class,
                () -> LanguageModelTraining.run(
                        small().build(),
                        Texts.of("short"),
                        folder.resolve("x"),
                        Optional.empty(),
                        TrainingListener.SILENT));
        assertThrows(
                InputException.class,
                () -> LanguageModelTraining.run(
                        small().build(), Texts.of(""), folder.resolve("x"), Optional.empty(), TrainingListener.SILENT));
        assertFalse(Files.exists(folder.resolve("x")));
    }
}
