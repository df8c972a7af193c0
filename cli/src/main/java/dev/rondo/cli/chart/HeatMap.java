package dev.rondo.cli.chart;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Numbers from 0 to 1 as grey fields, 1 black: what each row attended to.
 *
 * @param title   a line above it; empty for none
 * @param rows    labels, from above
 * @param columns labels, from the left, written upward
 * @param values  a row for each row, a number for each column
 */
public record HeatMap(String title, List<String> rows, List<String> columns, float[][] values) {
    private static final int FIELD = 22;
    private static final int GAP = 8;
    private static final int LONGEST_LABEL = 40;
    private static final int LONGEST_TITLE = 120;
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    private static final Color TEXT = new Color(0x33, 0x33, 0x33);
    private static final Color FRAME = new Color(0xBB, 0xBB, 0xBB);

    /** Copies all; long labels are cut. */
    public HeatMap {
        title = cut(title, LONGEST_TITLE);
        rows = rows.stream().map(row -> cut(row, LONGEST_LABEL)).toList();
        columns = columns.stream().map(column -> cut(column, LONGEST_LABEL)).toList();
        float[][] copy = new float[values.length][];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = values[i].clone();
            if (copy[i].length != columns.size()) {
                throw new IllegalArgumentException(columns.size() + " columns; got " + copy[i].length);
            }
        }
        if (copy.length != rows.size()) {
            throw new IllegalArgumentException(rows.size() + " rows; got " + copy.length);
        }
        values = copy;
    }

    private static String cut(String label, int longest) {
        return label.codePointCount(0, label.length()) <= longest
                ? label
                : label.substring(0, label.offsetByCodePoints(0, longest - 1)) + "…";
    }

    /** Without a title. */
    public HeatMap(List<String> rows, List<String> columns, float[][] values) {
        this("", rows, columns, values);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HeatMap that
                && title.equals(that.title)
                && rows.equals(that.rows)
                && columns.equals(that.columns)
                && Arrays.deepEquals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Objects.hash(title, rows, columns);
    }

    /**
     * Several below each other, as SVG, whole or not at all.
     *
     * @throws IOException when the file cannot be written, or this machine has no fonts to measure texts with
     */
    public static void write(List<HeatMap> maps, Path path) throws IOException {
        Canvas.write(path, svg(maps));
    }

    /** The document. */
    static String svg(List<HeatMap> maps) throws IOException {
        int[] size = new int[2];
        // What texts measure is known only to a canvas.
        Canvas.svg(1, 1, g -> {
            for (HeatMap map : maps) {
                size[0] = Math.max(size[0], map.left(g) + map.columns.size() * FIELD + GAP);
                size[0] = Math.max(size[0], longest(g, List.of(map.title)) + 2 * GAP);
                size[1] += map.top(g) + map.rows.size() * FIELD + GAP;
            }
        });
        return Canvas.svg(Math.max(1, size[0]), Math.max(1, size[1]), g -> {
            g.setColor(Color.WHITE);
            g.fillRect(0, 0, size[0], size[1]);
            int y = 0;
            for (HeatMap map : maps) {
                map.draw(g, y);
                y += map.top(g) + map.rows.size() * FIELD + GAP;
            }
        });
    }

    private static int longest(Graphics2D g, List<String> labels) {
        FontMetrics metrics = g.getFontMetrics(FONT);
        return labels.stream().mapToInt(metrics::stringWidth).max().orElse(0);
    }

    private int left(Graphics2D g) {
        return longest(g, rows) + 2 * GAP;
    }

    private int top(Graphics2D g) {
        return (title.isEmpty() ? 0 : FIELD) + longest(g, columns) + 2 * GAP;
    }

    private void draw(Graphics2D g, int y) {
        int left = left(g);
        int top = y + top(g);
        int middle = (FIELD + g.getFontMetrics(FONT).getAscent()) / 2;
        g.setFont(FONT);
        for (int row = 0; row < values.length; row++) {
            for (int column = 0; column < values[row].length; column++) {
                int grey = Math.round(255 * (1 - Math.clamp(values[row][column], 0f, 1f)));
                g.setColor(new Color(grey, grey, grey));
                g.fillRect(left + column * FIELD, top + row * FIELD, FIELD, FIELD);
            }
        }
        g.setColor(FRAME);
        g.drawRect(left, top, columns.size() * FIELD, rows.size() * FIELD);
        g.setColor(TEXT);
        if (!title.isEmpty()) {
            g.drawString(title, GAP, y + middle);
        }
        for (int row = 0; row < rows.size(); row++) {
            g.drawString(rows.get(row), GAP, top + row * FIELD + middle);
        }
        for (int column = 0; column < columns.size(); column++) {
            Graphics2D turned = (Graphics2D) g.create();
            turned.translate(left + column * FIELD + middle, top - GAP);
            turned.rotate(-Math.PI / 2);
            turned.drawString(columns.get(column), 0, 0);
            turned.dispose();
        }
    }
}
