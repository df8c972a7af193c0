package dev.rondo.cli.chart;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * How often each class was taken for each: a row for each class that is true, a column for each that was predicted. The count stands in
 * its field; the shade is the share of the row, so that rare classes are seen as well.
 *
 * @param title  above
 * @param labels of the classes, from above and from the left
 * @param counts [true][predicted]
 */
public record ConfusionMatrix(String title, List<String> labels, long[][] counts) {
    private static final int HEIGHT = 24;
    private static final int GAP = 8;
    private static final int LONGEST_LABEL = 40;
    /** More fields than anybody reads would make a file that nothing opens. */
    private static final int MAX_CLASSES = 400;

    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    private static final Font BOLD = new Font(Font.SANS_SERIF, Font.BOLD, 14);
    private static final Color TEXT = new Color(0x33, 0x33, 0x33);
    private static final Color FRAME = new Color(0xBB, 0xBB, 0xBB);
    private static final Color FULL = new Color(0x00, 0x4B, 0x7A);

    /** Copies all; long labels are cut. */
    public ConfusionMatrix {
        labels = labels.stream().map(ConfusionMatrix::cut).toList();
        int classes = labels.size();
        if (classes < 1 || classes > MAX_CLASSES || counts.length != classes) {
            throw new IllegalArgumentException(
                    "1 to " + MAX_CLASSES + " classes, a row each; got " + classes + " and " + counts.length + " rows");
        }
        counts = Arrays.stream(counts).map(long[]::clone).toArray(long[][]::new);
        for (long[] row : counts) {
            if (row.length != classes || Arrays.stream(row).anyMatch(n -> n < 0)) {
                throw new IllegalArgumentException(classes + " counts in a row; got " + Arrays.toString(row));
            }
        }
    }

    private static String cut(String label) {
        return label.codePointCount(0, label.length()) <= LONGEST_LABEL
                ? label
                : label.substring(0, label.offsetByCodePoints(0, LONGEST_LABEL - 1)) + "…";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConfusionMatrix that
                && title.equals(that.title)
                && labels.equals(that.labels)
                && Arrays.deepEquals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return 31 * labels.hashCode() + Arrays.deepHashCode(counts);
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
     * The SVG document.
     *
     * @throws IOException when this machine has no fonts to measure texts with
     */
    public String svg() throws IOException {
        int[] size = new int[2];
        // What texts measure is known only to a canvas.
        Canvas.svg(1, 1, g -> {
            var places = new Places(g);
            size[0] = Math.max(places.right, places.titleWidth) + GAP;
            size[1] = places.bottom + GAP;
        });
        return Canvas.svg(size[0], size[1], g -> {
            g.setColor(Color.WHITE);
            g.fillRect(0, 0, size[0], size[1]);
            draw(g, new Places(g));
        });
    }

    /** Where things are. */
    private final class Places {
        final int titleWidth;
        final int left;
        final int top;
        final int width;
        final int right;
        final int bottom;
        final int ascent;

        Places(Graphics2D g) {
            FontMetrics metrics = g.getFontMetrics(FONT);
            int label = labels.stream().mapToInt(metrics::stringWidth).max().orElse(0);
            int count = Arrays.stream(counts)
                    .flatMapToLong(Arrays::stream)
                    .mapToInt(n -> metrics.stringWidth(Long.toString(n)))
                    .max()
                    .orElse(0);
            ascent = metrics.getAscent();
            titleWidth = g.getFontMetrics(BOLD).stringWidth(title) + GAP;
            width = Math.max(HEIGHT, count + GAP);
            // Beside the labels of rows, and above those of columns, a line says what they are.
            left = HEIGHT + label + 2 * GAP;
            top = 2 * HEIGHT + label + 2 * GAP;
            right = left + labels.size() * width;
            bottom = top + labels.size() * HEIGHT;
        }
    }

    private void draw(Graphics2D g, Places at) {
        int classes = labels.size();
        int middle = (HEIGHT + at.ascent) / 2 - 1;
        g.setFont(FONT);
        for (int row = 0; row < classes; row++) {
            double all = Arrays.stream(counts[row]).sum();
            for (int column = 0; column < classes; column++) {
                long count = counts[row][column];
                if (count == 0) {
                    continue;
                }
                double share = count / all;
                g.setColor(shade(share));
                g.fillRect(at.left + column * at.width, at.top + row * HEIGHT, at.width, HEIGHT);
                g.setColor(share > 0.5 ? Color.WHITE : TEXT);
                String text = Long.toString(count);
                int x = at.left
                        + column * at.width
                        + (at.width - g.getFontMetrics().stringWidth(text)) / 2;
                g.drawString(text, x, at.top + row * HEIGHT + middle);
            }
        }
        g.setColor(FRAME);
        g.drawRect(at.left, at.top, classes * at.width, classes * HEIGHT);
        g.setColor(TEXT);
        for (int i = 0; i < classes; i++) {
            g.drawString(labels.get(i), HEIGHT + GAP, at.top + i * HEIGHT + middle);
            upward(g, labels.get(i), at.left + i * at.width + (at.width + at.ascent) / 2, at.top - GAP);
        }
        g.drawString("predicted", at.left, HEIGHT + middle);
        upward(g, "true", middle, at.bottom);
        g.setFont(BOLD);
        g.drawString(title, GAP, middle);
    }

    private static void upward(Graphics2D g, String text, int x, int y) {
        Graphics2D turned = (Graphics2D) g.create();
        turned.translate(x, y);
        turned.rotate(-Math.PI / 2);
        turned.drawString(text, 0, 0);
        turned.dispose();
    }

    /** From white to the full colour. */
    private static Color shade(double share) {
        return new Color(
                between(FULL.getRed(), share), between(FULL.getGreen(), share), between(FULL.getBlue(), share));
    }

    private static int between(int full, double share) {
        return (int) Math.round(255 + share * (full - 255));
    }
}
