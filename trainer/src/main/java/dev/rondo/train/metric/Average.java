package dev.rondo.train.metric;

import java.util.function.ToDoubleFunction;

/**
 * Precision, recall and F1 of one class, or their means over classes.
 *
 * @param precision how much of what was found is right: {@code tp / (tp + fp)}; 0 where nothing was found
 * @param recall    how much of what is there was found: {@code tp / (tp + fn)}; 0 where nothing is there
 * @param f1        {@code 2 tp / (2 tp + fp + fn)}, or the mean of such
 * @param support   how often the class, or all classes, are there
 */
public record Average(double precision, double recall, double f1, long support) {

    /** Of counts: right ones, ones that were found, ones that are there. */
    static Average of(long right, long found, long there) {
        return new Average(
                found == 0 ? 0 : (double) right / found,
                there == 0 ? 0 : (double) right / there,
                found + there == 0 ? 0 : 2.0 * right / (found + there),
                there);
    }

    /** The mean of several, each with a weight; 0 where all weights are 0. */
    static Average mean(Iterable<Average> all, ToDoubleFunction<Average> weight) {
        double precision = 0;
        double recall = 0;
        double f1 = 0;
        double sum = 0;
        long support = 0;
        for (Average one : all) {
            double w = weight.applyAsDouble(one);
            precision += w * one.precision;
            recall += w * one.recall;
            f1 += w * one.f1;
            sum += w;
            support += one.support;
        }
        return sum == 0 ? new Average(0, 0, 0, support) : new Average(precision / sum, recall / sum, f1 / sum, support);
    }
}
