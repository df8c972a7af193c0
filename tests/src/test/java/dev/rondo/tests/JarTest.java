package dev.rondo.tests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a user embeds stays small. */
@Tag("packaged")
class JarTest {
    /** The promise of one small dependency. The aim is 350 KB; bench/RESULTS.md says how far it is. */
    private static final long LIMIT = 500_000;

    @Test
    void formatsAndRuntimeAreSmall() throws IOException {
        long formats = Files.size(Path.of(System.getProperty("rondo.formats.jar")));
        long runtime = Files.size(Path.of(System.getProperty("rondo.runtime.jar")));
        assertTrue(
                formats + runtime <= LIMIT,
                () -> "formats (%d bytes) and runtime (%d bytes) together exceed %d bytes"
                        .formatted(formats, runtime, LIMIT));
    }
}
