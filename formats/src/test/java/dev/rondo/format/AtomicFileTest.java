package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    private Path folder;

    private Path target;

    @BeforeEach
    void before() throws IOException {
        target = Files.writeString(folder.resolve("target"), "before");
    }

    private static boolean put(Path temporary, String text) throws IOException {
        Files.writeString(temporary, text);
        return true;
    }

    private void assertUntouched() throws IOException {
        assertEquals("before", Files.readString(target));
        try (var files = Files.list(folder)) {
            assertEquals(List.of(target), files.toList());
        }
    }

    @Test
    void replacesOrLeavesTheTarget() throws IOException {
        assertFalse(AtomicFile.write(target, temporary -> {
            put(temporary, "refused");
            return false;
        }));
        assertUntouched();
        assertTrue(AtomicFile.write(target, temporary -> put(temporary, "after")));
        assertEquals("after", Files.readString(target));
    }

    @Test
    void failuresNameTheTargetAndLeaveNothing() throws IOException {
        var full = assertThrows(
                FileSystemException.class,
                () -> AtomicFile.write(target, temporary -> {
                    put(temporary, "half");
                    throw new IOException("No space left on device");
                }));
        assertEquals(target.toString(), full.getFile());
        assertEquals("No space left on device", full.getReason());
        var wrong = assertThrows(
                FormatException.class,
                () -> AtomicFile.write(target, temporary -> {
                    put(temporary, "half");
                    throw new FormatException(temporary.toString(), 7, "tensor", "is finite", "NaN", "mend it", null);
                }));
        assertEquals(target.toString(), wrong.file());
        assertUntouched();
        Path lost = folder.resolve("missing").resolve("file");
        var missing =
                assertThrows(NoSuchFileException.class, () -> AtomicFile.write(lost, temporary -> put(temporary, "x")));
        assertEquals(folder.resolve("missing").toString(), missing.getFile());
    }

    @Test
    void whatIsNoFileIsNotReplaced() {
        // Not /dev/null itself: a failure of this test, run by root, would take it away from the machine.
        var refused = assertThrows(
                FileSystemException.class, () -> AtomicFile.write(folder, temporary -> put(temporary, "x")));
        assertTrue(refused.getMessage().contains("a directory"), refused.getMessage());
    }

    @Test
    void aPipeIsNotReplaced() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        var refused =
                assertThrows(FileSystemException.class, () -> AtomicFile.write(pipe, temporary -> put(temporary, "x")));
        assertTrue(refused.getMessage().contains("a device or pipe"), refused.getMessage());
        assertFalse(Files.isRegularFile(pipe));
    }

    @Test
    void aLinkStaysOne() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        AtomicFile.write(link, temporary -> put(temporary, "after"));
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("after", Files.readString(target));
    }

    @Test
    void everyNameThatIsPossibleIsWritten() throws IOException {
        Path longest = folder.resolve("n".repeat(255));
        AtomicFile.write(longest, temporary -> put(temporary, "x"));
        assertEquals("x", Files.readString(longest));
    }

    /** A JVM that a signal ends while it writes. */
    @Test
    void aSignalLeavesNothing() throws Exception {
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Endless.class.getName(),
                        target.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var out = writer.inputReader()) {
            assertEquals("half", out.readLine());
            writer.destroy();
            assertTrue(writer.waitFor(20, TimeUnit.SECONDS));
        } finally {
            writer.destroyForcibly();
        }
        assertUntouched();
    }

    /** Writes half a file, then waits for ever. */
    static final class Endless {
        private Endless() {}

        public static void main(String[] args) throws IOException {
            AtomicFile.write(Path.of(args[0]), temporary -> {
                put(temporary, "half");
                System.out.println("half");
                try {
                    Thread.sleep(Long.MAX_VALUE);
                } catch (InterruptedException ended) {
                    throw new IOException(ended);
                }
                return true;
            });
        }
    }
}
