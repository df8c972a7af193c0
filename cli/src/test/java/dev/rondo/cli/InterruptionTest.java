package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.format.AtomicFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second signal ends the JVM at once, and what was being written leaves nothing behind. */
class InterruptionTest {
    /** Writes a file for ever. */
    static final class Saving {
        private Saving() {}

        public static void main(String[] args) throws IOException {
            try (var interruption = Interruption.listen()) {
                AtomicFile.write(Path.of(args[0]), temporary -> {
                    Files.createFile(temporary);
                    System.out.println("saving");
                    while (!interruption.isRequested()) {
                        Thread.onSpinWait();
                    }
                    System.out.println("asked to stop");
                    while (interruption.isRequested()) {
                        Thread.onSpinWait();
                    }
                    return true;
                });
            }
        }
    }

    @Test
    void aSecondSignalLeavesNoUnfinishedFile(@TempDir Path folder) throws Exception {
        Assumptions.assumeFalse(
                TrainInterruptionTest.ignoresInterrupts(), "started in the background, where a shell turns Ctrl-C off");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Saving.class.getName(),
                        folder.resolve("model.rondo").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line : List.of("saving", "asked to stop")) {
                assertEquals(line, out.readLine());
                new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                        .start()
                        .waitFor();
            }
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the second signal ends it");
        } finally {
            process.destroyForcibly();
        }
        assertEquals(130, process.exitValue());
        try (var files = Files.list(folder)) {
            assertEquals(List.of(), files.toList());
        }
    }
}
