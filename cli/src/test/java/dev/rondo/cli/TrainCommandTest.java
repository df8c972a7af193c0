package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.cli.chart.SvgFile;
import dev.rondo.train.lm.LanguageModelSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class TrainCommandTest {
    @TempDir
    Path folder;

    private TrainingFixture training;
    private Fixture rondo;
    private Path model;

    @BeforeEach
    void start() throws IOException {
        training = new TrainingFixture(folder);
        rondo = training.rondo;
        model = rondo.path("model.rondo");
    }

    private void train(Object... more) {
        assertEquals(Main.DONE, training.train(model, more), () -> rondo.err);
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(rondo.out);
    }

    @Test
    void withoutOptionsItTrainsAsTheLibraryWould() {
        var command = new TrainLanguageModelCommand();
        new CommandLine(command).parseArgs("--data", "text", "--out", "model");
        LanguageModelSettings library = LanguageModelSettings.builder()
                .threads(command.settings().training().threads())
                .build();
        assertEquals(library, command.settings());
    }

    @Test
    void whatIsTrainedIsEvaluatedAndContinues() throws IOException {
        train("--epochs", 3, "--dtype", "f32", "--json");
        JsonNode result = json();
        assertEquals(Files.size(model), result.get("bytes").asLong());
        assertEquals("finished", result.get("ending").asText());
        assertEquals(3, result.get("epochs").asInt());
        assertTrue(result.get("median_step_tokens_per_second").asDouble() > 0);
        double loss = result.get("validation_nats_per_token").asDouble();
        assertEquals(Math.exp(loss), result.get("validation_perplexity").asDouble(), 1e-9);

        assertEquals(Main.DONE, rondo.run("eval", model, "--data", training.data, "--last", "0.1", "--json"));
        JsonNode evaluated = json();
        assertEquals(loss, evaluated.get("nats_per_token").asDouble(), 1e-4);
        assertTrue(loss < Math.log(20), "better than all characters alike: " + loss);
        assertEquals(Main.DONE, rondo.run("generate", model, "--prompt", "the ", "--length", 20));
        assertEquals(Main.DONE, rondo.run("inspect", model), () -> rondo.err);
    }

    /** P(w_1..n)^(-1/n) by multiplication, as a course writes it. */
    @Test
    void perplexityIsTheSameAsAProductAndAsAMean() throws IOException {
        train("--epochs", 1);
        String text = "the cat sat on the mat.";
        assertEquals(Main.DONE, rondo.run("eval", model, "--data", rondo.write("valid.txt", text), "--json"));
        double product = 1;
        int tokens;
        try (Model opened = Model.open(model)) {
            double[] logProbs = LanguageModel.of(opened).score(text).logProbs();
            tokens = logProbs.length;
            for (double logProb : logProbs) {
                product *= Math.exp(logProb);
            }
        }
        assertEquals(Math.pow(product, -1.0 / tokens), json().get("perplexity").asDouble(), 1e-9);
        assertEquals(
                Math.exp(json().get("nats_per_token").asDouble()),
                json().get("perplexity").asDouble(),
                1e-9);
    }

    @Test
    void oneSeedGivesOneFileWithAnyNumberOfThreads() throws IOException {
        train("--epochs", 1, "--threads", 1, "--seed", 5);
        byte[] first = Files.readAllBytes(model);
        byte[] picture = Files.readAllBytes(rondo.path("model.svg"));
        train("--epochs", 1, "--threads", 2, "--seed", 5);
        assertArrayEquals(first, Files.readAllBytes(model));
        assertArrayEquals(picture, Files.readAllBytes(rondo.path("model.svg")));
        train("--epochs", 1, "--threads", 2, "--seed", 6);
        assertFalse(Arrays.equals(first, Files.readAllBytes(model)));
    }

    @Test
    void wordsAreTrainedAndEvaluatedWithTheUnknown() throws IOException {
        train("--epochs", 2, "--unit", "words", "--vocabulary-size", 8, "--json");
        assertTrue(rondo.err.contains("nats per word"), rondo.err);
        Path other = rondo.write("other.txt", "the zebra sat on the mat.");
        assertEquals(Main.DONE, rondo.run("eval", model, "--data", other, "--json"), () -> rondo.err);
        assertEquals(6, json().get("tokens").asInt());
        // "zebra", and "mat.", which a vocabulary of eight leaves out; they are not spelt, so bits would tell nothing.
        assertEquals(2, json().get("unknown_tokens").asInt());
        assertFalse(json().has("bits_per_character"));
        assertEquals(
                Math.exp(json().get("nats_per_token").asDouble()),
                json().get("perplexity").asDouble(),
                1e-9);
    }

    @Test
    void theCurveShowsStepsEvaluationsAndLearningRate() throws IOException {
        train("--epochs", 4, "--json");
        int steps = json().get("steps").asInt();
        SvgFile svg = SvgFile.parse(Files.readString(rondo.path("model.svg")));
        assertEquals(
                List.of(steps, 4, steps),
                svg.lines().stream().map(l -> l.x().length).toList());
        for (String text : List.of("model.rondo", "steps", "loss, nats per character", "learning rate", "training")) {
            assertTrue(svg.texts().contains(text), () -> text + " in " + svg.texts());
        }
        assertEquals(rondo.path("model.svg").toString(), json().get("curve").asText());

        Files.delete(rondo.path("model.svg"));
        train("--epochs", 1, "--curve", rondo.path("other.svg"));
        assertTrue(Files.exists(rondo.path("other.svg")) && !Files.exists(rondo.path("model.svg")));
        Files.delete(rondo.path("other.svg"));
        train("--epochs", 1, "--no-curve");
        assertFalse(Files.exists(rondo.path("model.svg")));
    }

    @Test
    void progressIsPlainLinesWhereNobodyWatches() {
        train("--epochs", 2);
        List<String> lines = rondo.err.lines().toList();
        assertTrue(lines.getFirst().startsWith("training "), rondo.err);
        assertEquals(2, lines.stream().filter(l -> l.startsWith("epoch ")).count(), rondo.err);
        assertFalse(rondo.err.contains("\u001b") || rondo.err.contains("\r"), rondo.err);
        assertTrue(rondo.out.startsWith("validation  "), rondo.out);
    }

    @Test
    void aFinishedRunLeavesNoCheckpoint() {
        train("--epochs", 1, "--checkpoint", rondo.path("kept"));
        assertFalse(Files.exists(rondo.path("kept")) || Files.exists(rondo.path("model.checkpoint")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"elman", "lstm", "gru"})
    void cellsCanBeStackedAndTied(String cell) throws IOException {
        assertEquals(
                Main.DONE,
                rondo.run(
                        "train",
                        "lm",
                        "--data",
                        training.data,
                        "--out",
                        model,
                        "--cell",
                        cell,
                        "--hidden",
                        6,
                        "--layers",
                        2,
                        "--tie",
                        "--batch",
                        4,
                        "--steps",
                        8,
                        "--max-steps",
                        3,
                        "--dropout-input",
                        0.1,
                        "--json"),
                () -> rondo.err);
        assertEquals(3, json().get("steps").asInt());
        assertEquals(Main.DONE, rondo.run("generate", model, "--length", 5), () -> rondo.err);
    }

    @ParameterizedTest
    @CsvSource({
        "sgd,      constant,    --l1,             1e-6",
        "momentum, step,        --schedule-every, 1",
        "nesterov, exponential, --schedule-factor, 0.8",
        "adam,     plateau,     --l2,             1e-6",
        "adagrad,  constant,    --gradient-noise, 1e-6",
        "rmsprop,  cosine,      --no-decay,       *bias*",
        "adamw,    cosine,      --clip-value,     0.5"
    })
    void everyOptimizerLearns(String optimizer, String schedule, String option, String value) throws IOException {
        train("--epochs", 3, "--optimizer", optimizer, "--schedule", schedule, option, value, "--dropout", 0, "--json");
        double loss = json().get("validation_nats_per_token").asDouble();
        assertTrue(
                loss < 2.9,
                optimizer + " reached " + loss + " nats"); // all alike would be ln 17 = 2.83; begins above 3
    }

    @Test
    void severalFilesAreOneText() throws IOException {
        int half = TrainingFixture.TEXT.length() / 2;
        Path first = rondo.write("first.txt", TrainingFixture.TEXT.substring(0, half));
        Path second = rondo.write("second.txt", TrainingFixture.TEXT.substring(half));
        train("--epochs", 1);
        byte[] expected = Files.readAllBytes(model);
        assertEquals(
                Main.DONE,
                rondo.run(
                        "train",
                        "lm",
                        "--data",
                        first,
                        second,
                        "--out",
                        model,
                        "--hidden",
                        8,
                        "--embedding",
                        4,
                        "--batch",
                        4,
                        "--steps",
                        8,
                        "--warm-up",
                        2,
                        "--epochs",
                        1),
                () -> rondo.err);
        assertArrayEquals(expected, Files.readAllBytes(model));
    }

    @Test
    void frozenParametersAreCounted() throws IOException {
        train("--epochs", 1, "--json");
        JsonNode all = json();
        train("--epochs", 1, "--freeze", "*embedding*", "--json");
        assertNotEquals(0, json().get("frozen_parameters").asLong());
        assertEquals(
                all.get("parameters").asLong(),
                json().get("parameters").asLong()
                        + json().get("frozen_parameters").asLong());
    }

    @Test
    void patienceEndsTheRun() throws IOException {
        // So large a rate that nothing is learned.
        train("--epochs", 50, "--patience", 2, "--learning-rate", 0.9, "--schedule", "constant", "--json");
        assertEquals("patience", json().get("ending").asText());
        assertTrue(json().get("epochs").asInt() < 50);
    }
}
