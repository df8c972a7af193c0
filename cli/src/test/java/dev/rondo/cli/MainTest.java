package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void versionIsAResult() {
        assertEquals(Main.DONE, run("--version"));
        assertTrue(out.toString().startsWith("rondo "), out::toString);
        assertEquals("", err.toString());
    }

    @Test
    void helpIsAResult() {
        assertEquals(Main.DONE, run("help"));
        assertTrue(out.toString().contains("Usage: rondo"), out::toString);
        assertEquals("", err.toString());
    }

    @Test
    void noCommandIsBadUsage() {
        assertEquals(Main.BAD_INPUT, run());
        assertEquals("", out.toString());
        assertTrue(err.toString().startsWith("Missing command"), err::toString);
    }

    @Test
    void unknownCommandIsBadUsage() {
        assertEquals(Main.BAD_INPUT, run("compose"));
        assertTrue(err.toString().contains("'compose'"), err::toString);
    }

    private int run(String... args) {
        return Main.run(args, new PrintWriter(out, true), new PrintWriter(err, true));
    }
}
