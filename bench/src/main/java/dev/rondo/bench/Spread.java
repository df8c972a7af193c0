package dev.rondo.bench;

import java.util.Arrays;
import java.util.Locale;

/** What the rounds of a measurement gave. */
record Spread(double least, double median, double most) {
    static Spread of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(sorted[0], median, sorted[sorted.length - 1]);
    }

    /** {@code median (least–most)}, or the one number when all print alike. */
    String text(int decimals) {
        String form = "%." + decimals + "f";
        String middle = String.format(Locale.ROOT, form, median);
        String low = String.format(Locale.ROOT, form, least);
        String high = String.format(Locale.ROOT, form, most);
        return low.equals(high) ? middle : middle + " (" + low + "–" + high + ")";
    }
}
