package dev.rondo.cli.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.axis.LogarithmicAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.SeriesRenderingOrder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.text.TextUtils;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** A chart as JFreeChart draws it, onto Batik's canvas, which keeps lines and texts. */
final class Drawing {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 520;
    private static final int LEFT = 0;
    private static final int RIGHT = 1;

    /** Colours that those who see few colours can tell apart (Okabe and Ito 2008). */
    private static final List<Color> COLOURS = List.of(
            new Color(0x00, 0x72, 0xB2),
            new Color(0xD5, 0x5E, 0x00),
            new Color(0x00, 0x9E, 0x73),
            new Color(0xCC, 0x79, 0xA7),
            new Color(0xE6, 0x9F, 0x00),
            new Color(0x56, 0xB4, 0xE9));

    private static final Color TEXT = new Color(0x33, 0x33, 0x33);
    private static final Color GRID = new Color(0xDD, 0xDD, 0xDD);
    private static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    private static final Shape MARK = new Ellipse2D.Double(-3, -3, 6, 6);

    static {
        // The label of a vertical axis as text, not as outlines of its letters.
        TextUtils.setUseDrawRotatedStringWorkaround(false);
    }

    private final LineChart chart;

    private Drawing(LineChart chart) {
        this.chart = chart;
    }

    /** One chart or several, as many side by side as there are columns. */
    static String svg(List<LineChart> charts, int columns) throws IOException {
        int rows = (charts.size() + columns - 1) / columns;
        return Canvas.svg(columns * WIDTH, rows * HEIGHT, canvas -> {
            // Places without a chart, too.
            canvas.setColor(Color.WHITE);
            canvas.fillRect(0, 0, columns * WIDTH, rows * HEIGHT);
            for (int i = 0; i < charts.size(); i++) {
                int x = i % columns * WIDTH;
                int y = i / columns * HEIGHT;
                new Drawing(charts.get(i)).drawn().draw(canvas, new Rectangle2D.Double(x, y, WIDTH, HEIGHT));
            }
        });
    }

    private JFreeChart drawn() {
        var plot = new XYPlot();
        plot.setBackgroundPaint(Color.WHITE);
        plot.setOutlineVisible(false);
        plot.setDatasetRenderingOrder(DatasetRenderingOrder.FORWARD);
        plot.setSeriesRenderingOrder(SeriesRenderingOrder.FORWARD);
        plot.setDomainGridlinePaint(GRID);
        plot.setRangeGridlinePaint(GRID);
        plot.setDomainAxis(scale(chart.x()));
        plot.setRangeAxis(LEFT, scale(chart.y()));
        add(plot, LEFT, false);
        if (chart.series().stream().anyMatch(s -> s.onRight() && !s.points().isEmpty())) {
            plot.setRangeAxis(RIGHT, scale(chart.right().orElseThrow()));
            plot.setRangeAxisLocation(RIGHT, AxisLocation.BOTTOM_OR_RIGHT);
            add(plot, RIGHT, true);
        }
        var drawn = new JFreeChart(chart.title(), new Font(Font.SANS_SERIF, Font.BOLD, 14), plot, true);
        drawn.setBackgroundPaint(Color.WHITE);
        drawn.setPadding(new RectangleInsets(8, 8, 8, 8));
        drawn.getTitle().setPaint(TEXT);
        drawn.getLegend().setFrame(BlockBorder.NONE);
        drawn.getLegend().setItemFont(SMALL);
        drawn.getLegend().setItemPaint(TEXT);
        return drawn;
    }

    private static NumberAxis scale(Axis axis) {
        NumberAxis scale = axis.logarithmic() ? new LogarithmicAxis(axis.label()) : new NumberAxis(axis.label());
        scale.setAutoRangeIncludesZero(false);
        if (axis.whole()) {
            scale.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        }
        // Not in the language of this machine.
        scale.setNumberFormatOverride(new DecimalFormat("0.########", DecimalFormatSymbols.getInstance(Locale.ROOT)));
        scale.setLabelFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        scale.setTickLabelFont(SMALL);
        scale.setLabelPaint(TEXT);
        scale.setTickLabelPaint(TEXT);
        return scale;
    }

    /** Adds the series of one side. */
    private void add(XYPlot plot, int index, boolean onRight) {
        var points = new XYSeriesCollection();
        var lines = new XYLineAndShapeRenderer();
        lines.setDrawSeriesLineAsPath(true);
        for (int i = 0; i < chart.series().size(); i++) {
            Series one = chart.series().get(i);
            if (one.onRight() != onRight || one.points().isEmpty()) {
                continue;
            }
            int place = points.getSeriesCount();
            var line = new XYSeries(one.name(), false, true);
            one.points().forEach(p -> line.add(p.x(), p.y(), false));
            points.addSeries(line);
            lines.setSeriesPaint(place, COLOURS.get(i));
            lines.setSeriesStroke(place, new BasicStroke(one.style() == Series.Style.LINE ? 1.2f : 2));
            lines.setSeriesShapesVisible(place, one.style() != Series.Style.LINE);
            lines.setSeriesLinesVisible(place, one.style() != Series.Style.POINTS);
            lines.setSeriesShape(place, MARK);
        }
        // The renderer first: without one, points have a width, which a logarithmic axis may not have room for.
        plot.setRenderer(index, lines);
        plot.setDataset(index, points);
        plot.mapDatasetToRangeAxis(index, index);
    }
}
