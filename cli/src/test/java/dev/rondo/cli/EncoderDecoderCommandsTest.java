package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.cli.chart.SvgFile;
import dev.rondo.ngram.NgramModel;
import dev.rondo.ngram.NgramScore;
import dev.rondo.train.seq2seq.EncoderDecoderSettings;
import dev.rondo.translation.Translator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;
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
        write("train", 800, 1);
        write("valid", 40, 2);
        model = rondo.path("translator.rondo");
        assertEquals(Main.DONE, rondo.run(command(model, "--epochs", 5, "--dtype", "f32", "--json")), rondo.err);
        trained = new ObjectMapper().readTree(rondo.out);
        log = rondo.err;
    }

    /** Upper case of letters. */
    private void write(String name, int lines, long seed) throws IOException {
        var random = new SplittableRandom(seed);
        var source = new StringBuilder();
        var target = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            int words = 1 + random.nextInt(4);
            for (int k = 0; k < words; k++) {
                char c = (char) ('a' + random.nextInt(5));
                source.append(c).append(k + 1 < words ? " " : "\n");
                target.append(Character.toUpperCase(c)).append(k + 1 < words ? " " : "\n");
            }
        }
        rondo.write(name + ".source", source.toString());
        rondo.write(name + ".target", target.toString());
    }

    /** A small network on those texts; later options take the place of earlier ones. */
    private Object[] command(Path out, Object... more) {
        var options = new LinkedHashMap<Object, Object>();
        options.put("--source", rondo.path("train.source"));
        options.put("--target", rondo.path("train.target"));
        options.put("--valid-source", rondo.path("valid.source"));
        options.put("--valid-target", rondo.path("valid.target"));
        options.put("--out", out);
        options.put("--unit", "words");
        options.put("--embedding", 16);
        options.put("--hidden", 16);
        options.put("--batch", 16);
        options.put("--learning-rate", 0.02);
        options.put("--warm-up", 10);
        options.put("--schedule", "cosine");
        options.put("--dropout-input", 0);
        options.put("--dropout-memory", 0);
        options.put("--dropout-output", 0);
        for (Object one : more) {
            options.remove(one);
        }
        var args = new ArrayList<Object>(List.of("train", "seq2seq"));
        options.forEach((name, value) -> {
            args.add(name);
            args.add(value);
        });
        Collections.addAll(args, more);
        return args.toArray();
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
    void heatMapsHaveTheTokensAsTexts() throws IOException {
        Path map = rondo.path("map.svg");
        assertEquals(Main.DONE, rondo.runOn("a b c\nd\n", "translate", model, "--heatmap", map), rondo.err);
        List<String> texts = SvgFile.parse(Files.readString(map)).texts();
        assertEquals(List.of("A", "B", "C", "</s>", "a", "b", "c", "D", "</s>", "d"), texts);
    }

    @Test
    void lengthsAndTokensCanBeBound() {
        assertEquals(Main.DONE, rondo.runOn("a b c d\n", "translate", model, "--max-length", 2));
        assertEquals("A B\n", rondo.out);
        assertEquals(Main.DONE, rondo.runOn("a\n", "translate", model, "--min-length", 4));
        assertTrue(rondo.out.split(" ").length >= 3, rondo.out);
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
        Object[] train = {
            "train",
            "lm",
            "--data",
            rondo.path("train.target"),
            "--valid",
            rondo.path("valid.target"),
            "--out",
            language,
            "--vocabulary-of",
            model,
            "--hidden",
            8,
            "--embedding",
            4,
            "--batch",
            4,
            "--steps",
            8,
            "--max-steps",
            20
        };
        assertEquals(Main.DONE, rondo.run(train), () -> rondo.err);
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
    void translationsBeginAsTheyAreTold() throws IOException {
        assertEquals(Main.DONE, rondo.runOn("a b\nc\n\n", "translate", model, "--prefix", "E"), () -> rondo.err);
        String[] lines = rondo.out.split("\n", -1);
        assertTrue(lines[0].startsWith("E") && lines[1].startsWith("E") && lines[2].isEmpty(), rondo.out);
        Path prefixes = rondo.write("prefixes", "C D\n\nB");
        Object[] file = {"translate", model, "--prefix-file", prefixes, "--threads", 2};
        assertEquals(Main.DONE, rondo.runOn("a b\nc\nd\n", file), () -> rondo.err);
        lines = rondo.out.split("\n");
        assertTrue(lines[0].startsWith("C D") && lines[1].equals("C") && lines[2].startsWith("B"), rondo.out);
        assertEquals(Main.DONE, rondo.runOn("a b\n", "translate", model, "--prefix", "E", "--prefix-bias", 0.001));
        assertEquals("A B\n", rondo.out);
        assertEquals(Main.DONE, rondo.runOn("a b\n", "translate", model, "--prefix", "E", "--prefix-bias", 0.9999));
        assertTrue(rondo.out.startsWith("E"), rondo.out);
        refused("3 lines and at least 4 sentences", rondo.runOn("a\na\na\na\n", file));
        refused("3 lines and 2 sentences", rondo.runOn("a\na\n", file));
        refused("exclude", rondo.runOn("a\n", "translate", model, "--prefix", "A", "--prefix-file", prefixes));
        refused("--prefix-bias", rondo.runOn("a\n", "translate", model, "--prefix-bias", 0.5));
        refused("--prefix-bias", rondo.runOn("a\n", "translate", model, "--prefix", "A", "--prefix-bias", 1));
    }

    @Test
    void alternativesFollowThePrefix() {
        Object[] three = {"translate", model, "--prefix", "A", "--alternatives", 3};
        assertEquals(Main.DONE, rondo.runOn("a b c\n", three), () -> rondo.err);
        String[] lines = rondo.out.split("\n");
        assertEquals("1\tA B C", lines[0]);
        var next = new HashSet<String>();
        for (String line : lines) {
            String[] words = line.split("\t")[1].split(" ");
            assertEquals("A", words[0]);
            next.add(words.length > 1 ? words[1] : "");
        }
        assertEquals(3, next.size(), rondo.out);
        refused("--n-best", rondo.runOn("a\n", "translate", model, "--alternatives", 2, "--n-best", 2));
        refused("--sample", rondo.runOn("a\n", "translate", model, "--alternatives", 2, "--sample", 1));
        refused("--prefix-bias", rondo.runOn("a\n", more(three, "--prefix-bias", 0.5)));
        refused("--alternatives", rondo.runOn("a\n", "translate", model, "--alternatives", 0));
        refused("--rescore", rondo.runOn("a\n", more(three, "--rescore", model)));
    }

    private static Object[] more(Object[] command, Object... more) {
        var all = new ArrayList<>(List.of(command));
        Collections.addAll(all, more);
        return all.toArray();
    }

    @Test
    void aNoisyChannelRanksAnew() throws IOException {
        Path reverse = rondo.path("reverse.rondo");
        Object[] backward = {
            "--source",
            rondo.path("train.target"),
            "--target",
            rondo.path("train.source"),
            "--valid-source",
            rondo.path("valid.target"),
            "--valid-target",
            rondo.path("valid.source"),
            "--max-steps",
            100,
            "--no-curve",
            "--stop-on",
            "loss"
        };
        assertEquals(Main.DONE, rondo.run(command(reverse, backward)), () -> rondo.err);
        Path language = rondo.path("bigrams.rondo");
        Object[] bigrams = {"train", "lm", "--ngram", 2, "--data", rondo.path("train.target"), "--out", language};
        assertEquals(Main.DONE, rondo.run(bigrams), () -> rondo.err);
        Object[] plain = {"translate", model, "--json", "--n-best", 3};
        Object[] channel = more(plain, "--rescore", reverse, "--rescore-weight", 0.7, "--language-model", language);
        // Two threads, each with sessions of its own.
        assertEquals(
                Main.DONE,
                rondo.runOn("a b\n\nc d e\n", more(channel, "--language-weight", 0.4, "--threads", 2)),
                () -> rondo.err);
        String[] lines = rondo.out.split("\n");
        assertEquals(
                "",
                new ObjectMapper().readTree(lines[1]).at("/translations/0/text").asText());
        JsonNode translations = new ObjectMapper().readTree(lines[0]).get("translations");
        assertEquals(3, translations.size());
        try (Model back = Model.load(reverse);
                Model prior = Model.load(language)) {
            double before = Double.POSITIVE_INFINITY;
            for (JsonNode one : translations) {
                String text = one.get("text").asText();
                double score = one.get("log_prob").asDouble()
                        + 0.7 * Translator.of(back).score(text, "a b")
                        + 0.4 * NgramScore.of(NgramModel.of(prior), text).logProb();
                assertEquals(score, one.get("score").asDouble(), 1e-3, text);
                assertTrue(score <= before + 1e-3);
                before = score;
            }
        }
        // Against its own weight the channel turns the beam round.
        assertEquals(Main.DONE, rondo.runOn("a b\n", "translate", model, "--rescore", reverse), () -> rondo.err);
        assertEquals("A B\n", rondo.out);
        assertEquals(
                Main.DONE, rondo.runOn("a b\n", "translate", model, "--rescore", reverse, "--rescore-weight", -1000));
        assertNotEquals("A B\n", rondo.out);
        refused("--rescore-weight", rondo.runOn("a\n", "translate", model, "--rescore-weight", 1));
        refused("--language-model", rondo.runOn("a\n", "translate", model, "--language-model", language));
        refused("--language-weight", rondo.runOn("a\n", more(plain, "--rescore", reverse, "--language-weight", 1)));
        refused("task translation", rondo.runOn("a\n", "translate", model, "--rescore", rondo.perceptron()));
        refused(
                "task language-model",
                rondo.runOn("a\n", more(plain, "--rescore", reverse, "--language-model", reverse)));
    }

    @Test
    void aRecurrentLanguageModelRanksToo() throws IOException {
        // Its vocabulary is of characters, without those of <unk>; a line feed stands around sentences.
        Path language = rondo.path("characters.rondo");
        Object[] train = {
            "train",
            "lm",
            "--data",
            rondo.path("train.target"),
            "--valid",
            rondo.path("valid.target"),
            "--out",
            language,
            "--hidden",
            8,
            "--embedding",
            4,
            "--batch",
            4,
            "--steps",
            8,
            "--max-steps",
            20,
            "--no-curve"
        };
        assertEquals(Main.DONE, rondo.run(train), () -> rondo.err);
        Object[] channel = {
            "translate", model, "--json", "--rescore", model, "--rescore-weight", 0, "--language-model", language
        };
        assertEquals(Main.DONE, rondo.runOn("a b\n", channel), () -> rondo.err);
        JsonNode best = new ObjectMapper().readTree(rondo.out).at("/translations/0");
        try (Model prior = Model.load(language)) {
            double logProb = LanguageModel.of(prior)
                    .score("\n" + best.get("text").asText() + "\n")
                    .logProb();
            assertEquals(
                    best.get("log_prob").asDouble() + 0.3 * logProb,
                    best.get("score").asDouble(),
                    1e-3);
        }
        assertEquals(Main.DONE, rondo.runOn("a b\n", more(channel, "--n-best", 5)), () -> rondo.err);
        for (JsonNode one : new ObjectMapper().readTree(rondo.out).get("translations")) {
            assertEquals(
                    one.get("text").asText().contains("<unk>"), one.get("score").asDouble() < -1e9, rondo.out);
        }
    }

    @Test
    void badInputIsNamed() throws IOException {
        refused("standard input", rondo.runOn(new byte[] {'a', (byte) 0xFF, '\n'}, "translate", model));
        refused("task translation", rondo.run("translate", rondo.perceptron()));
        refused("--suppress", rondo.runOn("a\n", "translate", model, "--suppress", "nothing"));
        refused("--n-best", rondo.runOn("a\n", "translate", model, "--n-best", 9));
        refused("--diversity", rondo.runOn("a\n", "translate", model, "--diversity", 1));
        refused("--fusion-weight", rondo.runOn("a\n", "translate", model, "--fusion-weight", 1));
        refused("--source and --reference", rondo.run("eval", model, "--source", rondo.path("valid.source")));
        refused("--data", rondo.run("eval", model));
        Path shorter = rondo.write("short", "A\n");
        refused(
                "equal numbers of lines",
                rondo.run("eval", model, "--source", rondo.path("valid.source"), "--reference", shorter));
        refused("--beam", rondo.run("eval", model, "--data", shorter, "--beam", 2));
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
                "--output copy --label-smoothing 0 --attention general",
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
