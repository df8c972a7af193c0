package dev.rondo.cli.chart;

/**
 * One axis of a chart.
 *
 * @param label       what it shows, with its unit
 * @param logarithmic whether equal factors are equally long; values must then be above 0
 * @param whole       whether only whole numbers are written beside it
 */
public record Axis(String label, boolean logarithmic, boolean whole) {
    /** An axis on which equal differences are equally long. */
    public static Axis linear(String label) {
        return new Axis(label, false, false);
    }

    /** An axis on which equal factors are equally long. */
    public static Axis logarithmic(String label) {
        return new Axis(label, true, false);
    }

    /** A linear axis of things that are counted. */
    public static Axis counting(String label) {
        return new Axis(label, false, true);
    }
}
