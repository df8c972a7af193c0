package dev.rondo.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That it starts and has a row for each cell; what they learn in so short a time does not matter. */
class AddingProblemTableTest {
    @Test
    void everyCellHasItsRow() throws IOException {
        var bytes = new ByteArrayOutputStream();
        AddingProblemTable.print(List.of(4), 1, new PrintStream(bytes, true, StandardCharsets.UTF_8));
        List<String> rows = bytes.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("| 4 |"))
                .toList();
        assertEquals(4, rows.size(), bytes::toString);
        for (String row : rows) {
            double error = Double.parseDouble(row.split("\\|")[3].strip());
            assertTrue(error > 0 && error < 2, row);
        }
    }
}
