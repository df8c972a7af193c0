package dev.rondo.cli.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfusionMatrixTest {
    @TempDir
    Path folder;

    @Test
    void countsAndLabelsCanBeRead() throws IOException {
        var matrix = new ConfusionMatrix("names", List.of("<Czech>", "Polish"), new long[][] {{1234, 0}, {7, 21}});
        Path file = folder.resolve("confusion.svg");
        matrix.write(file);
        String svg = Files.readString(file);
        // Zeros are left out: what was confused is to be seen.
        assertEquals(
                List.of("1234", "7", "21", "<Czech>", "<Czech>", "Polish", "Polish", "predicted", "true", "names"),
                SvgFile.parse(svg).texts());
        assertEquals(svg, matrix.svg(), "the same bytes");
    }

    /** All of a row in one field is the full colour, whatever the count; a quarter is a quarter of the way to it. */
    @Test
    void theShadeIsTheShareOfTheRow() throws IOException {
        String svg = new ConfusionMatrix("", List.of("a", "b"), new long[][] {{2, 0}, {1, 3}}).svg();
        assertTrue(svg.contains("rgb(0,75,122)"), svg);
        assertTrue(svg.contains("rgb(191,210,222)"), svg);
        assertFalse(svg.contains("rgb(128,165,189)"), svg);
    }

    @Test
    void wrongShapesAreRefused() {
        List<String> two = List.of("a", "b");
        assertThrows(IllegalArgumentException.class, () -> new ConfusionMatrix("", two, new long[2][3]));
        assertThrows(IllegalArgumentException.class, () -> new ConfusionMatrix("", two, new long[3][2]));
        assertThrows(IllegalArgumentException.class, () -> new ConfusionMatrix("", List.of(), new long[0][0]));
        assertThrows(
                IllegalArgumentException.class, () -> new ConfusionMatrix("", two, new long[][] {{-1, 0}, {0, 0}}));
    }
}
