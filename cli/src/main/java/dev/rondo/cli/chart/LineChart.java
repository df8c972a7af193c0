package dev.rondo.cli.chart;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lines over a common x axis. A series without points is left out, and so is the right axis when no series uses it.
 *
 * @param title  above the chart
 * @param x      the common axis
 * @param y      the left axis
 * @param right  the right axis, for series of another unit
 * @param series at least one
 */
public record LineChart(String title, Axis x, Axis y, Optional<Axis> right, List<Series> series) {
    /** As many colours as there are. */
    public static final int MAX_SERIES = 6;

    /** Leaves out what an axis cannot show. */
    public LineChart {
        if (series.size() > MAX_SERIES) {
            throw new IllegalArgumentException("at most " + MAX_SERIES + " series; got " + series.size());
        }
        var shown = new ArrayList<Series>();
        for (Series one : series) {
            if (one.onRight() && right.isEmpty()) {
                throw new IllegalArgumentException("a right axis for the series " + one.name() + "; got none");
            }
            shown.add(one.above0(x.logarithmic(), one.onRight() ? right.get().logarithmic() : y.logarithmic()));
        }
        series = List.copyOf(shown);
    }

    /**
     * Writes it, whole or not at all.
     *
     * @throws IOException when the file cannot be written, or this machine has no fonts to measure texts with
     */
    public void write(Path path) throws IOException {
        Canvas.write(path, svg());
    }

    /**
     * The SVG document: the same text for the same chart, on machines with the same fonts.
     *
     * @throws IOException when this machine has no fonts to measure texts with
     */
    public String svg() throws IOException {
        return Drawing.svg(List.of(this), 1);
    }

    /**
     * Writes several, row by row, whole or not at all.
     *
     * @param charts  at least one
     * @param columns charts side by side
     * @throws IOException when the file cannot be written, or this machine has no fonts to measure texts with
     */
    public static void write(List<LineChart> charts, int columns, Path path) throws IOException {
        if (charts.isEmpty() || columns < 1) {
            throw new IllegalArgumentException("charts in columns; got " + charts.size() + " in " + columns);
        }
        Canvas.write(path, Drawing.svg(charts, Math.min(columns, charts.size())));
    }
}
