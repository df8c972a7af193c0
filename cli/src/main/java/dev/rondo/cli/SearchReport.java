package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.cli.chart.Axis;
import dev.rondo.cli.chart.LineChart;
import dev.rondo.cli.chart.Series;
import dev.rondo.cli.chart.Series.Point;
import dev.rondo.train.select.Dimension;
import dev.rondo.train.select.Search;
import dev.rondo.train.select.SearchSpace;
import dev.rondo.train.select.Trial;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * What a search found: a table, JSON, charts.
 *
 * @param trials all of them
 */
record SearchReport(SearchSpace space, List<Trial> trials) {
    private static final int SHOWN = 10;
    private static final int COLUMNS = 2;

    /** What was measured; that of the first trial which did not fail. */
    private Measure measure() {
        return trials.stream()
                .filter(t -> !t.failed())
                .findFirst()
                .map(t -> Measure.named(t.outcome().note()))
                .orElse(Measure.named("score"));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6g", value);
    }

    /** One trial, for who watches. */
    static String line(int number, int count, Map<String, String> values, Trial.Outcome outcome, boolean best) {
        var text = new StringJoiner(", ", "trial " + number + " of " + count + ": ", "");
        values.forEach((name, value) -> text.add(name + " " + value));
        if (Double.isFinite(outcome.score())) {
            Measure measure = Measure.named(outcome.note());
            text.add(measure.key() + " " + number(measure.of(outcome.score())));
        } else {
            text.add("failed: " + outcome.note());
        }
        text.add(String.format(Locale.ROOT, "%.0f s", outcome.seconds()));
        return text + (best ? ", best" : "");
    }

    /** The best trials, the best first. */
    void print(PrintWriter out) {
        List<Trial> shown = trials.stream()
                .filter(t -> !t.failed())
                .sorted(Comparator.comparingDouble(Trial::score).reversed())
                .limit(SHOWN)
                .toList();
        var table = new ArrayList<List<String>>();
        var head = new ArrayList<>(List.of("trial"));
        head.addAll(space.names());
        head.addAll(List.of(measure().key(), "seconds"));
        table.add(head);
        for (Trial trial : shown) {
            var row = new ArrayList<>(List.of(Integer.toString(trial.number())));
            row.addAll(trial.values());
            row.add(number(measure().of(trial.score())));
            row.add(String.format(Locale.ROOT, "%.1f", trial.outcome().seconds()));
            table.add(row);
        }
        int[] widths = new int[head.size()];
        for (List<String> row : table) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : table) {
            var line = new StringJoiner("  ");
            for (int i = 0; i < widths.length; i++) {
                line.add(" ".repeat(widths[i] - row.get(i).length()) + row.get(i));
            }
            out.println(line);
        }
        long failed = trials.stream().filter(Trial::failed).count();
        out.println(trials.size() + " trials"
                + (trials.size() > shown.size() + failed ? ", the best " + SHOWN + " are shown" : "")
                + (failed > 0 ? ", " + failed + " failed" : ""));
        out.flush();
    }

    void json(ObjectNode node) {
        node.put("measure", measure().key());
        Search.best(trials).ifPresent(best -> put(node.putObject("best"), best));
        ArrayNode all = node.putArray("trials");
        trials.forEach(trial -> put(all.addObject(), trial));
    }

    private void put(ObjectNode node, Trial trial) {
        node.put("trial", trial.number());
        ObjectNode values = node.putObject("values");
        space.named(trial.values()).forEach(values::put);
        if (trial.failed()) {
            node.put("failed", trial.outcome().note());
        } else {
            node.put("score", measure().of(trial.score()));
        }
        node.put("seconds", trial.outcome().seconds());
    }

    /** How the search went, and a chart for each dimension. */
    void draw(Path path) throws IOException {
        var charts = new ArrayList<LineChart>();
        charts.add(course());
        for (int i = 0; i < space.dimensions().size(); i++) {
            charts.add(against(i));
        }
        LineChart.write(charts, COLUMNS, path);
    }

    private LineChart course() {
        var all = new ArrayList<Point>();
        var best = new ArrayList<Point>();
        double highest = Double.NEGATIVE_INFINITY;
        for (Trial trial : trials) {
            if (!trial.failed()) {
                highest = Math.max(highest, trial.score());
                all.add(new Point(trial.number(), measure().of(trial.score())));
            }
            best.add(new Point(trial.number(), measure().of(highest)));
        }
        return new LineChart(
                "best so far",
                Axis.counting("trial"),
                Axis.linear(measure().key()),
                Optional.empty(),
                List.of(Series.line("best so far", best), Series.scattered("trial", all)));
    }

    private LineChart against(int index) {
        Dimension dimension = space.dimensions().get(index);
        var points = new ArrayList<Point>();
        var best = new ArrayList<Point>();
        Optional<Trial> winner = Search.best(trials);
        for (Trial trial : trials) {
            if (!trial.failed()) {
                var point = new Point(
                        x(dimension, trial.values().get(index)), measure().of(trial.score()));
                (winner.get().equals(trial) ? best : points).add(point);
            }
        }
        return new LineChart(
                dimension.name(),
                axis(dimension),
                Axis.linear(measure().key()),
                Optional.empty(),
                List.of(Series.scattered("trials", points), Series.scattered("best", best)));
    }

    private static double x(Dimension dimension, String value) {
        return switch (dimension) {
            case Dimension.Range _ -> Double.parseDouble(value);
            case Dimension.Choice choice -> choice.values().indexOf(value) + 1;
        };
    }

    /** Choices are numbered. */
    private static Axis axis(Dimension dimension) {
        return switch (dimension) {
            case Dimension.Range range -> range.logarithmic()
                    ? Axis.logarithmic(range.name())
                    : range.whole() ? Axis.counting(range.name()) : Axis.linear(range.name());
            case Dimension.Choice choice -> {
                var label = new StringJoiner(", ", choice.name() + " (", ")");
                for (int i = 0; i < choice.values().size(); i++) {
                    label.add((i + 1) + ": " + choice.values().get(i));
                }
                yield Axis.counting(label.toString());
            }
        };
    }
}
