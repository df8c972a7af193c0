package dev.rondo.train.network;

import dev.rondo.error.InputException;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.select.CrossValidation;
import dev.rondo.train.select.Folds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ObjDoubleConsumer;

/**
 * Cross-validation of networks: the samples for training and validation are dealt into parts, each class alike, and each part tests a
 * network of its own; of the other parts, as large a share as before validates. Test samples take no part.
 */
public final class NetworkFolds {
    private NetworkFolds() {}

    /**
     * Trains as many networks as there are parts.
     *
     * @param listener told the score of each fold, which are counted from 1
     * @return accuracies, of 100; of numbers the roots of the mean squared errors
     * @throws InputException when samples follow one another, so that parts would know of each other, or there are too few
     * @throws IOException when no file can be written: each network is written and deleted
     */
    public static CrossValidation run(
            NetworkTrainingSettings settings,
            NetworkData data,
            NetworkStart start,
            int folds,
            ObjDoubleConsumer<Integer> listener)
            throws IOException {
        long seed = settings.training().seed();
        return switch (data) {
            case NetworkData.Texts(var parts) ->
                run(settings, parts, LabelledText::label, NetworkData.Texts::new, start, folds, listener, seed);
            case NetworkData.Features(var parts, var inputs) ->
                run(
                        settings,
                        parts,
                        LabelledFeatures::label,
                        p -> new NetworkData.Features(p, inputs),
                        start,
                        folds,
                        listener,
                        seed);
            case NetworkData.Sentences(var parts) ->
                run(settings, parts, sentence -> "", NetworkData.Sentences::new, start, folds, listener, seed);
            case NetworkData.Numbers numbers -> {
                if (numbers.window() > 0) {
                    throw new InputException(
                            "folds",
                            "are of samples that do not follow one another",
                            "windows of a series",
                            "set the end of the series apart to test with");
                }
                yield run(
                        settings,
                        numbers.parts(),
                        row -> "",
                        p -> new NetworkData.Numbers(p, numbers.inputs(), numbers.targets(), 0, 0),
                        start,
                        folds,
                        listener,
                        seed);
            }
        };
    }

    private static <T> CrossValidation run(
            NetworkTrainingSettings settings,
            Parts<T> parts,
            Function<T, String> label,
            Function<Parts<T>, NetworkData> data,
            NetworkStart start,
            int count,
            ObjDoubleConsumer<Integer> listener,
            long seed)
            throws IOException {
        List<T> all = new ArrayList<>(parts.training());
        all.addAll(parts.validation());
        double share = (double) parts.validation().size() / all.size();
        List<String> names = all.stream().map(label).distinct().sorted().toList();
        int[] classes =
                all.stream().mapToInt(s -> names.indexOf(label.apply(s))).toArray();
        return CrossValidation.run(Folds.stratified(classes, count, seed), (fold, training, held) -> {
            Parts<T> rest = Parts.deal(
                    Arrays.stream(training).mapToObj(all::get).toList(),
                    label,
                    share,
                    0,
                    SeededRandom.hash(seed, fold));
            double score = score(
                    settings,
                    data.apply(new Parts<>(
                            rest.training(),
                            rest.validation(),
                            Arrays.stream(held).mapToObj(all::get).toList())),
                    start);
            listener.accept(fold + 1, score);
            return score;
        });
    }

    private static double score(NetworkTrainingSettings settings, NetworkData data, NetworkStart start)
            throws IOException {
        Path out = Files.createTempFile("rondo", ".rondo");
        try {
            NetworkScores test = NetworkTraining.run(
                            settings, data, start, out, Optional.empty(), TrainingListener.SILENT)
                    .test()
                    .orElseThrow();
            return test.labels().isEmpty() ? test.error() : 100 * test.accuracy();
        } finally {
            Files.delete(out);
        }
    }
}
