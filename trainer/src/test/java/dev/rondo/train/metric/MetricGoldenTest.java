package dev.rondo.train.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against what sacrebleu computes: {@code src/test/scripts/metrics.py}. */
class MetricGoldenTest {
    private static final double RELATIVE = 1e-9;

    private static List<String[]> table(String name) throws IOException {
        try (InputStream in = MetricGoldenTest.class.getResourceAsStream("/metric/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("\t", -1))
                    .toList();
        }
    }

    /** A line of a table with texts: white space of other kinds than line feeds is text. */
    private static List<String[]> texts() throws IOException {
        try (InputStream in = MetricGoldenTest.class.getResourceAsStream("/metric/lines.tsv")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Arrays.stream(text.split("\n"))
                    .map(line -> line.split("\t", -1))
                    .peek(row -> {
                        for (int i = 0; i < 3; i++) {
                            row[i] = row[i].translateEscapes();
                        }
                    })
                    .toList();
        }
    }

    private static Bleu.Options bleu(String[] row) {
        Smoothing smoothing = switch (row[6]) {
            case "exp" -> new Smoothing.Exponential();
            case "floor" -> new Smoothing.Floor(row[7].isEmpty() ? 0.1 : Double.parseDouble(row[7]));
            case "add-k" -> new Smoothing.AddK(row[7].isEmpty() ? 1 : Double.parseDouble(row[7]));
            case "none" -> new Smoothing.None();
            default -> throw new AssertionError(row[6]);
        };
        int orders = Integer.parseInt(row[9]);
        return Bleu.Options.DEFAULT
                .with(row[4].equals("13a") ? Tokenisation.MTEVAL_13A : Tokenisation.NONE)
                .withLowercase(Boolean.parseBoolean(row[5]))
                .with(smoothing)
                .withEffectiveOrder(Boolean.parseBoolean(row[8]))
                .withWeights(Collections.nCopies(orders, 1.0 / orders).toArray(Double[]::new));
    }

    private static void check(String[] row, List<String> hypotheses, List<List<String>> references) {
        String what = String.join(" ", row);
        if (row[0].equals("bleu")) {
            BleuScore score = Bleu.corpus(hypotheses, references, bleu(row));
            int at = 10;
            close(row[at++], score.score(), what);
            for (double precision : score.precisions()) {
                close(row[at++], precision, what);
            }
            close(row[at++], score.brevityPenalty(), what);
            assertEquals(Long.parseLong(row[at++]), score.hypothesisLength(), what);
            assertEquals(Long.parseLong(row[at++]), score.referenceLength(), what);
            assertEquals(row.length, at);
        } else {
            var options = new Chrf.Options(
                    Integer.parseInt(row[4]),
                    Integer.parseInt(row[5]),
                    Double.parseDouble(row[6]),
                    Boolean.parseBoolean(row[7]),
                    Boolean.parseBoolean(row[8]));
            close(row[9], Chrf.corpus(hypotheses, references, options), what);
            assertEquals(10, row.length);
        }
    }

    private static void close(String expected, double actual, String what) {
        double value = Double.parseDouble(expected);
        assertEquals(value, actual, RELATIVE * Math.abs(value), what);
    }

    @Test
    void thirteenACutsAsSacrebleuCuts() throws IOException {
        for (String[] row : texts()) {
            assertEquals(row[3], String.join(" ", Tokenisation.MTEVAL_13A.tokens(row[0])), row[0]);
        }
    }

    @Test
    void scoresAreThoseOfSacrebleu() throws IOException {
        List<String[]> texts = texts();
        List<List<String>> columns = new ArrayList<>();
        for (int column = 0; column < 3; column++) {
            int c = column;
            columns.add(texts.stream().map(row -> row[c]).toList());
        }
        List<String[]> rows = table("scores.tsv");
        for (String[] row : rows) {
            int begin = Integer.parseInt(row[1]);
            int end = Integer.parseInt(row[2]);
            check(
                    row,
                    columns.getFirst().subList(begin, end),
                    columns.subList(1, 1 + Integer.parseInt(row[3])).stream()
                            .map(text -> text.subList(begin, end))
                            .toList());
        }
        assertEquals(900, rows.size());
    }

    /** As the script of the same name does: what happens to a word depends on the number of its line and its own alone. */
    private static String perturbed(int number, String line) {
        List<String> tokens = Tokenisation.words(line);
        var words = new ArrayList<String>();
        for (int i = 0; i < tokens.size(); i++) {
            String word = tokens.get(i);
            long hash = (number * 2654435761L + i * 40503L + 12345) % 4294967296L / 65536 % 100;
            if (hash < 8) {
                continue;
            }
            if (hash < 12) {
                words.add(word);
                words.add(word);
            } else if (hash < 17) {
                words.add(tokens.get((i + 3) % tokens.size()));
            } else if (hash < 20) {
                words.add(word.substring(0, word.length() / 2 + 1));
            } else if (hash < 22) {
                words.add(word.toUpperCase(Locale.ROOT));
            } else {
                words.add(word);
            }
        }
        return String.join(" ", words);
    }

    @Test
    void scoresOfRealTextsAreThoseOfSacrebleu() throws IOException {
        Path data = shared("data/multi30k");
        assumeTrue(Files.isDirectory(data), () -> "Multi30k is not here: " + data);
        Map<String, List<String>> texts = new HashMap<>();
        Map<String, List<String>> translations = new HashMap<>();
        for (String[] row : table("scores-of-shared.tsv")) {
            if (!texts.containsKey(row[1])) {
                List<String> lines =
                        List.of(Files.readString(data.resolve(row[1])).split("\n"));
                var translation = new ArrayList<String>();
                for (String line : lines) {
                    translation.add(perturbed(translation.size(), line));
                }
                texts.put(row[1], lines);
                translations.put(row[1], translation);
            }
            check(row, translations.get(row[1]), List.of(texts.get(row[1])));
        }
        assertEquals(4, texts.size());
    }

    /** Something in the folder {@code shared} beside or in the repository; it may be absent. */
    private static Path shared(String path) {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("docs/decisions"))) {
            root = root.getParent();
        }
        Path inside = root.resolve("shared");
        return (Files.isDirectory(inside) ? inside : root.resolveSibling("shared")).resolve(path);
    }
}
