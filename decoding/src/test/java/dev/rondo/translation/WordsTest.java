package dev.rondo.translation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class WordsTest {
    @Test
    void anyWhiteSpaceSeparates() {
        assertEquals(List.of("a", "bc", "d"), Words.of("  a\tbc\n\u00a0d\u2003"));
        assertEquals(List.of("a"), Words.of("a"));
    }

    @Test
    void whiteSpaceAloneHasNone() {
        assertEquals(List.of(), Words.of(""));
        assertEquals(List.of(), Words.of(" \u0085\t"));
    }
}
