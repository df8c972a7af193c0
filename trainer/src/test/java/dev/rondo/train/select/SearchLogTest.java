package dev.rondo.train.select;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchLogTest {
    private static final SearchSpace SPACE = SearchSpace.parse(List.of("x=-5..10", "cell=lstm,gru", "n=1..64 log int"));
    private static final Map<String, String> IDENTITY = Map.of("seed", "3");

    @TempDir
    Path folder;

    /** Fails where x is above 8. */
    private static Optional<Trial.Outcome> score(Map<String, String> values) {
        double x = Double.parseDouble(values.get("x"));
        return Optional.of(
                x > 8
                        ? Trial.Outcome.failure("too\tfar\nout", 0.5)
                        : Trial.Outcome.of(-x * x - (values.get("cell").equals("gru") ? 0 : 1), 0.25));
    }

    private static SearchLog open(Path file) throws IOException {
        return SearchLog.open(file, IDENTITY, SPACE);
    }

    private byte[] search(String name, int... interruptions) throws IOException {
        Path file = folder.resolve(name);
        var search = new Search(SPACE, new Bayesian(), 16, 3);
        for (int after : interruptions) {
            try (SearchLog log = open(file)) {
                search.run(log, (number, values) -> number > after ? Optional.empty() : score(values));
            }
        }
        try (SearchLog log = open(file)) {
            assertEquals(16, search.run(log, (_, values) -> score(values)).size());
        }
        return Files.readAllBytes(file);
    }

    @Test
    void aSearchThatWasInterruptedIsTheSameSearch() throws IOException {
        assertArrayEquals(search("whole"), search("interrupted", 0, 3, 3, 12));
        try (SearchLog log = open(folder.resolve("whole"))) {
            assertTrue(log.trials().stream().anyMatch(Trial::failed));
            assertEquals(Optional.empty(), log.dropped());
        }
    }

    /** Wherever the end of the file was cut off, what is left is read, and the search comes to the same. */
    @Test
    void theRestOfABrokenLineIsDropped() throws IOException {
        byte[] whole = search("whole");
        String text = new String(whole);
        int firstTrial = text.indexOf("\n1\t") + 1;
        Path file = folder.resolve("cut");
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(file, Arrays.copyOf(whole, length));
            try (SearchLog log = open(file)) {
                int lines = (int) text.substring(0, length).lines().count();
                boolean complete = length == 0 || text.charAt(length - 1) == '\n';
                int expected = length < firstTrial ? 0 : lines - 3 - (complete ? 0 : 1);
                assertEquals(expected, log.trials().size());
                assertEquals(length > firstTrial && !complete, log.dropped().isPresent());
            }
        }
        Files.write(file, Arrays.copyOf(whole, whole.length - 5));
        try (SearchLog log = open(file)) {
            assertEquals(15, log.trials().size());
        }
        assertArrayEquals(whole, search("cut"));
        // A last line that ends, but is no trial.
        Files.writeString(file, text + "17\t1.5\n");
        try (SearchLog log = open(file)) {
            assertEquals(16, log.trials().size());
            assertEquals(Optional.of("17\t1.5"), log.dropped());
        }
        assertArrayEquals(whole, Files.readAllBytes(file));
    }

    @Test
    void damageElsewhereIsNamed() throws IOException {
        String text = new String(search("whole"));
        Path file = folder.resolve("damaged");
        for (String damaged : List.of(
                text.replace("\n3\t", "\n4\t"),
                text.replace("gru", "grl"),
                text.replaceFirst("\n2\t-?[0-9.]+", "\n2\t99"))) {
            Files.writeString(file, damaged);
            assertTrue(assertThrows(FormatException.class, () -> open(file))
                    .getMessage()
                    .contains("trial "));
            assertEquals(damaged, Files.readString(file), "nothing is lost");
        }
    }

    @Test
    void aLogOfAnotherSearchIsRefused() throws IOException {
        Path file = folder.resolve("log");
        SearchLog.open(file, Map.of("seed", "5"), SPACE).close();
        // A log without trials says nothing that could be lost.
        try (SearchLog log = open(file)) {
            log.append(new Trial(1, List.of("0.5", "gru", "3"), Trial.Outcome.of(1, 0)));
        }
        var other = assertThrows(InputException.class, () -> SearchLog.open(file, Map.of("seed", "4"), SPACE));
        assertTrue(other.getMessage().contains("seed 4; got seed 3"), other.getMessage());
        assertThrows(InputException.class, () -> SearchLog.open(file, IDENTITY, SearchSpace.parse(List.of("x=1..2"))));
        Files.writeString(file, "my thesis, which is not to be written over\n");
        assertThrows(FormatException.class, () -> open(file));
        assertEquals("my thesis, which is not to be written over\n", Files.readString(file));
    }

    @Test
    void oneSearchAtATime() throws IOException {
        Path file = folder.resolve("log");
        try (SearchLog _ = open(file)) {
            assertThrows(InputException.class, () -> open(file));
        }
        open(file).close();
    }
}
