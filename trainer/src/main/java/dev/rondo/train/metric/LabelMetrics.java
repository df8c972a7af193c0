package dev.rondo.train.metric;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.List;

/**
 * How well labels were guessed: a table of counts, and figures of it that are those of scikit-learn with {@code zero_division=0}.
 * Averages go over the classes that are there or were guessed.
 */
public final class LabelMetrics {
    private final List<String> labels;
    /** By the right label, then the guessed one. */
    private final long[][] counts;

    /**
     * A table of counts.
     *
     * @param labels the classes
     * @param counts [K,K] by the right label, then the guessed one
     * @throws InputException when the table has another size, or a negative number
     */
    public LabelMetrics(List<String> labels, long[][] counts) {
        this.labels = List.copyOf(labels);
        this.counts = new long[counts.length][];
        boolean fits = counts.length == labels.size();
        for (int i = 0; i < counts.length; i++) {
            this.counts[i] = counts[i].clone();
            fits &= counts[i].length == counts.length;
            for (long count : counts[i]) {
                fits &= count >= 0;
            }
        }
        if (!fits) {
            throw new InputException(
                    "table of counts",
                    "has a row and a column for each label, and no negative numbers",
                    counts.length + " rows for " + labels.size() + " labels",
                    "count again");
        }
    }

    /**
     * Counts.
     *
     * @param right   ids of the right labels
     * @param guessed ids of the guessed ones, as many
     * @throws InputException when numbers differ or an id is no label's
     */
    public static LabelMetrics of(List<String> labels, int[] right, int[] guessed) {
        if (right.length != guessed.length) {
            throw new InputException(
                    "guessed labels", "are as many as the right ones", guessed.length + " for " + right.length, "");
        }
        var counts = new long[labels.size()][labels.size()];
        for (int i = 0; i < right.length; i++) {
            for (int id : List.of(right[i], guessed[i])) {
                if (id < 0 || id >= labels.size()) {
                    throw new InputException(
                            "label", "is one of " + labels.size() + ", counted from 0", "" + id, "check the ids");
                }
            }
            counts[right[i]][guessed[i]]++;
        }
        return new LabelMetrics(labels, counts);
    }

    /** The classes. */
    public List<String> labels() {
        return labels;
    }

    /** How often a label was taken for another: the confusion matrix. */
    public long count(int right, int guessed) {
        return counts[right][guessed];
    }

    /** How many labels there are in all. */
    public long total() {
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += there(i);
        }
        return sum;
    }

    private long there(int label) {
        long sum = 0;
        for (long count : counts[label]) {
            sum += count;
        }
        return sum;
    }

    private long found(int label) {
        long sum = 0;
        for (long[] row : counts) {
            sum += row[label];
        }
        return sum;
    }

    private long right() {
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += counts[i][i];
        }
        return sum;
    }

    /** The share of right ones; 0 of none. */
    public double accuracy() {
        return total() == 0 ? 0 : (double) right() / total();
    }

    /** Of one class. */
    public Average of(int label) {
        return Average.of(counts[label][label], found(label), there(label));
    }

    /** Of all decisions together: precision, recall and F1 are all the accuracy, where each has one label. */
    public Average micro() {
        return Average.of(right(), total(), total());
    }

    /** The mean over classes, each counts alike. */
    public Average macro() {
        return Average.mean(present(), _ -> 1);
    }

    /** The mean over classes, each counts as often as it is there. */
    public Average weighted() {
        return Average.mean(present(), Average::support);
    }

    /** The classes that are there or were guessed. */
    private List<Average> present() {
        var all = new ArrayList<Average>();
        for (int i = 0; i < counts.length; i++) {
            if (there(i) + found(i) > 0) {
                all.add(of(i));
            }
        }
        return all;
    }
}
