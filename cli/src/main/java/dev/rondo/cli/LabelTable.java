package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.cli.chart.ConfusionMatrix;
import dev.rondo.error.InputException;
import dev.rondo.train.metric.Average;
import dev.rondo.train.metric.LabelMetrics;
import dev.rondo.train.metric.SpanMetrics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Precision, recall and F1, for people and for machines. */
final class LabelTable {
    private static final int LEAST_WIDTH = 14;
    private static final int MOST_WIDTH = 40;

    /** What has more is no column of labels, and its table would be too large for memory. */
    private static final int MOST_LABELS = 4096;

    private static final int MOST_DRAWN = 400;

    private LabelTable() {}

    /** @throws InputException when there are so many labels that they are none */
    static void check(int labels) {
        if (labels > MOST_LABELS) {
            throw new InputException(
                    "labels of model and data", "are at most " + MOST_LABELS, "" + labels, "is it the right column?");
        }
    }

    /** A row for each label that is there or was guessed, then the means. */
    static void print(LabelMetrics metrics, PrintWriter out) {
        List<String> labels = metrics.labels();
        int width = width(labels);
        header("label", width, out);
        for (int i = 0; i < labels.size(); i++) {
            if (isPresent(metrics, i)) {
                row(labels.get(i), metrics.of(i), width, out);
            }
        }
        row("macro", metrics.macro(), width, out);
        row("weighted", metrics.weighted(), width, out);
    }

    /** A row for each type, then all spans. */
    static void print(SpanMetrics spans, PrintWriter out) {
        int width = width(spans.types());
        header("span", width, out);
        spans.types().forEach(type -> row(type, spans.of(type), width, out));
        row("all (micro)", spans.micro(), width, out);
        row("macro", spans.macro(), width, out);
    }

    private static int width(List<String> labels) {
        int longest = labels.stream().mapToInt(String::length).max().orElse(0);
        return Math.clamp(longest, LEAST_WIDTH, MOST_WIDTH);
    }

    private static void header(String what, int width, PrintWriter out) {
        out.printf(Locale.ROOT, "%-" + width + "s  precision  recall      F1   count%n", what);
    }

    private static void row(String label, Average average, int width, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%-" + width + "s  %9.4f  %6.4f  %6.4f  %6d%n",
                label,
                average.precision(),
                average.recall(),
                average.f1(),
                average.support());
    }

    private static boolean isPresent(LabelMetrics metrics, int label) {
        boolean present = metrics.of(label).support() > 0;
        for (int i = 0; i < metrics.labels().size(); i++) {
            present |= metrics.count(i, label) > 0;
        }
        return present;
    }

    /** Accuracy, means, labels and the table of confusion. */
    static void put(LabelMetrics metrics, ObjectNode node) {
        node.put("accuracy", metrics.accuracy());
        put(metrics.macro(), node.putObject("macro"));
        put(metrics.weighted(), node.putObject("weighted"));
        ObjectNode labels = node.putObject("labels");
        ArrayNode confusion = node.putArray("confusion");
        for (int i = 0; i < metrics.labels().size(); i++) {
            put(metrics.of(i), labels.putObject(metrics.labels().get(i)));
            ArrayNode row = confusion.addArray();
            for (int j = 0; j < metrics.labels().size(); j++) {
                row.add(metrics.count(i, j));
            }
        }
    }

    static void put(SpanMetrics spans, ObjectNode node) {
        put(spans.micro(), node.putObject("micro"));
        put(spans.macro(), node.putObject("macro"));
        ObjectNode types = node.putObject("types");
        spans.types().forEach(type -> put(spans.of(type), types.putObject(type)));
    }

    private static void put(Average average, ObjectNode node) {
        node.put("precision", average.precision());
        node.put("recall", average.recall());
        node.put("f1", average.f1());
        node.put("count", average.support());
    }

    /** The table of confusion as a chart. */
    static void draw(LabelMetrics metrics, String title, Path path) throws IOException {
        int k = metrics.labels().size();
        if (k > MOST_DRAWN) {
            throw new InputException("--confusion", "draws at most " + MOST_DRAWN + " labels", "" + k, "leave it out");
        }
        var counts = new long[k][k];
        for (int i = 0; i < k; i++) {
            for (int j = 0; j < k; j++) {
                counts[i][j] = metrics.count(i, j);
            }
        }
        new ConfusionMatrix(title, metrics.labels(), counts).write(path);
    }
}
