package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.Model;
import dev.rondo.format.Normalisation;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.ngram.NgramModel;
import dev.rondo.ngram.NgramScore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of n-grams from the command line. */
class NgramCommandsTest {
    private static final String OTHER = "the dog sat on the mat.\na bird sat.\n";

    @TempDir
    Path folder;

    private TrainingFixture training;
    private Fixture rondo;
    private Path model;

    @BeforeEach
    void start() throws IOException {
        training = new TrainingFixture(folder);
        rondo = training.rondo;
        model = rondo.path("ngrams.rondo");
    }

    private int train(Object... more) {
        var args = new ArrayList<Object>(List.of("train", "lm", "--data", training.data, "--out", model));
        Collections.addAll(args, more);
        return rondo.run(args.toArray());
    }

    private static Object[] and(Object[] args, Object... more) {
        return Stream.concat(Arrays.stream(args), Arrays.stream(more)).toArray();
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(rondo.out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kneser-ney", "modified-kneser-ney", "katz", "backoff", "add-delta"})
    void everySmoothing(String smoothing) throws IOException {
        Path other = rondo.write("other.txt", OTHER);
        assertEquals(Main.DONE, train("--ngram", 3, "--smoothing", smoothing, "--valid", other), () -> rondo.err);
        assertTrue(rondo.out.contains("3-grams"), rondo.out);
        assertTrue(rondo.out.contains("validation  perplexity"), rondo.out);
        assertEquals(Main.DONE, rondo.run("eval", model, "--data", other, "--json"), () -> rondo.err);
        JsonNode result = json();
        assertEquals(2, result.get("sentences").asInt());
        assertEquals(11, result.get("tokens").asInt());
        assertEquals(2, result.get("end_tokens").asInt());
        // "a", "bird" and "sat.", with its point.
        assertEquals(3, result.get("unknown_tokens").asInt());
        try (Model opened = Model.open(model)) {
            NgramScore score = NgramScore.of(NgramModel.of(opened), OTHER);
            assertEquals(score.perplexity(), result.get("perplexity").asDouble());
            assertEquals(
                    score.perplexityWithoutEnds(),
                    result.get("perplexity_without_ends").asDouble());
            assertEquals(
                    score.perplexityWithoutUnknown(),
                    result.get("perplexity_without_unknown").asDouble());
        }
    }

    /** Together they are as good as the better one at least, on the text that chooses the weight. */
    @Test
    void interpolationWithARecurrentModel() throws IOException {
        Path other = rondo.write("other.txt", OTHER);
        assertEquals(Main.DONE, train("--ngram", 3, "--min-count", 2), () -> rondo.err);
        Path recurrent = rondo.path("recurrent.rondo");
        assertEquals(
                Main.DONE,
                rondo.run(
                        "train",
                        "lm",
                        "--data",
                        training.data,
                        "--vocabulary-of",
                        model,
                        "--hidden",
                        8,
                        "--embedding",
                        8,
                        "--steps",
                        8,
                        "--batch",
                        2,
                        "--epochs",
                        2,
                        "--warm-up",
                        1,
                        "--out",
                        recurrent),
                () -> rondo.err);
        assertEquals(Main.DONE, rondo.run("eval", model, "--data", other, "--json"), () -> rondo.err);
        JsonNode alone = json();
        Object[] both = {"eval", model, "--data", other, "--interpolate", recurrent, "--json"};
        assertEquals(Main.DONE, rondo.run(and(both, "--weight-from", other)), () -> rondo.err);
        JsonNode found = json();
        assertEquals(alone.get("tokens").asInt(), found.get("tokens").asInt());
        assertEquals(
                alone.get("perplexity").asDouble(),
                found.get("perplexity_ngrams").asDouble(),
                1e-9);
        double best = found.get("perplexity").asDouble();
        assertTrue(best <= found.get("perplexity_ngrams").asDouble() + 1e-6, rondo.out);
        assertTrue(best <= found.get("perplexity_recurrent").asDouble() + 1e-6, rondo.out);
        for (double weight : new double[] {0, 0.3, 1}) {
            assertEquals(Main.DONE, rondo.run(and(both, "--weight", weight)), () -> rondo.err);
            double at = json().get("perplexity").asDouble();
            assertTrue(at >= best - 1e-6, rondo.out);
        }
        assertEquals(Main.BAD_INPUT, rondo.run(and(both, "--weight", 1.5)));
        assertTrue(rondo.err.contains("--weight"), rondo.err);
        assertEquals(Main.BAD_INPUT, rondo.run("eval", model, "--data", other, "--weight", 0.5));
        assertTrue(rondo.err.contains("--interpolate"), rondo.err);
    }

    @Test
    void whatIsEvaluatedIsSaid() throws IOException {
        assertEquals(Main.DONE, train("--ngram", 2));
        Path other = rondo.write("other.txt", OTHER);
        assertEquals(Main.DONE, rondo.run("eval", model, "--data", other));
        for (String line : List.of("tokens              11, 2 of them ends", "unknown tokens      3", "without ends")) {
            assertTrue(rondo.out.contains(line), rondo.out);
        }
    }

    @Test
    void trainedAsJson() throws IOException {
        assertEquals(Main.DONE, train("--ngram", 2, "--json", "--unit", "characters"), () -> rondo.err);
        JsonNode result = json();
        assertEquals(40, result.get("sentences").asInt());
        assertEquals(2, result.get("ngrams").size());
        assertEquals(2, result.get("discounts").size());
        assertEquals(Files.size(model), result.get("bytes").asLong());
        assertFalse(result.has("validation"));
    }

    @Test
    void inspectShowsOrders() throws IOException {
        assertEquals(Main.DONE, train("--ngram", 2, "--half"));
        assertEquals(Main.DONE, rondo.run("inspect", model));
        assertTrue(rondo.out.contains("kind"), rondo.out);
        assertTrue(
                rondo.out.matches("(?s).*n-grams +\\d+ \\+ \\d+ of order 1 to 2, \\d+ bytes, values of 16 bits.*"),
                rondo.out);
        assertEquals(Main.DONE, rondo.run("inspect", model, "--json"));
        assertEquals(2, json().get("ngrams").get("counts").size());
    }

    @Test
    void generates() {
        assertEquals(Main.DONE, train("--ngram", 7));
        assertEquals(Main.DONE, rondo.run("generate", model, "--temperature", 0, "--prompt", "the cat"));
        assertEquals(" sat on the mat. the dog sat on the log.\n", rondo.out);
        assertEquals(Main.DONE, rondo.run("generate", model, "--length", 2, "--temperature", 0, "--echo"));
        assertEquals(2, rondo.out.strip().split(" ").length);
    }

    @Test
    void filesAreJoinedLineByLine() throws IOException {
        Path first = rondo.write("1.txt", "a b");
        Path second = rondo.write("2.txt", "c");
        assertEquals(
                Main.DONE,
                rondo.run("train", "lm", "--ngram", 1, "--data", first, second, "--out", model, "--json"),
                () -> rondo.err);
        assertEquals(2, json().get("sentences").asInt());
    }

    @Test
    void vocabularyOfATranslator() throws IOException {
        Path translator = rondo.path("translator.rondo");
        var target = new TextPipeline(
                "target",
                Normalisation.NONE,
                Segmentation.BYTE_PAIRS,
                List.of("<pad>", "<unk>", "<s>", "</s>", "th", "e</w>", "the</w>", "sa", "t</w>"),
                List.of("t h", "th e</w>", "s a"),
                new SpecialIds(1, 2, 3, 0));
        var source = new TextPipeline(
                "source", Normalisation.NONE, Segmentation.WORDS, List.of("x"), List.of(), SpecialIds.NONE);
        new RondoFileWriter().text(source).text(target).write(translator);
        assertEquals(Main.DONE, train("--ngram", 3, "--vocabulary-of", translator), () -> rondo.err);
        try (Model opened = Model.open(model)) {
            assertEquals(List.of(target), opened.texts());
            assertEquals(9, NgramModel.of(opened).size());
        }
        new RondoFileWriter().text(source).write(translator);
        assertEquals(Main.BAD_INPUT, train("--ngram", 3, "--vocabulary-of", translator));
        assertTrue(rondo.err.contains("none for the unknown"), rondo.err);
        new RondoFileWriter().write(translator);
        assertEquals(Main.BAD_INPUT, train("--ngram", 3, "--vocabulary-of", translator));
        assertTrue(rondo.err.contains("has one text, or one named target"), rondo.err);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--ngram 3 --hidden 8|--hidden: is not given with --ngram",
                "--ngram 3 --epochs 2|--epochs: is not given with --ngram",
                "--ngram 3 --resume|--resume: is not given with --ngram",
                "--ngram 3 --validation-fraction 0.2|name a text with --valid",
                "--smoothing katz|--smoothing: goes with --ngram",
                "--delta 1|--delta: goes with --ngram",
                "--ngram 3 --delta 1|--delta: goes with --smoothing add-delta",
                "--ngram 3 --smoothing add-delta --delta 0|delta: is above 0",
                "--ngram 3 --smoothing witten|--smoothing: must be one of",
                "--ngram 0|order of n-grams: is 1 to 16",
                "--ngram 17|order of n-grams: is 1 to 16",
                "--ngram 3 --cutoffs 1,1|cutoffs: are one for each order",
                "--ngram 3 --unit words --vocabulary-of m.rondo|--unit: is not given with --vocabulary-of",
                "--ngram 3 --vocabulary-size 2|vocabulary: has room for more",
            })
    void refusedWithAReason(String options, String reason) {
        assertEquals(Main.BAD_INPUT, train((Object[]) options.split(" ")));
        assertTrue(rondo.err.contains(reason), rondo.err);
        assertFalse(Files.exists(model));
    }

    @Test
    void theOutputIsNotTheInput() {
        assertEquals(
                Main.BAD_INPUT,
                rondo.run("train", "lm", "--ngram", 2, "--data", training.data, "--out", training.data));
        assertEquals(Main.DONE, train("--ngram", 2));
        assertEquals(Main.BAD_INPUT, rondo.run("eval", model, "--data", training.data, "--plain"));
        assertTrue(rondo.err.contains("n-grams, which compute nothing"), rondo.err);
    }
}
