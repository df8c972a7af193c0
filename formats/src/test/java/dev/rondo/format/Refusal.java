package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens broken files and holds the error to what it must name. */
final class Refusal {
    private Refusal() {}

    /** Both ways to open the file must refuse it, with the same error. */
    static void check(byte[] bytes, String subject, String rule, long offset) {
        Path path = write(bytes);
        try {
            FormatException mapped = assertThrows(
                    FormatException.class, () -> RondoFile.map(path).close());
            checkError(mapped, path, subject, rule, offset);
            FormatException loaded = assertThrows(
                    FormatException.class, () -> RondoFile.load(path).close());
            assertEquals(mapped.getMessage(), loaded.getMessage());
        } finally {
            delete(path);
        }
    }

    /** Only the way that reads all data must refuse it; the other must open it. */
    static void checkLoadOnly(byte[] bytes, String subject, String rule, long offset) throws IOException {
        Path path = write(bytes);
        try {
            checkError(
                    assertThrows(
                            FormatException.class, () -> RondoFile.load(path).close()),
                    path,
                    subject,
                    rule,
                    offset);
            RondoFile.map(path).close();
        } finally {
            delete(path);
        }
    }

    static void checkError(FormatException error, Path path, String subject, String rule, long offset) {
        String message = error.getMessage();
        assertAll(
                message,
                () -> assertEquals(subject, error.subject()),
                () -> assertTrue(error.rule().contains(rule), "rule: " + error.rule()),
                () -> assertEquals(offset, error.offset()),
                () -> assertEquals(path.toString(), error.file()),
                () -> assertTrue(message.startsWith(subject + " (" + path + ", byte " + offset + "): " + error.rule()
                        + "; got " + error.got() + "; ")));
    }

    static Path write(byte[] bytes) {
        try {
            Path path = Files.createTempFile("rondo", ".rondo");
            return Files.write(path, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(Path path) {
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
