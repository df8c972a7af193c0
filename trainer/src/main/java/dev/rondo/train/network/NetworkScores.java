package dev.rondo.train.network;

import java.util.List;

/**
 * How good a network is on some samples.
 *
 * @param samples   how many
 * @param loss      mean over all predictions, with a chain over all sentences; of scaled numbers where numbers are scaled
 * @param labels    names of classes or tags by their ids; none for numbers
 * @param targets   what is right: ids, sample by sample; none for numbers; not copied
 * @param predicted what the network says; likewise
 * @param error     of numbers: the root of the mean squared error, in the units of the data; else NaN
 */
public record NetworkScores(
        int samples, double loss, List<String> labels, int[] targets, int[] predicted, double error) {
    /** The share of right classes or tags; NaN for numbers. */
    public double accuracy() {
        int right = 0;
        for (int i = 0; i < targets.length; i++) {
            right += targets[i] == predicted[i] ? 1 : 0;
        }
        return (double) right / targets.length;
    }
}
