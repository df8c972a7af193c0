package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Classifiers, taggers and networks of numbers: trained from files, and their files in use. */
class NetworkCommandsTest {
    @TempDir
    Path folder;

    private Fixture rondo;
    private Path model;

    @BeforeEach
    void start() {
        rondo = new Fixture(folder);
        model = rondo.path("model.rondo");
    }

    private JsonNode train(String kind, Object... more) throws IOException {
        var args = new ArrayList<Object>(List.of("train", kind, "--out", model, "--json", "--no-curve"));
        args.addAll(List.of("--threads", 1, "--batch", 8, "--schedule", "constant", "--seed", 3));
        Collections.addAll(args, more);
        assertEquals(Main.DONE, rondo.run(args.toArray()), () -> rondo.err);
        return new ObjectMapper().readTree(rondo.out);
    }

    private String answer(String in, Object... args) {
        assertEquals(Main.DONE, rondo.runOn(in, args), () -> rondo.err);
        return rondo.out;
    }

    /** A word says whether a sentence is good or bad. */
    static String opinions(int count) {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            boolean good = i % 2 == 0;
            text.append(good ? "good\t" : "bad\t")
                    .append(i % 3 == 0 ? "this film is " : "it was ")
                    .append(good ? "wonderful" : "dreadful")
                    .append(i % 5 == 0 ? " indeed" : "")
                    .append('\n');
        }
        return text.toString();
    }

    @Test
    void aClassifierOfTextsIsTrainedEvaluatedAndUsed() throws IOException {
        Path data = rondo.write("data.tsv", opinions(80));
        JsonNode result = train(
                "classify",
                "--data",
                data,
                "--test-share",
                0.2,
                "--network",
                "embedding(8) gru(8) pool(max)",
                "--learning-rate",
                0.02,
                "--epochs",
                8);
        assertEquals(100, result.get("validation_accuracy").asDouble());
        assertEquals(100, result.get("test_accuracy").asDouble());
        assertEquals(100, result.get("test_macro_f1").asDouble());
        assertEquals(16, result.get("test_samples").asInt());
        assertEquals("good\nbad\n", answer("it was wonderful\nthis film is dreadful\n", "classify", model));
        answer("", "eval", model, "--data", data, "--json");
        assertEquals(1, new ObjectMapper().readTree(rondo.out).get("accuracy").asDouble());
    }

    @Test
    void columnsAreNamedByTheirHeader() throws IOException {
        var csv = new StringBuilder("id,opinion,\"the text\"\n");
        int line = 0;
        for (String row : opinions(60).lines().toList()) {
            String[] cells = row.split("\t");
            csv.append(line++)
                    .append(',')
                    .append(cells[0])
                    .append(",\"")
                    .append(cells[1])
                    .append(", \"\"yes\"\"\"\n");
        }
        JsonNode result = train(
                "classify",
                "--data",
                rondo.write("data.csv", csv.toString()),
                "--label-column",
                "opinion",
                "--text-column",
                "the text",
                "--network",
                "embedding(8) pool(mean)",
                "--learning-rate",
                0.05,
                "--epochs",
                8);
        assertEquals(100, result.get("validation_accuracy").asDouble());
    }

    @Test
    void filesNameTheirClassesAndCharactersAreRead() throws IOException {
        Path vowels = rondo.write("vowels.txt", "aeio\nooai\nuuia\naaee\nioui\n".repeat(8));
        Path consonants = rondo.write("consonants.txt", "krtz\nbbdf\npqrt\nzzdk\ntrtr\n".repeat(8));
        JsonNode result = train(
                "classify",
                "--data",
                vowels,
                consonants,
                "--label-of-file",
                "--unit",
                "characters",
                "--network",
                "embedding(8) lstm(8, bidirectional) pool(ends)",
                "--learning-rate",
                0.02,
                "--epochs",
                8,
                "--class-weights",
                "balanced",
                "--label-smoothing",
                0.1);
        assertEquals(100, result.get("validation_accuracy").asDouble());
        assertEquals("vowels\nconsonants\n", answer("eeoa\nkkbt\n", "classify", model));
    }

    @Test
    void oneSeedGivesOneFileAndAnInterruptedRunGoesOn() throws IOException {
        Path data = rondo.write("data.tsv", opinions(60));
        Object[] more = {"--data", data, "--epochs", 3, "--network", "embedding(4) elman(4) pool(last)"};
        train("classify", more);
        byte[] first = Files.readAllBytes(model);
        train("classify", more);
        assertArrayEquals(first, Files.readAllBytes(model));
        assertFalse(Files.exists(rondo.path("model.checkpoint")));
    }

    /** Determiners before nouns, verbs behind them; "run" is both. */
    static String sentences(int count) {
        var text = new StringBuilder();
        String[] nouns = {"cat", "dog", "run", "walk"};
        String[] verbs = {"sees", "run", "walk", "likes"};
        for (int i = 0; i < count; i++) {
            text.append("the\tDET\n").append(nouns[i % 4]).append("\tNOUN\n");
            text.append(verbs[(i / 4) % 4]).append("\tVERB\n");
            text.append(i % 3 == 0 ? "a\tDET\ndog\tNOUN\n" : "").append('\n');
        }
        return text.toString();
    }

    @Test
    void aTaggerReadsWordsAndCharactersWithAChainOrNot() throws IOException {
        Path data = rondo.write("tags.tsv", sentences(60));
        for (String chain : List.of("", "--crf")) {
            var more = new ArrayList<Object>(List.of(
                    "--data",
                    data,
                    "--valid",
                    data,
                    "--test",
                    data,
                    "--epochs",
                    8,
                    "--learning-rate",
                    0.02,
                    "--network",
                    "embedding(8) characters(embedding(4) gru(4, bidirectional) pool(ends)) lstm(8, bidirectional)"));
            if (!chain.isEmpty()) {
                more.add(chain);
            }
            JsonNode result = train("tag", more.toArray());
            // Losses of a chain are of sentences.
            String step = chain.isEmpty() ? " tokens, 8 in an epoch" : " of 8 sentences, 8 in an epoch";
            assertTrue(rondo.err.contains(step), rondo.err);
            assertEquals(100, result.get("test_accuracy").asDouble());
            assertEquals(
                    "the_DET run_NOUN walk_VERB a_DET dog_NOUN",
                    answer("the run walk a dog\n", "tag", model).strip());
            answer("", "eval", model, "--data", data, "--json");
            assertEquals(
                    1, new ObjectMapper().readTree(rondo.out).get("accuracy").asDouble());
        }
    }

    @Test
    void aTaggerOfWordsAloneIsTrained() throws IOException {
        Path data = rondo.write("tags.tsv", sentences(60));
        JsonNode result = train(
                "tag",
                "--data",
                data,
                "--no-characters",
                "--epochs",
                4,
                "--learning-rate",
                0.02,
                "--lowercase",
                "--unknown-dropout",
                0.5);
        assertTrue(result.get("validation_accuracy").asDouble() > 95, result.toString());
    }

    /** No word comes twice: only how it ends tells its class. */
    @Test
    void aClassifierReadsHowWordsAreSpelt() throws IOException {
        var text = new StringBuilder();
        for (int i = 0; i < 120; i++) {
            String stem = Integer.toString(1000 + i * 7, 36);
            text.append(i % 2 == 0 ? "noun\tla " + stem + "zione" : "verb\tla " + stem + "are")
                    .append('\n');
        }
        Path data = rondo.write("data.tsv", text.toString());
        JsonNode result = train(
                "classify",
                "--data",
                data,
                "--test-share",
                0.2,
                "--network",
                "embedding(4) characters(embedding(6) conv(8, 3) relu pool(max)) pool(max)",
                "--learning-rate",
                0.03,
                "--epochs",
                12);
        assertTrue(result.get("test_accuracy").asDouble() > 95, result.toString());
        assertEquals("noun\nverb\n", answer("la stazione\nla parlare\n", "classify", model));
        answer("", "eval", model, "--data", data, "--json");
        assertTrue(new ObjectMapper().readTree(rondo.out).get("accuracy").asDouble() > 0.95, rondo.out);
        Path first = Files.copy(model, rondo.path("first.rondo"));
        train("classify", "--data", data, "--from", first, "--epochs", 1);
        assertEquals("noun\n", answer("la nazione\n", "classify", model));
    }

    @Test
    void rowsOfNumbersBecomeNumbers() throws IOException {
        var csv = new StringBuilder("size,age,price\n");
        for (int i = 0; i < 200; i++) {
            int size = 50 + i * 37 % 101;
            int age = i * 53 % 60;
            csv.append(size)
                    .append(',')
                    .append(age)
                    .append(',')
                    .append(3000 * size - 1000 * age)
                    .append('\n');
        }
        Path data = rondo.write("houses.csv", csv.toString());
        JsonNode result = train(
                "regress",
                "--data",
                data,
                "--target",
                "price",
                "--test-share",
                0.2,
                "--network",
                "linear(16) tanh",
                "--learning-rate",
                0.02,
                "--epochs",
                60,
                "--patience",
                0);
        // The deviation of prices is about 90 000.
        assertTrue(result.get("test_root_mean_squared_error").asDouble() < 9000, result.toString());
        assertFalse(result.has("validation_perplexity"));
        Path asked = rondo.write("asked.csv", "age,size\n10,100\n20,60\n");
        List<String> lines =
                answer("", "predict", model, "--data", asked).lines().toList();
        assertEquals("row,price", lines.getFirst());
        assertEquals(290_000, Double.parseDouble(lines.get(1).split(",")[1]), 20_000);
        assertEquals(160_000, Double.parseDouble(lines.get(2).split(",")[1]), 20_000);
    }

    @Test
    void aSeriesIsForecast() throws IOException {
        var csv = new StringBuilder("day,level\n");
        for (int t = 0; t < 300; t++) {
            csv.append(String.format(Locale.ROOT, "%d,%.4f%n", t, 50 + 5 * Math.sin(t * 0.5)));
        }
        Path data = rondo.write("series.csv", csv.toString());
        train(
                "regress",
                "--data",
                data,
                "--target",
                "level",
                "--columns",
                "level",
                "--window",
                8,
                "--horizon",
                2,
                "--network",
                "gru(12) pool(last)",
                "--learning-rate",
                0.02,
                "--epochs",
                15,
                "--loss",
                "absolute");
        List<String> lines =
                answer("", "predict", model, "--data", data).lines().toList();
        assertEquals("row,level+1,level+2", lines.getFirst());
        assertEquals(300 - 8 + 2, lines.size());
        String[] last = lines.getLast().split(",");
        assertEquals("300", last[0]);
        assertEquals(50 + 5 * Math.sin(150), Double.parseDouble(last[1]), 1);
        assertEquals(50 + 5 * Math.sin(150.5), Double.parseDouble(last[2]), 1);
    }

    @Test
    void rowsOfNumbersBecomeClasses() throws IOException {
        var csv = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            double angle = i * 0.7;
            double radius = i % 2 == 0 ? 1 : 3;
            csv.append(i % 2 == 0 ? "inner" : "outer")
                    .append('\t')
                    .append(1000 + radius * Math.cos(angle))
                    .append('\t')
                    .append(radius * Math.sin(angle))
                    .append('\n');
        }
        Path data = rondo.write("rings.tsv", csv.toString());
        JsonNode result = train(
                "classify",
                "--numbers",
                "--data",
                data,
                "--network",
                "linear(16) relu linear(16) relu",
                "--learning-rate",
                0.01,
                "--epochs",
                25);
        assertTrue(result.get("validation_accuracy").asDouble() > 95, result.toString());
        Path asked = rondo.write("asked.tsv", "-\t1000.2\t0.9\n-\t997\t0.3\n");
        assertEquals("row,class\n1,inner\n2,outer\n", answer("", "predict", model, "--data", asked));
        answer("", "predict", model, "--data", asked, "--scores");
        assertTrue(rondo.out.startsWith("row,inner,outer\n1,0."), rondo.out);
    }

    private float[] tensor(Path file, String name) throws IOException {
        try (Model opened = Model.load(file)) {
            return opened.tensors().get(name).toFloats();
        }
    }

    @Test
    void aModelBeginsAsAnotherOne() throws IOException {
        Path data = rondo.write("data.tsv", opinions(60));
        train(
                "classify",
                "--data",
                data,
                "--network",
                "embedding(6) gru(6) pool(max)",
                "--epochs",
                2,
                "--learning-rate",
                0.02);
        Path first = Files.copy(model, rondo.path("first.rondo"));
        // The same words, other classes: all but the output goes on, and the network need not be named.
        Path films =
                rondo.write("films.tsv", opinions(60).replace("good", "yes").replace("bad", "no"));
        JsonNode result = train(
                "classify",
                "--data",
                films,
                "--from",
                first,
                "--epochs",
                8,
                "--freeze",
                "embedding",
                "--learning-rate",
                0.02);
        assertArrayEquals(tensor(first, "embedding"), tensor(model, "embedding"));
        assertFalse(Arrays.equals(tensor(first, "layer0.weight_input"), tensor(model, "layer0.weight_input")));
        assertEquals(100, result.get("validation_accuracy").asDouble());
        assertTrue(result.get("frozen_parameters").asInt() > 0);
        assertEquals("yes\n", answer("it was wonderful\n", "classify", model));

        Object[] other = {
            "train", "classify", "--out", model, "--data", data, "--from", first, "--network", "embedding(5) pool(max)"
        };
        assertEquals(Main.BAD_INPUT, rondo.run(other), () -> rondo.out);
        assertTrue(rondo.err.contains("embedding [") && rondo.err.lines().count() == 1, rondo.err);
    }

    @Test
    void anEmbeddingBeginsWithWordVectors() throws IOException {
        Path data = rondo.write("data.tsv", opinions(60));
        Path vectors = rondo.write("vectors.txt", "wonderful 1 2 3\ndreadful -1 -2 -3\nunused 7 7 7\n");
        JsonNode result = train(
                "classify",
                "--data",
                data,
                "--network",
                "embedding(3) pool(mean)",
                "--vectors",
                vectors,
                "--freeze-vectors",
                "--learning-rate",
                0.05,
                "--epochs",
                6);
        assertEquals(100, result.get("validation_accuracy").asDouble());
        try (Model opened = Model.load(model)) {
            int row = opened.texts().getFirst().vocabulary().indexOf("dreadful");
            float[] table = opened.tensors().get("embedding").toFloats();
            assertArrayEquals(new float[] {-1, -2, -3}, Arrays.copyOfRange(table, 3 * row, 3 * row + 3));
        }
    }

    @Test
    void foldsSayHowMuchTheAccuracyVaries() throws IOException {
        Path data = rondo.write("data.tsv", opinions(60));
        JsonNode result = train(
                "classify",
                "--data",
                data,
                "--folds",
                3,
                "--network",
                "embedding(4) pool(mean)",
                "--epochs",
                6,
                "--learning-rate",
                0.05);
        assertEquals(3, result.get("folds").size());
        double sum = 0;
        for (JsonNode fold : result.get("folds")) {
            sum += fold.asDouble();
        }
        assertEquals(sum / 3, result.get("folds_mean").asDouble(), 1e-9);
        assertTrue(result.get("folds_mean").asDouble() > 90, result.toString());
        assertTrue(rondo.err.contains("fold 3 of 3: "), rondo.err);
    }
}
