package dev.rondo.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.bench.Generation.Effort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class GenerationTest {
    @Test
    void theRandomModelGenerates() throws IOException {
        var bytes = new ByteArrayOutputStream();
        new Generation(new PrintStream(bytes, true, StandardCharsets.UTF_8), new Effort(3, 20, 50)).printRandom();
        List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(4, lines.size(), lines.toString());
        assertTrue(lines.get(2).matches("\\| random \\| greedy \\| \\d+ \\(\\d+–\\d+\\) \\| .*"), lines.get(2));
        assertTrue(lines.get(3).contains("| temperature 0.8 |"), lines.get(3));
    }
}
