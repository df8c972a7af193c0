package dev.rondo.train.network;

import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.NetworkInput;
import dev.rondo.error.InputException;
import dev.rondo.train.data.Scaling;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Rows of numbers, scaled. */
final class NumberCorpus {
    private NumberCorpus() {}

    /** Rows with classes. */
    static NetworkCorpus classes(
            NetworkTrainingSettings settings,
            Parts<LabelledFeatures> parts,
            List<String> inputs,
            Optional<PretrainedNetwork> start) {
        var labels = new Labels(
                "classes",
                parts.training().stream().map(LabelledFeatures::label),
                start.map(PretrainedNetwork::labels).orElse(List.of()));
        float[][] rows = parts.training().stream().map(LabelledFeatures::values).toArray(float[][]::new);
        int width = width(all(parts).map(LabelledFeatures::values));
        Optional<Scaling> scaling = inputScaling(settings, start, rows, width);
        Function<List<LabelledFeatures>, Examples> examples = samples -> {
            int[] classes = samples.stream().mapToInt(s -> labels.id(s.label())).toArray();
            return new Examples(
                    new Inputs.Vectors(scaled(scaling, samples.stream().map(LabelledFeatures::values))),
                    new Targets.Classes(classes),
                    settings.objective().balanced() && samples == parts.training()
                            ? labels.balanced(classes)
                            : Labels.even(classes.length));
        };
        return new NetworkCorpus(
                examples.apply(parts.training()),
                examples.apply(parts.validation()),
                parts.test().isEmpty() ? Optional.empty() : Optional.of(examples.apply(parts.test())),
                new NetworkInput.Vectors(width),
                LayerStack.Results.CLASSES,
                labels.size(),
                labels.names(),
                List.of(labels.pipeline()),
                scaling,
                Optional.empty(),
                start.filter(from -> from.labels().equals(labels.names())).isPresent(),
                inputs.isEmpty() ? Map.of() : Map.of("inputs", String.join("\t", inputs)),
                fingerprint(all(parts), s -> List.of(s.values()), LabelledFeatures::label));
    }

    /** Rows, or windows of rows, with numbers to predict. */
    static NetworkCorpus values(
            NetworkTrainingSettings settings, NetworkData.Numbers data, Optional<PretrainedNetwork> start) {
        Parts<NumberSample> parts = data.parts();
        int width = width(all(parts).flatMap(s -> Stream.of(s.inputs())));
        int outputs = width(all(parts).map(NumberSample::targets));
        Optional<Scaling> inputs = inputScaling(
                settings,
                start,
                parts.training().stream().flatMap(s -> Stream.of(s.inputs())).toArray(float[][]::new),
                width);
        boolean same = start.filter(from -> from.predicts(data.targets(), data.horizon()))
                .isPresent();
        Optional<Scaling> targets = same
                ? start.get().scaling(NetworkFile.OUTPUT)
                : scaling(
                        settings.scaling(),
                        parts.training().stream().map(NumberSample::targets).toArray(float[][]::new));
        targets.ifPresent(scaling -> check("predicted", scaling, outputs));
        boolean windows = data.window() > 0;
        Function<List<NumberSample>, Examples> examples = samples -> new Examples(
                windows
                        ? new Inputs.Steps(windows(inputs, samples), width)
                        : new Inputs.Vectors(scaled(inputs, samples.stream().map(s -> s.inputs()[0]))),
                new Targets.Values(scaled(targets, samples.stream().map(NumberSample::targets))),
                Labels.even(samples.size()));
        return new NetworkCorpus(
                examples.apply(parts.training()),
                examples.apply(parts.validation()),
                parts.test().isEmpty() ? Optional.empty() : Optional.of(examples.apply(parts.test())),
                windows ? new NetworkInput.Steps(width) : new NetworkInput.Vectors(width),
                LayerStack.Results.VALUES,
                outputs,
                List.of(),
                List.of(),
                inputs,
                targets,
                same,
                Map.of(
                        "inputs",
                        String.join("\t", data.inputs()),
                        "targets",
                        String.join("\t", data.targets()),
                        "window",
                        "" + data.window(),
                        "horizon",
                        "" + data.horizon()),
                fingerprint(all(parts), s -> List.of(s.inputs()), s -> Arrays.toString(s.targets())));
    }

    private static <T> Stream<T> all(Parts<T> parts) {
        return Stream.of(parts.training(), parts.validation(), parts.test()).flatMap(List::stream);
    }

    /** Of a model that is the beginning its own, since its parameters mean numbers so scaled; else what the rows say. */
    private static Optional<Scaling> inputScaling(
            NetworkTrainingSettings settings, Optional<PretrainedNetwork> start, float[][] rows, int width) {
        Optional<Scaling> scaling =
                start.isPresent() ? start.get().scaling(NetworkFile.INPUT) : scaling(settings.scaling(), rows);
        scaling.ifPresent(found -> check("read", found, width));
        return scaling;
    }

    private static void check(String what, Scaling scaling, int width) {
        if (scaling.size() != width) {
            throw new InputException(
                    "data",
                    "has the " + scaling.size() + " columns that are " + what + " by the model to begin with",
                    width + "",
                    "name columns of the same meaning");
        }
    }

    private static Optional<Scaling> scaling(NumberScaling kind, float[][] rows) {
        return switch (kind) {
            case NONE -> Optional.empty();
            case STANDARD -> Optional.of(Scaling.standardised(rows));
            case UNIT -> Optional.of(Scaling.range(rows, 0, 1));
            case SYMMETRIC -> Optional.of(Scaling.range(rows, -1, 1));
            case COMMON -> Optional.of(Scaling.common(rows));
        };
    }

    private static float[][] scaled(Optional<Scaling> scaling, Stream<float[]> rows) {
        return rows.map(row -> scaling.map(s -> s.apply(row)).orElse(row)).toArray(float[][]::new);
    }

    /** The rows of each window one after the other. */
    private static float[][] windows(Optional<Scaling> scaling, List<NumberSample> samples) {
        return samples.stream()
                .map(sample -> {
                    float[][] rows = scaled(scaling, Stream.of(sample.inputs()));
                    float[] joined = new float[rows.length * rows[0].length];
                    for (int t = 0; t < rows.length; t++) {
                        System.arraycopy(rows[t], 0, joined, t * rows[t].length, rows[t].length);
                    }
                    return joined;
                })
                .toArray(float[][]::new);
    }

    /** The length that all rows have. */
    private static int width(Stream<float[]> rows) {
        int[] widths = rows.mapToInt(row -> row.length).distinct().toArray();
        if (widths.length != 1 || widths[0] == 0) {
            throw new InputException(
                    "data",
                    "has rows of equally many numbers, at least one",
                    "rows of " + Arrays.toString(widths),
                    "give training, validation and test data the same columns");
        }
        return widths[0];
    }

    private static <T> String fingerprint(
            Stream<T> samples, Function<T, List<float[]>> numbers, Function<T, String> target) {
        var fingerprint = new Fingerprint();
        samples.forEach(sample -> {
            numbers.apply(sample).forEach(fingerprint::add);
            fingerprint.add(target.apply(sample));
        });
        return fingerprint.hex();
    }
}
