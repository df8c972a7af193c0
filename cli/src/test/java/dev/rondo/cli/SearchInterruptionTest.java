package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A signal ends a search between or within trials; the same command goes on. */
class SearchInterruptionTest {
    @TempDir
    Path folder;

    private static List<String> command(TrainingFixture training, Path out) {
        var words = new ArrayList<String>(List.of("search", "--out", out.toString(), "--trials", "3"));
        words.addAll(List.of("--space", "rate=0.001..0.1 log", "--strategy", "random", "--"));
        words.addAll(List.of("train", "lm", "--data", training.data.toString(), "--learning-rate", "{rate}"));
        words.addAll(List.of("--hidden", "8", "--embedding", "4", "--batch", "4", "--steps", "8", "--threads", "1"));
        words.addAll(List.of("--epochs", "400", "--max-steps", "400", "--schedule", "constant"));
        return words;
    }

    private static List<String> scores(Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceFirst("\t[^\t]*\t([^\t]*)$", "\t$1"))
                .toList();
    }

    @Test
    void aSignalEndsTheTrialAndTheSearchGoesOn() throws Exception {
        var training = new TrainingFixture(folder);
        Path out = folder.resolve("best.rondo");
        var words = new ArrayList<String>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.rondo.cli.Main"));
        List<String> command = command(training, out);
        words.addAll(command);
        words.add(words.indexOf("--space"), "--verbose");
        Process process = new ProcessBuilder(words)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        var lines = new ArrayList<String>();
        try (BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
            boolean second = false;
            boolean sent = false;
            for (String line = err.readLine(); line != null; line = err.readLine()) {
                lines.add(line);
                second |= line.startsWith("trial 1 of 3");
                if (second && !sent && line.startsWith("epoch ")) {
                    sent = true;
                    // The second trial has begun, and listens.
                    var kill = new ProcessBuilder("kill", "-TERM", Long.toString(process.pid()));
                    assertEquals(0, kill.start().waitFor());
                }
            }
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the search ends");
        } finally {
            process.destroyForcibly();
        }
        assertEquals(143, process.exitValue(), () -> String.join("\n", lines));
        assertTrue(lines.getLast().contains("stopped after trial 1; the same command goes on"), lines.getLast());
        Path log = folder.resolve("best.search.tsv");
        try (var files = Files.list(folder)) {
            assertEquals(
                    List.of("best.rondo", "best.search.tsv", "data.txt"),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }

        assertEquals(Main.DONE, training.rondo.run(command.toArray()), () -> training.rondo.err);
        List<String> resumed = scores(log);
        assertEquals(4, resumed.size());
        Files.delete(log);
        assertEquals(Main.DONE, training.rondo.run(command.toArray()), () -> training.rondo.err);
        assertEquals(scores(log), resumed);
    }
}
