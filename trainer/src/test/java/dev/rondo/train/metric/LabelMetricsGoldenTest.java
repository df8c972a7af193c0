package dev.rondo.train.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Against scikit-learn, and conlleval's rules written out: {@code src/test/scripts/label_metrics.py}. */
class LabelMetricsGoldenTest {
    private static final double CLOSE = 1e-12;

    private static List<String[]> table(String name) throws IOException {
        try (InputStream in = LabelMetricsGoldenTest.class.getResourceAsStream("/metric/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("\t"))
                    .toList();
        }
    }

    private static double[] numbers(String text) {
        return Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
    }

    private static int[] ids(String text) {
        return Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
    }

    private static void same(double[] wanted, Average got, String what) {
        assertEquals(wanted[0], got.precision(), CLOSE, what + " precision");
        assertEquals(wanted[1], got.recall(), CLOSE, what + " recall");
        assertEquals(wanted[2], got.f1(), CLOSE, what + " F1");
    }

    @Test
    void figuresOfLabelsAreThoseOfScikitLearn() throws IOException {
        List<String[]> cases = table("labels.tsv");
        assertEquals(6, cases.size());
        for (String[] row : cases) {
            int k = Integer.parseInt(row[0]);
            List<String> labels =
                    IntStream.range(0, k).mapToObj(Integer::toString).toList();
            LabelMetrics metrics = LabelMetrics.of(labels, ids(row[1]), ids(row[2]));
            assertEquals(Double.parseDouble(row[3]), metrics.accuracy(), CLOSE);
            same(numbers(row[4]), metrics.macro(), "macro");
            same(numbers(row[5]), metrics.weighted(), "weighted");
            same(numbers(row[6]), metrics.micro(), "micro");
            for (int i = 0; i < k; i++) {
                double[] each = {numbers(row[7])[i], numbers(row[8])[i], numbers(row[9])[i]};
                same(each, metrics.of(i), "label " + i);
                assertEquals(ids(row[10])[i], metrics.of(i).support());
                for (int j = 0; j < k; j++) {
                    assertEquals(ids(row[11])[i * k + j], metrics.count(i, j));
                }
            }
        }
    }

    @Test
    void figuresOfSpansAreThoseOfConlleval() throws IOException {
        List<String[]> cases = table("spans.tsv");
        assertEquals(40, cases.size());
        int types = 0;
        for (String[] row : cases) {
            SpanMetrics metrics =
                    SpanMetrics.of(List.of(List.of(row[0].split(" "))), List.of(List.of(row[1].split(" "))));
            same(numbers(row[2]), metrics.micro(), row[0]);
            assertEquals(numbers(row[2])[3], metrics.micro().support());
            assertEquals(row.length - 3, metrics.types().size());
            for (int i = 3; i < row.length; i++) {
                String type = row[i].substring(0, row[i].indexOf(' '));
                double[] wanted = numbers(row[i].substring(row[i].indexOf(' ') + 1));
                same(wanted, metrics.of(type), row[0] + " " + type);
                assertEquals(wanted[3], metrics.of(type).support());
                types++;
            }
        }
        assertTrue(types > 80);
    }

    @Test
    void spansAsPeopleReadThem() {
        assertEquals(
                List.of(
                        new SpanMetrics.Span("PER", 0, 2),
                        new SpanMetrics.Span("LOC", 3, 4),
                        new SpanMetrics.Span("LOC", 4, 6)),
                SpanMetrics.spans(List.of("B-PER", "I-PER", "O", "B-LOC", "B-LOC", "I-LOC")));
        // An I that nothing begins begins itself.
        assertEquals(
                List.of(new SpanMetrics.Span("A", 1, 2), new SpanMetrics.Span("B", 2, 3)),
                SpanMetrics.spans(List.of("O", "I-A", "I-B")));
        assertEquals(List.of(), SpanMetrics.spans(List.of()));
        assertTrue(SpanMetrics.marksSpans(List.of("O", "B-X")));
        assertEquals(false, SpanMetrics.marksSpans(List.of("NOUN", "B-X")));
        assertEquals(false, SpanMetrics.marksSpans(List.of("O")));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        List<String> labels = List.of("a", "b");
        assertThrows(InputException.class, () -> LabelMetrics.of(labels, new int[1], new int[2]));
        assertThrows(InputException.class, () -> LabelMetrics.of(labels, new int[] {2}, new int[1]));
        assertThrows(InputException.class, () -> new LabelMetrics(labels, new long[2][3]));
        assertThrows(InputException.class, () -> SpanMetrics.of(List.of(List.of("O")), List.of()));
        assertThrows(InputException.class, () -> SpanMetrics.of(List.of(List.of("O")), List.of(List.of())));
        LabelMetrics nothing = LabelMetrics.of(labels, new int[0], new int[0]);
        assertEquals(0, nothing.accuracy());
        assertEquals(0, nothing.macro().f1());
    }
}
