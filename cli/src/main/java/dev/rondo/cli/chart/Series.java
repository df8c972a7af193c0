package dev.rondo.cli.chart;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Points that belong together.
 *
 * @param name   in the legend, unique in its chart
 * @param points in order; those that hold no finite number are left out
 * @param onRight whether the right axis measures it
 * @param style  how they are drawn
 */
public record Series(String name, List<Point> points, boolean onRight, Style style) {
    /** How points are drawn. */
    public enum Style {
        /** Joined. */
        LINE,
        /** Joined, each with a mark: for few points. */
        MARKED_LINE,
        /** Each with a mark, not joined: where their order says nothing. */
        POINTS
    }

    /** One point. */
    public record Point(double x, double y) {
        boolean isFinite() {
            return Double.isFinite(x) && Double.isFinite(y);
        }
    }

    /** Copies the points that can be shown. */
    public Series {
        points = points.stream().filter(Point::isFinite).toList();
    }

    /** A line, measured by the left axis. */
    public static Series line(String name, List<Point> points) {
        return new Series(name, points, false, Style.LINE);
    }

    /** A line with a mark at each point, measured by the left axis. */
    public static Series marks(String name, List<Point> points) {
        return new Series(name, points, false, Style.MARKED_LINE);
    }

    /** Marks that no line joins, measured by the left axis. */
    public static Series scattered(String name, List<Point> points) {
        return new Series(name, points, false, Style.POINTS);
    }

    /** The same, measured by the right axis. */
    public Series onRightAxis() {
        return new Series(name, points, true, style);
    }

    /** The same with points as apart as a logarithmic axis asks: those not above 0 left out. */
    Series above0(boolean x, boolean y) {
        var kept = new ArrayList<Point>();
        for (Point point : points) {
            if ((!x || point.x() > 0) && (!y || point.y() > 0)) {
                kept.add(point);
            }
        }
        return new Series(name, Collections.unmodifiableList(kept), onRight, style);
    }
}
