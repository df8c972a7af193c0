package dev.rondo.train.network;

import dev.rondo.error.InputException;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Classes or tags, in alphabetical order: their place is their id. */
final class Labels {
    /** The pipeline that lists them. */
    static final String PIPELINE = "labels";

    private final String kind;
    private final List<String> names;
    private final Map<String, Integer> ids = new HashMap<>();

    /**
     * Those of the training data.
     *
     * @param kind  what they are called in messages, in the plural
     * @param known those of a model that is the beginning: they are kept where they have all
     * @throws InputException when there are fewer than two
     */
    Labels(String kind, Stream<String> training, List<String> known) {
        this.kind = kind;
        List<String> found = training.distinct().sorted().toList();
        this.names = known.containsAll(found) ? known : found;
        if (names.size() < 2) {
            throw new InputException(
                    "training data",
                    "has at least two " + kind,
                    names.isEmpty() ? "no sample" : names.toString(),
                    names.isEmpty() ? "is --max-length too short?" : "is the right column named?");
        }
        for (int id = 0; id < names.size(); id++) {
            ids.put(names.get(id), id);
        }
    }

    /** @throws InputException when the training data has none of that name */
    int id(String name) {
        Integer id = ids.get(name);
        if (id == null) {
            throw new InputException(
                    "validation or test data",
                    "has only " + kind + " of the training data, " + shown(),
                    "'" + name + "'",
                    "add samples of it to the training data, or leave it out");
        }
        return id;
    }

    private String shown() {
        return names.size() <= 20 ? names.toString() : names.subList(0, 20) + " and " + (names.size() - 20) + " more";
    }

    int size() {
        return names.size();
    }

    List<String> names() {
        return names;
    }

    TextPipeline pipeline() {
        return new TextPipeline(PIPELINE, Normalisation.NONE, Segmentation.WORDS, names, List.of(), SpecialIds.NONE);
    }

    /** For each sample {@code n / (K nₖ)}: each class then weighs as much as any other. */
    float[] balanced(int[] classes) {
        float[] weights = classWeights(classes);
        float[] each = new float[classes.length];
        for (int i = 0; i < each.length; i++) {
            each[i] = weights[classes[i]];
        }
        return each;
    }

    /** For each class {@code n / (K nₖ)}, of n that are given; 0 for one that is not there. */
    float[] classWeights(int[] classes) {
        int[] counts = new int[size()];
        for (int id : classes) {
            counts[id]++;
        }
        float[] weights = new float[size()];
        for (int k = 0; k < weights.length; k++) {
            weights[k] = counts[k] == 0 ? 0 : (float) ((double) classes.length / size() / counts[k]);
        }
        return weights;
    }

    /** The same for all. */
    static float[] even(int count) {
        float[] weights = new float[count];
        Arrays.fill(weights, 1);
        return weights;
    }
}
