package dev.rondo.train.synthetic;

import java.util.List;

/**
 * How digits are written: strokes through points of the unit square, x to the right and y down. Some digits have several
 * forms.
 */
final class DigitStrokes {
    /**
     * One movement of the pen.
     *
     * @param smooth whether the line between points is a curve (a Catmull-Rom spline) or straight
     * @param points x and y in turns
     */
    record Stroke(boolean smooth, double... points) {
        int count() {
            return points.length / 2;
        }
    }

    private static final List<List<List<Stroke>>> FORMS = List.of(
            List.of(
                    List.of(curve(
                            0.5, 0.1, 0.31, 0.2, 0.25, 0.5, 0.31, 0.8, 0.5, 0.9, 0.69, 0.8, 0.75, 0.5, 0.69, 0.2, 0.5,
                            0.1)),
                    List.of(curve(
                            0.58, 0.12, 0.38, 0.16, 0.28, 0.45, 0.3, 0.75, 0.46, 0.89, 0.66, 0.78, 0.72, 0.5, 0.66, 0.2,
                            0.5, 0.11))),
            List.of(
                    List.of(line(0.5, 0.1, 0.5, 0.9)),
                    List.of(line(0.36, 0.28, 0.52, 0.1, 0.52, 0.9)),
                    List.of(line(0.36, 0.26, 0.52, 0.1, 0.52, 0.89), line(0.34, 0.89, 0.7, 0.89))),
            List.of(
                    List.of(
                            curve(0.28, 0.28, 0.36, 0.14, 0.55, 0.1, 0.71, 0.22, 0.67, 0.42, 0.47, 0.64, 0.27, 0.87),
                            line(0.27, 0.87, 0.75, 0.87)),
                    List.of(curve(
                            0.3, 0.25, 0.48, 0.1, 0.68, 0.2, 0.66, 0.42, 0.44, 0.72, 0.3, 0.84, 0.28, 0.74, 0.42, 0.74,
                            0.6, 0.88, 0.76, 0.82))),
            List.of(
                    List.of(curve(
                            0.28, 0.18, 0.5, 0.1, 0.69, 0.22, 0.64, 0.4, 0.46, 0.47, 0.67, 0.55, 0.72, 0.73, 0.54, 0.89,
                            0.27, 0.82)),
                    List.of(
                            line(0.28, 0.12, 0.7, 0.12, 0.46, 0.44),
                            curve(0.46, 0.44, 0.68, 0.5, 0.72, 0.72, 0.54, 0.89, 0.28, 0.82))),
            List.of(
                    List.of(line(0.6, 0.1, 0.25, 0.62, 0.78, 0.62), line(0.62, 0.36, 0.62, 0.9)),
                    List.of(line(0.32, 0.12, 0.28, 0.54, 0.76, 0.54), line(0.66, 0.14, 0.64, 0.9))),
            List.of(List.of(
                    line(0.7, 0.12, 0.34, 0.12, 0.31, 0.45),
                    curve(0.31, 0.45, 0.52, 0.39, 0.71, 0.55, 0.67, 0.79, 0.46, 0.89, 0.27, 0.8))),
            List.of(List.of(curve(
                    0.65, 0.12, 0.42, 0.26, 0.29, 0.52, 0.31, 0.76, 0.48, 0.89, 0.67, 0.79, 0.67, 0.6, 0.5, 0.5, 0.32,
                    0.62))),
            List.of(
                    List.of(line(0.26, 0.13, 0.74, 0.13, 0.42, 0.89)),
                    List.of(line(0.26, 0.13, 0.74, 0.13, 0.42, 0.89), line(0.36, 0.5, 0.68, 0.5))),
            List.of(List.of(curve(
                    0.5, 0.47, 0.33, 0.35, 0.36, 0.16, 0.5, 0.1, 0.64, 0.16, 0.67, 0.35, 0.5, 0.47, 0.3, 0.62, 0.31,
                    0.81, 0.5, 0.9, 0.69, 0.81, 0.7, 0.62, 0.5, 0.47))),
            List.of(
                    List.of(curve(
                            0.69, 0.38, 0.55, 0.5, 0.36, 0.44, 0.33, 0.25, 0.48, 0.11, 0.66, 0.18, 0.7, 0.38, 0.66,
                            0.65, 0.5, 0.9)),
                    List.of(
                            curve(0.68, 0.3, 0.6, 0.46, 0.4, 0.46, 0.33, 0.28, 0.46, 0.12, 0.64, 0.16, 0.68, 0.3),
                            line(0.68, 0.3, 0.66, 0.9))));

    private DigitStrokes() {}

    private static Stroke curve(double... points) {
        return new Stroke(true, points);
    }

    private static Stroke line(double... points) {
        return new Stroke(false, points);
    }

    /** The ways to write a digit. */
    static List<List<Stroke>> forms(int digit) {
        return FORMS.get(digit);
    }
}
