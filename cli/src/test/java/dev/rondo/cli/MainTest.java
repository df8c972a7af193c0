package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    @TempDir
    Path folder;

    private Fixture rondo;

    @BeforeEach
    void start() {
        rondo = new Fixture(folder);
    }

    @Test
    void versionIsAResult() {
        assertEquals(Main.DONE, rondo.run("--version"));
        assertTrue(rondo.out.startsWith("rondo "), rondo.out);
        assertEquals("", rondo.err);
    }

    @Test
    void helpIsAResultAndNamesEveryCommand() {
        assertEquals(Main.DONE, rondo.run("help"));
        assertEquals("", rondo.err);
        List.of(
                        "Usage: rondo",
                        "convert",
                        "generate",
                        "eval",
                        "inspect",
                        "run",
                        "verify",
                        "bench",
                        "doctor",
                        "Exit codes")
                .forEach(part -> assertTrue(rondo.out.contains(part), () -> part + " in " + rondo.out));
    }

    @Test
    void oneArgumentTooManyIsNamed() {
        assertEquals(Main.BAD_INPUT, rondo.run("translate", "model.rondo", "sentences.txt"));
        assertEquals(
                "rondo: translate: takes no other arguments; got 'sentences.txt'; see 'rondo translate --help'",
                rondo.err.strip());
        assertEquals(Main.BAD_INPUT, rondo.run("translate", "model.rondo", "--input", "sentences.txt"));
        assertTrue(rondo.err.contains("Unknown option"), rondo.err);
    }

    @ParameterizedTest
    @ValueSource(strings = {"convert", "generate", "eval", "inspect", "run", "verify", "bench", "doctor"})
    void everyCommandHasHelp(String command) {
        assertEquals(Main.DONE, rondo.run(command, "--help"));
        assertTrue(rondo.out.contains("Usage: rondo " + command), rondo.out);
    }

    @Test
    void noCommandIsBadUsage() {
        assertBad("Missing command");
    }

    @Test
    void unknownCommandIsBadUsage() {
        assertBad("'compose'", "compose");
    }

    @Test
    void wrongOptionsAreNamed() throws IOException {
        Path model = rondo.languageModel();
        assertBad("--prompts", "generate", model, "--prompts", "a");
        assertBad("--length': 'x'", "generate", model, "--length", "x");
        assertBad("--length: is at least 0; got -1", "generate", model, "--length", "-1");
        assertBad("--temperature: is finite and at least 0; got -0.5", "generate", model, "--temperature", "-0.5");
        assertBad("--temperature: ", "generate", model, "--temperature", "NaN");
        assertBad("--top-k: is at least 0; got -3", "generate", model, "--top-k", "-3");
        assertBad("--top-p: is above 0 and at most 1; got 1.5", "generate", model, "--top-p", "1.5");
        assertBad("--top-p: ", "generate", model, "--top-p", "0");
        assertBad("--seconds: ", "bench", model, "--seconds", "0");
        assertBad("--seconds: ", "doctor", "--seconds", "NaN");
        assertBad("--size B: ", "bench", model, "--size", "B=0");
        assertBad("--atol: ", "verify", model, "--atol", "-1");
        assertBad("--data", "eval", model);
        assertBad("MODEL", "inspect");
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "generate", "verify", "bench"})
    void whatIsNoModelIsNamed(String command) throws IOException {
        assertBad("missing.rondo: must exist", command, rondo.path("missing.rondo"));
        assertBad("a directory", command, folder);
        assertBad("0 bytes", command, rondo.write("empty.rondo", ""));
        assertBad("no .rondo file", command, rondo.write("junk.rondo", "x".repeat(1_000)));
    }

    private void assertBad(String part, Object... args) {
        assertEquals(Main.BAD_INPUT, rondo.run(args), () -> rondo.out + rondo.err);
        assertEquals("", rondo.out);
        assertTrue(rondo.err.contains(part), rondo.err);
        assertTrue(rondo.err.startsWith("rondo: "), rondo.err);
        assertEquals(1, rondo.err.lines().count(), rondo.err);
    }

    @Test
    void debugShowsWhereAnErrorCameFrom() {
        assertEquals(Main.BAD_INPUT, rondo.run("inspect", folder, "--debug"));
        assertTrue(rondo.err.contains("\tat dev.rondo."), rondo.err);
        assertEquals(Main.BAD_INPUT, rondo.run("inspect", folder));
        assertFalse(rondo.err.contains("\tat "), rondo.err);
    }

    @Test
    void errorsStayOnOneLine() throws IOException {
        Path model = rondo.languageModel();
        assertBad("'\\u0007'", "generate", model, "--prompt", "a\u0007");
        assertBad("strange\\nname", "inspect", rondo.path("strange\nname"));
    }

    @Test
    void faultsOfRondoAreNotTheUsers() {
        var err = new StringWriter();
        assertEquals(Main.FAILURE, ErrorLine.print(new IllegalStateException("odd"), false, new PrintWriter(err)));
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertTrue(err.toString().contains("internal failure") && err.toString().contains("odd"), err::toString);
    }

    /** Takes some bytes, then fails. */
    private static final class Failing extends OutputStream {
        private final String reason;
        private int left;

        Failing(int left, String reason) {
            this.left = left;
            this.reason = reason;
        }

        @Override
        public void write(int b) throws IOException {
            if (left-- <= 0) {
                throw new IOException(reason);
            }
        }
    }

    private static int runInto(Failing stream, StringWriter err, String... args) {
        var out = new PrintWriter(new OutputStreamWriter(new StandardOutput(stream), StandardCharsets.UTF_8));
        return Main.run(args, out, new PrintWriter(err));
    }

    @Test
    void aReaderThatHasEnoughEndsTheCommandQuietly() throws IOException {
        String model = rondo.languageModel().toString();
        for (String[] args : new String[][] {
            {"generate", model, "--prompt", "a", "--length", "100000000"}, {"inspect", model}, {"--help"}
        }) {
            var err = new StringWriter();
            assertEquals(Main.DONE, runInto(new Failing(10, "Broken pipe"), err, args));
            assertEquals("", err.toString());
        }
    }

    @Test
    void aFullDiskIsAnError() throws IOException {
        var err = new StringWriter();
        String model = rondo.languageModel().toString();
        assertEquals(Main.BAD_INPUT, runInto(new Failing(10, "No space left on device"), err, "inspect", model));
        assertTrue(err.toString().contains("No space left"), err::toString);
    }

    @Test
    void nothingStaysOpenOrBehind() throws IOException {
        Path model = rondo.languageModel();
        assertEquals(Main.DONE, rondo.run("inspect", model));
        try (var files = Files.list(folder)) {
            assertEquals(
                    List.of("config.json", "model.rondo", "source.safetensors"),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }
    }
}
