package dev.rondo.train.network;

import dev.rondo.error.InputException;
import dev.rondo.train.SeededRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Samples by what they are for.
 *
 * @param training   what a network is trained on
 * @param validation what decides which parameters are the best
 * @param test       what it is judged by in the end; may have none
 */
public record Parts<T>(List<T> training, List<T> validation, List<T> test) {
    /** Copies the lists. */
    public Parts {
        training = List.copyOf(training);
        validation = List.copyOf(validation);
        test = List.copyOf(test);
    }

    /**
     * Deals samples out at random, each label by itself: of each the shares, rounded, are for validation and test. A label that is too rare
     * for its share stays with the training samples, whose order is that of all.
     *
     * @param label      of a sample; the same for all deals them regardless of what they are
     * @param validation share of the samples, from 0
     * @param test       share of the samples, from 0
     * @throws InputException when the shares leave nothing to train on
     */
    public static <T> Parts<T> deal(
            List<T> samples, Function<T, String> label, double validation, double test, long seed) {
        if (!(validation >= 0 && test >= 0 && validation + test < 1)) {
            throw new InputException(
                    "shares of validation and test",
                    "are not negative and below 1 together",
                    validation + " and " + test,
                    "leave some samples to train on");
        }
        Map<String, List<Integer>> byLabel = new LinkedHashMap<>();
        for (int i = 0; i < samples.size(); i++) {
            byLabel.computeIfAbsent(label.apply(samples.get(i)), l -> new ArrayList<>())
                    .add(i);
        }
        int[] part = new int[samples.size()];
        byLabel.forEach((name, members) -> {
            int[] order =
                    SeededRandom.of(seed, name.chars().asLongStream().toArray()).permutation(members.size());
            long ofTest = Math.round(test * order.length);
            long ofValidation = Math.min(Math.round(validation * order.length), order.length - ofTest);
            for (int i = 0; i < order.length; i++) {
                part[members.get(order[i])] = i < ofTest ? 2 : i < ofTest + ofValidation ? 1 : 0;
            }
        });
        List<List<T>> parts = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < part.length; i++) {
            parts.get(part[i]).add(samples.get(i));
        }
        return new Parts<>(parts.get(0), parts.get(1), parts.get(2));
    }

    /** In their order: the last for validation and test, as forecasts want it. */
    public static <T> Parts<T> inOrder(List<T> samples, double validation, double test) {
        if (!(validation >= 0 && test >= 0 && validation + test < 1)) {
            throw new InputException(
                    "shares of validation and test",
                    "are not negative and below 1 together",
                    validation + " and " + test,
                    "leave some samples to train on");
        }
        int ofTest = (int) Math.round(test * samples.size());
        int ofValidation = Math.min((int) Math.round(validation * samples.size()), samples.size() - ofTest);
        int first = samples.size() - ofTest - ofValidation;
        return new Parts<>(
                samples.subList(0, first),
                samples.subList(first, first + ofValidation),
                samples.subList(first + ofValidation, samples.size()));
    }

    /** What one becomes, in each part. */
    <R> Parts<R> map(Function<T, R> function) {
        return new Parts<>(
                training.stream().map(function).toList(),
                validation.stream().map(function).toList(),
                test.stream().map(function).toList());
    }
}
