package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.cli.chart.SvgFile;
import dev.rondo.train.seq2seq.EncoderDecoderSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** From two texts to translations, through the command line alone. One model, trained once, serves all tests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EncoderDecoderCommandsTest {
    private Fixture rondo;
    private Path model;
    private JsonNode trained;
    private String log;

    @BeforeAll
    void train(@TempDir Path folder) throws IOException {
        rondo = new Fixture(folder);
        LetterPairs.write(rondo);
        model = rondo.path("translator.rondo");
        assertEquals(Main.DONE, rondo.run(command(model, "--epochs", 5, "--dtype", "f32", "--json")), rondo.err);
        trained = new ObjectMapper().readTree(rondo.out);
        log = rondo.err;
    }

    private Object[] command(Path out, Object... more) {
        return LetterPairs.command(rondo, out, more);
    }

    @Test
    void withoutOptionsItTrainsAsTheLibraryWould() {
        var command = new TrainEncoderDecoderCommand();
        new CommandLine(command)
                .parseArgs(
                        "--source",
                        "a",
                        "--target",
                        "b",
                        "--valid-source",
                        "c",
                        "--valid-target",
                        "d",
                        "--out",
                        "e",
                        "--threads",
                        "2");
        assertEquals(EncoderDecoderSettings.builder().build(), command.settings());
    }

    @Test
    void trainingSaysBleuAndDrawsIt() throws IOException {
        assertTrue(trained.get("validation_bleu").asDouble() > 95, trained.toString());
        assertTrue(log.contains(", BLEU "), log);
        assertTrue(log.contains("best: validation"), log);
        assertTrue(SvgFile.parse(Files.readString(rondo.path("translator.svg")))
                .texts()
                .contains("BLEU"));
    }

    @Test
    void translatesLineByLine() {
        assertEquals(Main.DONE, rondo.runOn("a b\n\nc\r\nd e a", "translate", model));
        assertEquals("A B\n\nC\nD E A\n", rondo.out);
        assertEquals(Main.DONE, rondo.runOn("", "translate", model));
        assertEquals("", rondo.out);
        assertEquals(Main.DONE, rondo.runOn("a b\nc\n", "translate", model, "--threads", 1, "--plain", "--beam", 1));
        assertEquals("A B\nC\n", rondo.out);
    }

    @Test
    void nBestListsAndScores() throws IOException {
        assertEquals(Main.DONE, rondo.runOn("a b\nc\n", "translate", model, "--n-best", 2, "--scores"));
        String[] lines = rondo.out.split("\n");
        assertEquals(4, lines.length);
        double before = Double.POSITIVE_INFINITY;
        for (int i = 0; i < 2; i++) {
            String[] parts = lines[i].split("\t");
            assertEquals("1", parts[0]);
            assertTrue(Double.parseDouble(parts[1]) <= before);
            before = Double.parseDouble(parts[1]);
        }
        assertTrue(lines[2].startsWith("2\t") && lines[2].endsWith("\tC"), lines[2]);
        assertEquals(Main.DONE, rondo.runOn("a b\n", "translate", model, "--json"));
        JsonNode json = new ObjectMapper().readTree(rondo.out);
        assertEquals("A B", json.at("/translations/0/text").asText());
        assertEquals(3, json.at("/translations/0/token_scores").size());
        assertEquals(2, json.at("/translations/0/tokens").size());
    }

    @Test
    void samplesDependOnTheSeedAndTheSentenceAlone() {
        String lines = "a b\nc d e\na a\n";
        assertEquals(Main.DONE, rondo.runOn(lines, "translate", model, "--sample", 3, "--n-best", 5, "--threads", 1));
        String one = rondo.out;
        Object[] other = {"translate", model, "--sample", 3, "--n-best", 5, "--threads", 3, "--batch", 1};
        assertEquals(Main.DONE, rondo.runOn(lines, other));
        assertEquals(one, rondo.out);
    }

    @Test
    void heatMapsHaveTheTokensAsTexts() throws IOException {
        Path map = rondo.path("map.svg");
        assertEquals(Main.DONE, rondo.runOn("a b c\nd\n", "translate", model, "--heatmap", map), rondo.err);
        List<String> texts = SvgFile.parse(Files.readString(map)).texts();
        assertEquals(List.of("A", "B", "C", "</s>", "a", "b", "c", "D", "</s>", "d"), texts);
    }

    @Test
    void lengthsAndTokensCanBeBound() throws IOException {
        assertEquals(Main.DONE, rondo.runOn("a b c d\n", "translate", model, "--max-length", 2));
        assertEquals("A B\n", rondo.out);
        // Of tokens, and the end is one; what they are is the model's affair.
        assertEquals(Main.DONE, rondo.runOn("a\n", "translate", model, "--min-length", 4, "--json"));
        JsonNode json = new ObjectMapper().readTree(rondo.out);
        assertTrue(json.at("/translations/0/tokens").size() >= 3, rondo.out);
        assertEquals(Main.DONE, rondo.runOn("a b\n", "translate", model, "--suppress", "B"));
        assertFalse(rondo.out.contains("B"), rondo.out);
        assertEquals(Main.DONE, rondo.runOn("a a a a\n", "translate", model, "--no-repeat-ngram", 1));
        assertNotEquals("A A A A\n", rondo.out);
    }

    @Test
    void evaluatesWithBleuByLength() throws IOException {
        assertEquals(
                Main.DONE,
                rondo.run(
                        "eval",
                        model,
                        "--source",
                        rondo.path("valid.source"),
                        "--reference",
                        rondo.path("valid.target"),
                        "--beam",
                        1,
                        "--by-length",
                        "--json"),
                () -> rondo.err);
        JsonNode json = new ObjectMapper().readTree(rondo.out);
        assertEquals(trained.get("validation_bleu").asDouble(), json.get("bleu").asDouble(), 1e-9);
        assertEquals(
                trained.get("validation_nats_per_token").asDouble(),
                json.get("nats_per_token").asDouble(),
                1e-4);
        assertEquals(40, json.at("/by_length/0/sentences").asInt());
        assertTrue(json.get("chrf").asDouble() > 90);
    }

    @Test
    void aLanguageModelOfTheTargetHasASay() throws IOException {
        Path language = rondo.path("language.rondo");
        assertEquals(
                Main.DONE,
                rondo.run(LetterPairs.languageModel(rondo, language, "--vocabulary-of", model)),
                () -> rondo.err);
        assertEquals(Main.DONE, rondo.runOn("a b\n", "translate", model, "--scores"));
        String alone = rondo.out;
        assertEquals(
                Main.DONE, rondo.runOn("a b\n", "translate", model, "--scores", "--fuse", language), () -> rondo.err);
        assertTrue(rondo.out.endsWith("\tA B\n"), rondo.out);
        assertNotEquals(alone, rondo.out);
        assertEquals(
                Main.DONE,
                rondo.runOn("a b\n", "translate", model, "--scores", "--fuse", language, "--fusion-weight", 0));
        assertEquals(alone, rondo.out);
        refused("vocabulary of the target", rondo.runOn("a\n", "translate", model, "--fuse", rondo.languageModel()));
    }

    @Test
    void badInputIsNamed() throws IOException {
        refused("standard input", rondo.runOn(new byte[] {'a', (byte) 0xFF, '\n'}, "translate", model));
        refused("task translation", rondo.run("translate", rondo.perceptron()));
        refused("--suppress", rondo.runOn("a\n", "translate", model, "--suppress", "nothing"));
        refused("--n-best", rondo.runOn("a\n", "translate", model, "--n-best", 9));
        refused("--diversity", rondo.runOn("a\n", "translate", model, "--diversity", 1));
        for (String option : List.of("--length-penalty", "--patience")) {
            refused(option, rondo.runOn("a\n", "translate", model, "--sample", 1, option, 1));
        }
        refused("--length-form", rondo.runOn("a\n", "translate", model, "--sample", 1, "--length-form", "gnmt"));
        refused("--policy", rondo.runOn("a\n", "translate", model, "--sample", 1, "--policy", "shrink"));
        refused("--fusion-weight", rondo.runOn("a\n", "translate", model, "--fusion-weight", 1));
        refused("--source and --reference", rondo.run("eval", model, "--source", rondo.path("valid.source")));
        refused("--data", rondo.run("eval", model));
        Path shorter = rondo.write("short", "A\n");
        refused(
                "equal numbers of lines",
                rondo.run("eval", model, "--source", rondo.path("valid.source"), "--reference", shorter));
        refused("--beam", rondo.run("eval", model, "--data", shorter, "--beam", 2));
        // No word says how likely references are; the mean of nothing is no number.
        Path blank = rondo.write("blank", "\n \n");
        refused("--source", rondo.run("eval", model, "--source", blank, "--reference", blank));
    }

    private void refused(String what, int code) {
        assertEquals(Main.BAD_INPUT, code, rondo.err);
        assertTrue(rondo.err.contains(what), rondo.err);
    }

    /** Options that the rest of the command line leaves without a meaning, or that are no values. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--merges 5",
                "--separate",
                "--kernel 3",
                "--forget-bias 1",
                "--context first --heads 2",
                "--context every --query after",
                "--context first --attention dot",
                "--attention dot --attention-size 4",
                "--readout straight --readout-size 4",
                "--sampling-epochs 4",
                "--stop-on loss --valid-beam 2",
                "--dropout-between 0.1",
                "--dropout-input 1",
                "--label-smoothing -0.1",
                "--decoder-connection highway",
                "--attention bilinear",
                "--tie all --output copy",
                "--encoder convolutional --unidirectional",
                "--heads 3",
                "--batch 1",
                "--average 0",
                "--max-length -1",
                "--decoder-only --encoder-layers 2",
                "--decoder-only --tie output",
                "--decoder-only --dropout-memory 0.1",
                "--decoder-only --decoder-connection residual",
                "--encoder none",
            })
    void whatHasNoMeaningIsRefused(String options) {
        Path out = rondo.path("refused.rondo");
        refused("; got ", rondo.run(command(out, (Object[]) options.split(" "))));
        assertFalse(Files.exists(out));
    }

    /** Each leads to a model that translates something, and to another file. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--encoder convolutional --kernel 5",
                "--cell lstm --bridge copy --input-feeding",
                "--context both --summary max --stop-on loss",
                "--attention scaled-dot --heads 2 --query after --output generate-or-copy",
                "--encoder-layers 2 --encoder-connection highway --decoder-layers 2 --decoder-connection residual",
                "--unit characters --tie all --sampling 0.5 --sampling-epochs 0",
                "--output copy --attention general",
                "--unit byte-pairs --merges 3 --separate --dropout-recurrent 0.2",
                "--decoder-only --cell lstm --decoder-layers 2 --dropout-between 0.1",
                "--decoder-only --unit byte-pairs --merges 3 --readout tanh --dropout-recurrent 0.2",
            })
    void otherNetworksTrainAndTranslate(String options) throws IOException {
        Path out = rondo.path("other.rondo");
        var more = new ArrayList<Object>(List.of((Object[]) options.split(" ")));
        more.addAll(List.of("--max-steps", 3, "--no-curve"));
        assertEquals(Main.DONE, rondo.run(command(out, more.toArray())), () -> rondo.err);
        assertEquals(Main.DONE, rondo.runOn("a b\n", "translate", out, "--max-length", 5), () -> rondo.err);
        assertEquals(1, rondo.out.chars().filter(c -> c == '\n').count());
        Files.delete(out);
    }
}
