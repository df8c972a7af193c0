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
 * @param marked whether each point has a mark: for few points
 */
public record Series(String name, List<Point> points, boolean onRight, boolean marked) {
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
        return new Series(name, points, false, false);
    }

    /** A line with a mark at each point, measured by the left axis. */
    public static Series marks(String name, List<Point> points) {
        return new Series(name, points, false, true);
    }

    /** The same, measured by the right axis. */
    public Series onRightAxis() {
        return new Series(name, points, true, marked);
    }

    /** The same with points as apart as a logarithmic axis asks: those not above 0 left out. */
    Series above0(boolean x, boolean y) {
        var kept = new ArrayList<Point>();
        for (Point point : points) {
            if ((!x || point.x() > 0) && (!y || point.y() > 0)) {
                kept.add(point);
            }
        }
        return new Series(name, Collections.unmodifiableList(kept), onRight, marked);
    }
}
