package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C saves, and the same command with --resume goes on as if nothing had been. */
class TrainInterruptionTest {
    private static final int SIGINT = 2;
    private static final Object[] RUN = {"--epochs", 1500, "--max-steps", 1500, "--schedule", "constant"};

    @TempDir
    Path folder;

    private TrainingFixture training;
    private Fixture rondo;
    private Path model;

    @BeforeEach
    void start() throws IOException {
        training = new TrainingFixture(folder);
        rondo = training.rondo;
        model = rondo.path("a model.rondo");
    }

    /** Starts a run in a JVM of its own, sends the signal after the first evaluation; what it printed. */
    private List<String> interrupt(String signal, int exitCode) throws Exception {
        var words = new ArrayList<String>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.rondo.cli.Main"));
        training.command(model, RUN).forEach(word -> words.add(word.toString()));
        Process process = new ProcessBuilder(words)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        var lines = new ArrayList<String>();
        try (BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
            boolean sent = false;
            for (String line = err.readLine(); line != null; line = err.readLine()) {
                lines.add(line);
                if (!sent && line.startsWith("epoch ")) {
                    sent = true;
                    assertEquals(
                            0,
                            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                                    .start()
                                    .waitFor());
                }
            }
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the run ends");
        } finally {
            process.destroyForcibly();
        }
        assertEquals(exitCode, process.exitValue(), () -> String.join("\n", lines));
        return lines;
    }

    @Test
    void controlCSaves() throws Exception {
        Assumptions.assumeFalse(ignoresInterrupts(), "started in the background, where a shell turns Ctrl-C off");
        interrupt("INT", 130);
        assertTrue(Files.exists(rondo.path("a model.checkpoint")));
    }

    /** What this process ignores its children ignore. */
    static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line -> (Long.parseUnsignedLong(
                                                line.substring("SigIgn:".length())
                                                        .strip(),
                                                16)
                                        & 1L << SIGINT - 1)
                                != 0);
    }

    @Test
    void aSignalSavesAndTheRunGoesOnBitForBit() throws Exception {
        List<String> lines = interrupt("TERM", 143);
        Path checkpoint = rondo.path("a model.checkpoint");
        assertTrue(Files.exists(checkpoint), () -> String.join("\n", lines));
        assertFalse(Files.exists(model));
        String last = lines.getLast();
        assertTrue(last.startsWith("stopped after step "), last);
        assertTrue(last.endsWith("--out '" + model + "' --resume"), last);
        int stopped = Integer.parseInt(last.split("[ ;]")[3]);
        assertTrue(stopped < 1500, last);

        assertEquals(
                Main.DONE,
                rondo.run("train", "lm", "--data", training.data, "--out", model, "--resume", "--threads", 1),
                () -> rondo.err);
        assertTrue(rondo.err.contains(String.format("%,d of them done before", stopped)), rondo.err);
        assertFalse(Files.exists(checkpoint));
        byte[] resumed = Files.readAllBytes(model);
        assertEquals(Main.DONE, training.train(model, RUN), () -> rondo.err);
        assertArrayEquals(Files.readAllBytes(model), resumed);
        try (var files = Files.list(folder)) {
            assertEquals(
                    List.of("a model.rondo", "a model.svg", "data.txt"),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void aNewRunNeverWritesOverAnUnfinishedOne() throws IOException {
        Path checkpoint = rondo.write("a model.checkpoint", "what an hour of training has reached");
        assertEquals(Main.BAD_INPUT, training.train(model, "--max-steps", 1));
        assertTrue(rondo.err.contains("--checkpoint: must not exist") && rondo.err.contains("--resume"), rondo.err);
        assertEquals("what an hour of training has reached", Files.readString(checkpoint));
    }
}
