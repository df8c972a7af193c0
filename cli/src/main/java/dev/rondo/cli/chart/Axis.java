package dev.rondo.cli.chart;

/**
 * One axis of a chart.
 *
 * @param label       what it shows, with its unit
 * @param logarithmic whether equal factors are equally long; values must then be above 0
 */
public record Axis(String label, boolean logarithmic) {
    /** An axis on which equal differences are equally long. */
    public static Axis linear(String label) {
        return new Axis(label, false);
    }

    /** An axis on which equal factors are equally long. */
    public static Axis logarithmic(String label) {
        return new Axis(label, true);
    }
}
