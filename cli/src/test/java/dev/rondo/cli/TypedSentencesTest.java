package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever starts {@code rondo translate} at a terminal is told what it waits for; a pipe is not. */
class TypedSentencesTest {
    /** Tests run in the module's folder or in the project's. */
    private static Path model() {
        Path here = Path.of("samples/models/dates.rondo");
        return Files.exists(here) ? here : Path.of("..").resolve(here);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onlyATerminalGetsAHint(boolean terminal) {
        var out = new StringWriter();
        var err = new StringWriter();
        String[] command = {"translate", model().toString()};
        var typed = new ByteArrayInputStream("5 March 1998\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(Main.DONE, Main.run(command, typed, new PrintWriter(out), new PrintWriter(err), terminal));
        assertEquals("1998-03-05\n", out.toString());
        assertEquals(
                terminal ? "a sentence a line; Ctrl-D ends" : "", err.toString().strip());
    }
}
