package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.Score;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageModelCommandsTest {
    @TempDir
    Path folder;

    private Fixture rondo;
    private Path model;

    @BeforeEach
    void start() throws IOException {
        rondo = new Fixture(folder);
        model = rondo.languageModel();
    }

    private String generate(Object... options) {
        var args = new Object[options.length + 2];
        args[0] = "generate";
        args[1] = model;
        System.arraycopy(options, 0, args, 2, options.length);
        assertEquals(Main.DONE, rondo.run(args), () -> rondo.err);
        return rondo.out;
    }

    @Test
    void generatesAsManyTokensAsAskedAndALineBreak() {
        String text = generate("--prompt", "ab", "--length", 40, "--seed", 5);
        assertEquals(41, text.codePointCount(0, text.length()));
        assertTrue(text.endsWith("\n"));
        assertEquals(201, generate("--seed", 5).length());
        assertEquals("\n", generate("--length", 0));
    }

    @Test
    void seedsDecide() {
        String first = generate("--prompt", "ab", "--seed", 5, "--temperature", 1);
        assertEquals(first, generate("--prompt", "ab", "--seed", 5, "--temperature", 1));
        assertNotEquals(first, generate("--prompt", "ab", "--seed", 6, "--temperature", 1));
        assertNotEquals(generate("--prompt", "ab"), generate("--prompt", "ab"));
    }

    @Test
    void temperatureZeroTopOneAndTinyShareAreGreedy() {
        String greedy = generate("--prompt", "ab", "--temperature", 0);
        assertEquals(greedy, generate("--prompt", "ab", "--top-k", 1));
        assertEquals(greedy, generate("--prompt", "ab", "--top-p", "1e-9"));
        assertEquals(greedy, generate("--prompt", "ab", "--temperature", 0, "--plain"));
    }

    @Test
    void echoPrintsThePromptFirst() {
        String text = generate("--prompt", "aé", "--temperature", 0);
        assertEquals("aé" + text, generate("--prompt", "aé", "--temperature", 0, "--echo"));
        assertEquals("aé\n", generate("--prompt", "aé", "--length", 0, "--echo"));
    }

    @Test
    void unknownCharactersOfThePromptAreNamed() {
        assertEquals(Main.BAD_INPUT, rondo.run("generate", model, "--prompt", "ax"));
        assertTrue(rondo.err.contains("line 1, column 2") && rondo.err.contains("'x' (U+0078)"), rondo.err);
        assertEquals("", rondo.out);
    }

    @Test
    void otherModelsAreRefused() throws IOException {
        assertEquals(Main.BAD_INPUT, rondo.run("generate", rondo.perceptron()));
        assertTrue(rondo.err.contains("task language-model"), rondo.err);
        assertEquals(Main.BAD_INPUT, rondo.run("eval", rondo.perceptron(), "--data", rondo.write("t.txt", "ab")));
        assertTrue(rondo.err.contains("task language-model"), rondo.err);
    }

    private JsonNode eval(Object... options) throws IOException {
        var args = new Object[options.length + 3];
        args[0] = "eval";
        args[1] = model;
        args[2] = "--json";
        System.arraycopy(options, 0, args, 3, options.length);
        assertEquals(Main.DONE, rondo.run(args), () -> rondo.err);
        return new ObjectMapper().readTree(rondo.out);
    }

    private Score score(String text) throws IOException {
        try (Model opened = Model.open(model)) {
            return LanguageModel.of(opened).score(text);
        }
    }

    @Test
    void evaluatesWhatTheLibraryScores() throws IOException {
        String text = "abc dé\nab".repeat(40);
        Path data = rondo.write("data.txt", text);
        JsonNode result = eval("--data", data);
        Score score = score(text);
        assertEquals(text.length() - 1, result.get("tokens").asInt());
        assertEquals(text.length() - 1, result.get("characters").asInt());
        assertEquals(score.crossEntropy(), result.get("nats_per_token").asDouble());
        assertEquals(score.perplexity(), result.get("perplexity").asDouble());
        assertEquals(
                score.crossEntropy() / Math.log(2),
                result.get("bits_per_character").asDouble(),
                1e-12);
        assertTrue(result.get("tokens_per_second").asDouble() > 0);
        assertEquals(Main.DONE, rondo.run("eval", model, "--data", data));
        assertTrue(rondo.out.contains(String.format(Locale.ROOT, "%.6f", score.crossEntropy())), rondo.out);
    }

    @Test
    void partsOfATextAddUpToTheWhole() throws IOException {
        Path data = rondo.write("data.txt", "abcdé abcd\nbcaadbc ab");
        assertEquals(
                score("abcdé").crossEntropy(),
                eval("--data", data, "--first", "0.25").get("nats_per_token").asDouble());
        assertEquals(
                score(" abcd\nbcaadbc ab").crossEntropy(),
                eval("--data", data, "--last", "0.75").get("nats_per_token").asDouble());
        for (String share : new String[] {"0.1", "0.3", "0.7", "0.123"}) {
            String text = Files.readString(data);
            var first = new BigDecimal(share);
            assertEquals(text, TextFile.first(text, first) + TextFile.last(text, BigDecimal.ONE.subtract(first)));
        }
    }

    @Test
    void wrongDataIsNamed() throws IOException {
        assertData("must exist", rondo.path("missing.txt"));
        assertData("a folder", folder);
        assertData("two tokens", rondo.write("empty.txt", ""));
        assertData("line 2, column 1", rondo.write("unknown.txt", "ab\nxa"));
        assertData("byte 2", Files.write(rondo.path("latin.txt"), new byte[] {'a', 'b', (byte) 0xe9, 'a'}));
        Path data = rondo.write("data.txt", "abab");
        assertEquals(Main.BAD_INPUT, rondo.run("eval", model, "--data", data, "--last", "1.1"));
        assertTrue(rondo.err.contains("--last: is above 0 and at most 1; got 1.1"), rondo.err);
        assertEquals(Main.BAD_INPUT, rondo.run("eval", model, "--data", data, "--last", "1", "--first", "1"));
    }

    private void assertData(String part, Path data) {
        assertEquals(Main.BAD_INPUT, rondo.run("eval", model, "--data", data));
        assertTrue(rondo.err.contains(part), rondo.err);
        assertEquals(1, rondo.err.lines().count());
    }

    /** The golden figure and text of a model trained in PyTorch. */
    @Test
    void shakespeareIsEvaluatedAndContinuedAsInPyTorch() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (root != null && !Files.isDirectory(root.resolve("shared/models/shakespeare_lm"))) {
            root = root.getParent();
        }
        Assumptions.assumeTrue(root != null, "no folder shared/models/shakespeare_lm above the working folder");
        Path golden = root.resolve("shared/models/shakespeare_lm");
        Path config = Path.of("").toAbsolutePath().getParent().resolve("samples/configs/shakespeare-lm.json");
        Assumptions.assumeTrue(Files.exists(config), "no " + config);
        JsonNode expected =
                new ObjectMapper().readTree(golden.resolve("case.json").toFile());
        Path converted = rondo.path("shakespeare.rondo");
        assertEquals(
                Main.DONE,
                rondo.run(
                        "convert",
                        golden.resolve("model.safetensors"),
                        "-o",
                        converted,
                        "--config",
                        config,
                        "--io",
                        golden.resolve("io.safetensors")),
                () -> rondo.out + rondo.err);
        model = converted;
        assertEquals(
                expected.get("greedy_after_ROMEO_colon_200").asText() + "\n",
                generate("--prompt", "ROMEO:", "--temperature", 0, "--length", 200));
        JsonNode result = eval("--data", root.resolve("shared/data/shakespeare/input.txt"), "--last", "0.1");
        assertEquals(
                expected.get("validation_chars").asInt(), result.get("tokens").asInt());
        assertEquals(
                expected.get("validation_nats_per_char_whole_split_once_state_carried")
                        .asDouble(),
                result.get("nats_per_token").asDouble(),
                1e-6);
    }
}
