package dev.rondo.train.network;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Rows of numbers, each perhaps with a class.
 *
 * @param inputs  names of the columns that a network reads; their numbers where the table has no header
 * @param targets names of the columns that are to be predicted; none where there are classes
 * @param x       the rows of inputs; not copied
 * @param y       the rows of targets; not copied
 * @param labels  the class of each row; none where there are targets
 */
public record NumberTable(
        List<String> inputs, List<String> targets, List<float[]> x, List<float[]> y, List<String> labels) {
    /**
     * Reads rows with classes.
     *
     * @param inputs the columns that are read; none for all but the class
     * @throws InputException when there is no row, or one lacks a number; it names line and column
     */
    public static NumberTable labelled(String file, String content, Column label, List<Column> inputs) {
        var columns = new ArrayList<>(inputs);
        columns.add(label);
        return read(file, content, columns, inputs, List.of(), List.of(label));
    }

    /**
     * Reads rows with numbers to predict.
     *
     * @param inputs the columns that are read; none for all but the targets
     * @throws InputException when there is no row, or one lacks a number; it names line and column
     */
    public static NumberTable targets(String file, String content, List<Column> targets, List<Column> inputs) {
        var columns = new ArrayList<>(inputs);
        columns.addAll(targets);
        if (!Collections.disjoint(inputs, targets)) {
            throw new InputException(
                    "columns", "that are read are others than the targets", inputs.toString(), "leave the targets out");
        }
        return read(file, content, columns, inputs, targets, List.of());
    }

    /**
     * Reads rows without anything to predict.
     *
     * @throws InputException when there is no row, or one lacks a number; it names line and column
     */
    public static NumberTable inputs(String file, String content, List<Column> inputs) {
        return read(file, content, inputs, inputs, List.of(), List.of());
    }

    /**
     * Reads the rows of a series, of which some columns are to be forecast.
     *
     * @param inputs the columns that are read; none for all
     */
    public static NumberTable series(String file, String content, List<Column> targets, List<Column> inputs) {
        var columns = new ArrayList<>(inputs);
        columns.addAll(targets);
        NumberTable all = read(file, content, columns, inputs, targets, List.of());
        if (!inputs.isEmpty()) {
            return all;
        }
        // What is forecast is read, too: its past says most about its future.
        List<float[]> x = IntStream.range(0, all.x.size())
                .mapToObj(row -> join(all.y.get(row), all.x.get(row)))
                .toList();
        var names = new ArrayList<>(all.targets);
        names.addAll(all.inputs);
        return new NumberTable(names, all.targets, x, all.y, List.of());
    }

    private static float[] join(float[] a, float[] b) {
        float[] both = new float[a.length + b.length];
        System.arraycopy(a, 0, both, 0, a.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static NumberTable read(
            String file,
            String content,
            List<Column> named,
            List<Column> inputs,
            List<Column> targets,
            List<Column> labels) {
        TableReader table = TableReader.of(file, content);
        if (!table.next()) {
            throw new InputException("data " + file, "has rows of numbers", "none", "is the file empty?");
        }
        List<String> first = List.copyOf(table.cells());
        boolean hasHeader = Column.haveNames(named);
        List<Integer> targetAt = places(file, targets, first);
        List<Integer> labelAt = places(file, labels, first);
        Set<Integer> taken = new HashSet<>(targetAt);
        taken.addAll(labelAt);
        List<Integer> inputAt = inputs.isEmpty()
                ? IntStream.range(0, first.size())
                        .filter(i -> !taken.contains(i))
                        .boxed()
                        .toList()
                : places(file, inputs, first);
        if (!labels.isEmpty() && !Collections.disjoint(inputAt, taken)) {
            throw new InputException(
                    "columns", "that are read are others than the class", inputs.toString(), "leave the class out");
        }
        var x = new ArrayList<float[]>();
        var y = new ArrayList<float[]>();
        var classes = new ArrayList<String>();
        for (boolean more = !hasHeader || table.next(); more; more = table.next()) {
            if (table.cells().size() != first.size()) {
                throw table.wrong(
                        "has as many columns as the first row, " + first.size(),
                        table.cells().size() + "",
                        "give every row all columns");
            }
            x.add(numbers(table, inputAt));
            if (labels.isEmpty()) {
                y.add(numbers(table, targetAt));
            } else {
                String name = table.cell(labelAt.getFirst()).strip();
                if (name.isEmpty()) {
                    throw table.wrong(
                            "has a class in column " + (labelAt.getFirst() + 1), "nothing", "name it, or drop the row");
                }
                classes.add(name);
            }
        }
        if (x.isEmpty()) {
            throw new InputException("data " + file, "has rows behind its header", "none", "add rows");
        }
        return new NumberTable(
                names(file, inputAt, first, hasHeader), names(file, targetAt, first, hasHeader), x, y, classes);
    }

    private static List<Integer> places(String file, List<Column> columns, List<String> header) {
        List<Integer> places = columns.stream().map(c -> c.place(file, header)).toList();
        if (Set.copyOf(places).size() < places.size()) {
            throw new InputException("columns", "are named once each", columns.toString(), "drop what stands twice");
        }
        return places;
    }

    private static List<String> names(String file, List<Integer> places, List<String> header, boolean hasHeader) {
        if (hasHeader) {
            for (int place : places) {
                var column = new Column(header.get(place));
                // By its name a model finds it again.
                if (column.isNumber()) {
                    throw new InputException(
                            file + ", line 1",
                            "names columns by words, for a number means a place",
                            "'" + column + "'",
                            "give column " + (place + 1) + " another name, or leave it out");
                }
                column.place(file, header);
            }
        }
        return places.stream()
                .map(place -> hasHeader ? header.get(place) : "" + (place + 1))
                .toList();
    }

    private static float[] numbers(TableReader table, List<Integer> columns) {
        float[] row = new float[columns.size()];
        for (int i = 0; i < row.length; i++) {
            row[i] = table.number(columns.get(i));
        }
        return row;
    }

    /** The number of rows. */
    public int size() {
        return x.size();
    }

    /** Each row with its class. */
    public List<LabelledFeatures> labelledRows() {
        return IntStream.range(0, size())
                .mapToObj(row -> new LabelledFeatures(x.get(row), labels.get(row)))
                .toList();
    }

    /** Each row with its targets. */
    public List<NumberSample> rows() {
        return IntStream.range(0, size())
                .mapToObj(row -> new NumberSample(new float[][] {x.get(row)}, y.get(row)))
                .toList();
    }

    /**
     * Each window of rows in a series with the targets of the rows that follow it, one after the other.
     *
     * @param window  rows that are read
     * @param horizon rows that are forecast
     * @throws InputException when the series is shorter than both
     */
    public List<NumberSample> windows(int window, int horizon) {
        int count = size() - window - horizon + 1;
        if (count < 1) {
            throw new InputException(
                    "series",
                    "is at least as long as window and horizon together, " + window + " and " + horizon,
                    size() + " rows",
                    "shorten the window");
        }
        return IntStream.range(0, count)
                .mapToObj(start -> {
                    float[][] read = x.subList(start, start + window).toArray(float[][]::new);
                    float[] next = new float[0];
                    for (int row = start + window; row < start + window + horizon; row++) {
                        next = join(next, y.get(row));
                    }
                    return new NumberSample(read, next);
                })
                .toList();
    }
}
