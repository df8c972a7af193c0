package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.cli.chart.SvgFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchCommandTest {
    private static final List<String> SPACE =
            List.of("--space", "hidden=2..12 log int", "--space", "rate=0.001..0.1 log", "--space", "cell=gru,elman");

    @TempDir
    Path folder;

    private Fixture rondo;
    private Path best;

    @BeforeEach
    void start() throws IOException {
        rondo = new TrainingFixture(folder).rondo;
        best = rondo.path("best.rondo");
    }

    /** A training of twenty steps. */
    private int search(List<?> options, Object... training) {
        var args = new ArrayList<Object>(List.of("search", "--out", best));
        args.addAll(options);
        args.addAll(List.of("--", "train", "lm", "--data", rondo.path("data.txt"), "--hidden", "{hidden}"));
        args.addAll(List.of("--learning-rate", "{rate}", "--cell={cell}", "--embedding", 4, "--batch", 4));
        args.addAll(List.of("--steps", 8, "--warm-up", 2, "--max-steps", 20, "--threads", 1));
        Collections.addAll(args, training);
        return rondo.run(args.toArray());
    }

    private static List<Object> options(Object... more) {
        var options = new ArrayList<Object>(SPACE);
        Collections.addAll(options, more);
        return options;
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theBestModelIsKept() throws IOException {
        Path chart = rondo.path("search.svg");
        assertEquals(Main.DONE, search(options("--trials", 4, "--json", "--chart", chart)), () -> rondo.err);
        JsonNode found = new ObjectMapper().readTree(rondo.out);
        assertEquals("validation_loss", found.get("measure").asText());
        assertEquals(4, found.get("trials").size());
        double least = Double.POSITIVE_INFINITY;
        for (JsonNode trial : found.get("trials")) {
            least = Math.min(least, trial.get("score").asDouble());
        }
        assertEquals(least, found.get("best").get("score").asDouble());
        assertEquals(4, rondo.err.lines().filter(l -> l.startsWith("trial ")).count(), rondo.err);
        try (Model model = Model.load(best)) {
            // The model of the best, not of the last: it says itself how good it is.
            assertEquals(least, Double.parseDouble(model.metadata().get("training.validation_loss")), 1e-12);
            assertTrue(LanguageModel.of(model).size() > 10);
        }
        // Best so far, and three dimensions.
        assertTrue(SvgFile.parse(Files.readString(chart)).texts().contains("cell (1: gru, 2: elman)"));
        assertEquals(List.of("best.rondo", "best.search.tsv", "data.txt", "search.svg"), files());
    }

    @Test
    void aSearchGoesOnFromItsLog() throws IOException {
        Path log = folder.resolve("best.search.tsv");
        assertEquals(Main.DONE, search(options("--trials", 7, "--strategy", "random")), () -> rondo.err);
        List<String> whole = withoutTimes(log);
        Files.delete(log);
        assertEquals(Main.DONE, search(options("--trials", 2, "--strategy", "random")), () -> rondo.err);
        Files.writeString(log, Files.readString(log) + "3\t1");
        assertEquals(Main.DONE, search(options("--trials", 7, "--strategy", "random")), () -> rondo.err);
        assertTrue(rondo.err.contains("dropped: 3\t1"), rondo.err);
        assertTrue(rondo.err.contains("going on after trial 2"), rondo.err);
        assertEquals(whole, withoutTimes(log));
        assertTrue(rondo.out.contains("7 trials"), rondo.out);
        assertTrue(rondo.out.contains("best   rondo train lm --data"), rondo.out);
        assertFalse(rondo.out.contains("{hidden}"), rondo.out);
        // Another search than that of the log.
        assertEquals(Main.BAD_INPUT, search(options("--trials", 7, "--strategy", "random", "--seed", 2)));
        assertTrue(rondo.err.contains("seed 2; got seed 1"), rondo.err);
    }

    private static List<String> withoutTimes(Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .map(line -> line.replaceFirst("\t[^\t]*\t([^\t]*)$", "\t$1"))
                .toList();
    }

    @Test
    void aTrialThatFailsIsLeftBehind() throws IOException {
        var options = List.of("--space", "tie=4,6", "--strategy", "grid", "--json");
        // Tied embeddings are as wide as the layer: 6 is refused, in a trial that is not the first.
        int code = search(options("--space", "unused=1,2"));
        assertEquals(Main.BAD_INPUT, code);
        assertTrue(rondo.err.contains("dimension unused"), rondo.err);
        var args = new ArrayList<Object>(List.of("search", "--out", best));
        args.addAll(options);
        args.addAll(List.of("--", "train", "lm", "--data", rondo.path("data.txt"), "--hidden", "{tie}", "--tie"));
        args.addAll(List.of("--embedding", 4, "--batch", 4, "--steps", 8, "--warm-up", 2, "--max-steps", 3));
        assertEquals(Main.DONE, rondo.run(args.toArray()), () -> rondo.err);
        JsonNode trials = new ObjectMapper().readTree(rondo.out).get("trials");
        assertTrue(trials.get(0).has("score"));
        assertTrue(trials.get(1).get("failed").asText().contains("embedding"), trials.toString());
    }

    @Test
    void aFirstTrialThatIsRefusedEndsTheSearch() throws IOException {
        assertEquals(Main.BAD_INPUT, search(options("--trials", 3), "--optimizer", "lion"));
        assertTrue(rondo.err.contains("trial 1"), rondo.err);
        assertTrue(rondo.err.contains("--optimizer"), rondo.err);
        assertFalse(Files.exists(best));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--strategy | clever | --strategy",
                "--trials   | 0      | trials",
                "--space    | x      | search space",
                "--space    | rate=1..2 | each name once",
                "--measure  | accuracy  | --measure",
                "--chart    | best.rondo/x.svg | --chart",
            })
    void whatMakesNoSenseIsRefused(String option, String value, String part) {
        assertEquals(Main.BAD_INPUT, search(options(option, value)), () -> rondo.err);
        assertTrue(rondo.err.contains(part), rondo.err);
        assertTrue(rondo.err.lines().count() <= 1, rondo.err);
    }

    @Test
    void theSearchNamesTheFiles() {
        assertEquals(Main.BAD_INPUT, search(options(), "--out", "other.rondo"));
        assertTrue(rondo.err.contains("--out"), rondo.err);
        assertEquals(
                Main.BAD_INPUT, rondo.run("search", "--out", best, "--space", "x=1..2", "--", "eval", "--data", "{x}"));
        assertTrue(rondo.err.contains("begins with train"), rondo.err);
        assertEquals(Main.BAD_INPUT, search(options(), "--help"));
        assertTrue(rondo.err.contains("--help: is not said"), rondo.err);
    }

    @Test
    void whatTheTrainingReadsIsNotWrittenOver() throws IOException {
        Path data = rondo.path("data.txt");
        String text = Files.readString(data);
        for (String option : List.of("--out", "--log", "--chart")) {
            var args = new ArrayList<Object>(List.of("search", "--space", "rate=1..2", option, data));
            if (!option.equals("--out")) {
                args.addAll(List.of("--out", best));
            }
            args.addAll(List.of("--", "train", "lm", "--learning-rate", "{rate}", "--data=" + data));
            assertEquals(Main.BAD_INPUT, rondo.run(args.toArray()), () -> option + rondo.err);
            assertTrue(rondo.err.contains(option + ": must be another file than"), rondo.err);
            assertEquals(text, Files.readString(data), option);
        }
    }
}
