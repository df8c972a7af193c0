package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.cli.chart.SvgFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** One model beside others: figures, a table, and a chart by the length of sources. Sources of up to 12 words, in three groups. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EvalAgainstTest {
    private Fixture rondo;
    private Path trained;
    private Path fresh;

    @BeforeAll
    void train(@TempDir Path folder) throws IOException {
        rondo = new Fixture(folder);
        LetterPairs.write(rondo);
        trained = rondo.path("trained.rondo");
        fresh = rondo.path("fresh.rondo");
        train(trained, "--epochs", 5);
        train(fresh, "--max-steps", 10);
        var source = new StringBuilder();
        for (int words : new int[] {1, 5, 6, 10, 11, 12}) {
            source.append("a ".repeat(words - 1)).append("b\n");
        }
        rondo.write("source", source.toString());
        rondo.write("reference", source.toString().toUpperCase(Locale.ROOT));
    }

    private void train(Path out, Object... more) {
        var options = new ArrayList<>(List.of(more));
        options.addAll(List.of("--no-curve", "--dtype", "f32"));
        assertEquals(Main.DONE, rondo.run(LetterPairs.command(rondo, out, options.toArray())), () -> rondo.err);
    }

    private int eval(Path model, Object... more) {
        var command = new ArrayList<Object>(List.of("eval", model, "--source", rondo.path("source")));
        command.addAll(List.of("--reference", rondo.path("reference"), "--beam", 1, "--threads", 1));
        Collections.addAll(command, more);
        return rondo.run(command.toArray());
    }

    private JsonNode json(Path model, Object... more) throws IOException {
        var options = new ArrayList<Object>(List.of("--json", "--by-length"));
        Collections.addAll(options, more);
        assertEquals(Main.DONE, eval(model, options.toArray()), () -> rondo.err);
        return new ObjectMapper().readTree(rondo.out);
    }

    @Test
    void eachModelHasTheFiguresThatItHasAlone() throws IOException {
        JsonNode both = json(trained, "--against", fresh);
        assertEquals("trained", both.get("model").asText());
        assertEquals("fresh", both.at("/against/0/model").asText());
        assertEquals(1, both.get("against").size());
        JsonNode alone = json(trained);
        assertFalse(alone.has("model") || alone.has("against"), rondo.out);
        same(alone, both);
        same(json(fresh), both.at("/against/0"));
        assertTrue(both.get("bleu").asDouble() > both.at("/against/0/bleu").asDouble(), both.toString());
        int[] sentences = {2, 2, 2};
        for (int group = 0; group < sentences.length; group++) {
            JsonNode one = both.at("/by_length/" + group);
            assertEquals(1 + 5 * group, one.get("from_words").asInt());
            assertEquals(5 + 5 * group, one.get("to_words").asInt());
            assertEquals(sentences[group], one.get("sentences").asInt());
        }
    }

    private static void same(JsonNode alone, JsonNode beside) {
        for (String figure : List.of("sentences", "exact", "bleu", "bleu_13a", "chrf", "perplexity", "by_length")) {
            assertEquals(alone.get(figure), beside.get(figure), figure);
        }
    }

    @Test
    void theTableHasAColumnForEachModel() throws IOException {
        JsonNode figures = json(trained, "--against", fresh);
        assertEquals(Main.DONE, eval(trained, "--by-length", "--against", fresh), () -> rondo.err);
        List<String> lines = rondo.out.lines().toList();
        List<String> table = lines.subList(lines.size() - 4, lines.size());
        assertEquals("words of the source  sentences      trained        fresh", table.getFirst());
        for (int group = 0; group < 3; group++) {
            String expected = String.format(
                    Locale.ROOT,
                    "%d to %d 2 %.2f %.2f",
                    1 + 5 * group,
                    5 + 5 * group,
                    figures.at("/by_length/" + group + "/bleu").asDouble(),
                    figures.at("/against/0/by_length/" + group + "/bleu").asDouble());
            assertEquals(expected, table.get(1 + group).strip().replaceAll(" +", " "));
        }
        assertTrue(lines.contains("model               trained") && lines.contains("model               fresh"));
        assertEquals(Main.DONE, eval(trained, "--by-length"), () -> rondo.err);
        assertTrue(rondo.out.contains("words of the source  sentences  BLEU (none)"), rondo.out);
        assertFalse(rondo.out.contains("model"), rondo.out);
    }

    @Test
    void theChartHasALineForEachModel() throws IOException {
        Path chart = rondo.path("length.svg");
        JsonNode figures = json(trained, "--against", fresh, "--chart", chart);
        SvgFile svg = SvgFile.parse(Files.readString(chart));
        assertTrue(
                svg.texts().containsAll(List.of("trained", "fresh", "BLEU", "words of the source")),
                svg.texts().toString());
        List<SvgFile.Line> lines = svg.lines();
        assertEquals(2, lines.size());
        // The places of both lines come of one scale: a point's height tells its BLEU, from the first and the last.
        double[] bleu = new double[6];
        double[] y = new double[6];
        for (int line = 0; line < 2; line++) {
            String of = line == 0 ? "" : "/against/0";
            assertEquals(3, lines.get(line).y().length);
            for (int group = 0; group < 3; group++) {
                bleu[3 * line + group] =
                        figures.at(of + "/by_length/" + group + "/bleu").asDouble();
                y[3 * line + group] = lines.get(line).y()[group];
            }
            double[] x = lines.get(line).x();
            assertEquals(x[1] - x[0], x[2] - x[1], 0.01);
        }
        int lowest = 0;
        int highest = 0;
        for (int i = 1; i < 6; i++) {
            lowest = bleu[i] < bleu[lowest] ? i : lowest;
            highest = bleu[i] > bleu[highest] ? i : highest;
        }
        assertTrue(bleu[highest] - bleu[lowest] > 1, figures.toString());
        double scale = (y[highest] - y[lowest]) / (bleu[highest] - bleu[lowest]);
        for (int i = 0; i < 6; i++) {
            assertEquals(y[lowest] + scale * (bleu[i] - bleu[lowest]), y[i], 0.01);
        }
    }

    @Test
    void modelsOfOneNameAreToldApartByTheirFolders() throws IOException {
        Path folder = Files.createDirectory(rondo.path("other"));
        Path same = Files.copy(fresh, folder.resolve("trained.rondo"));
        JsonNode both = json(trained, "--against", same);
        assertEquals(trained.toString(), both.get("model").asText());
        assertEquals(same.toString(), both.at("/against/0/model").asText());
    }

    @Test
    void whatCannotBeComparedOrDrawnIsRefusedBeforeTheWork() throws IOException {
        Path chart = rondo.path("refused.svg");
        refused("--by-length", eval(trained, "--chart", chart));
        refused("--against", eval(trained, "--against", trained));
        refused("--against", eval(trained, "--against", fresh, "--against", fresh));
        refused("task translation", eval(trained, "--by-length", "--chart", chart, "--against", rondo.perceptron()));
        refused("--chart", eval(trained, "--by-length", "--against", fresh, "--chart", fresh));
        refused("--chart", eval(trained, "--by-length", "--chart", rondo.path("source")));
        refused(
                "--chart",
                eval(trained, "--by-length", "--chart", rondo.path("nowhere").resolve("a.svg")));
        var seven = new ArrayList<Object>(List.of("--by-length", "--chart", chart));
        for (int i = 0; i < 6; i++) {
            seven.addAll(List.of("--against", "model" + i));
        }
        refused("at most 6 models", eval(trained, seven.toArray()));
        refused(
                "--against",
                rondo.run("eval", rondo.languageModel(), "--data", rondo.path("source"), "--against", fresh));
        assertFalse(Files.exists(chart));
    }

    private void refused(String what, int code) {
        assertEquals(Main.BAD_INPUT, code, rondo.err);
        assertTrue(rondo.err.contains(what), rondo.err);
    }
}
