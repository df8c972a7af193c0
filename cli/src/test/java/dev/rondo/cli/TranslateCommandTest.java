package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.ngram.NgramModel;
import dev.rondo.ngram.NgramScore;
import dev.rondo.translation.Translator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** How translations begin, and who ranks them. One model, trained once, serves all tests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TranslateCommandTest {
    private Fixture rondo;
    private Path model;

    @BeforeAll
    void train(@TempDir Path folder) throws IOException {
        rondo = new Fixture(folder);
        LetterPairs.write(rondo);
        model = rondo.path("translator.rondo");
        assertEquals(Main.DONE, rondo.run(command(model, "--epochs", 5, "--no-curve")), rondo.err);
    }

    private Object[] command(Path out, Object... more) {
        return LetterPairs.command(rondo, out, more);
    }

    private void refused(String what, int code) {
        assertEquals(Main.BAD_INPUT, code, rondo.err);
        assertTrue(rondo.err.contains(what), rondo.err);
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
}
