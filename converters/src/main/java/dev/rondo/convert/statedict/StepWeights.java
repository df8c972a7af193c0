package dev.rondo.convert.statedict;

import dev.rondo.architecture.Layer;
import dev.rondo.architecture.Projection;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.statedict.LayerConfig.Numbers;
import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tensors of layers that work on each step, vector or point by itself. */
record StepWeights(LayerWeights all) {
    private static final double LEAST = Float.MIN_NORMAL;

    Flow add(List<Layer> layers, LayerConfig.PerStep config, String name, Flow x) {
        return switch (config) {
            case LayerConfig.Embedding(String weight) -> {
                Layer.Embedding table = all.embedding(weight, name + ".weight");
                layers.add(table);
                yield Flow.steps(table.columns());
            }
            case LayerConfig.Linear linear -> linear(layers, linear, name, x);
            case LayerConfig.Multiplicative(var a, var b) -> {
                x.requireNumbers(name, "a multiplicative layer");
                Flow known = all.known(x, inputs(a, name + ".a"));
                Projection left = all.linear().collect(a, name + ".a", known.size(), -1);
                Projection right = all.linear().collect(b, name + ".b", known.size(), left.outputSize());
                layers.add(new Layer.Multiplicative(left, right));
                yield known.withSize(left.outputSize());
            }
            case LayerConfig.Magnitude() -> {
                x.requireNumbers(name, "a magnitude");
                if (x.size() == 0 || x.size() % 2 != 0) {
                    throw new FormatException(
                            name, "needs pairs: an even number of values in a step", "" + x.size(), "check the order");
                }
                layers.add(new Layer.Magnitude(x.size() / 2));
                yield x.withSize(x.size() / 2);
            }
            case LayerConfig.Activate(var activation) -> {
                layers.add(new Layer.Activate(activation));
                yield x;
            }
            case LayerConfig.PRelu(String weight) -> prelu(layers, weight, name, x);
            case LayerConfig.BatchNorm norm -> batchNorm(layers, norm, name, x);
            case LayerConfig.LayerNorm norm -> layerNorm(layers, norm, name, x);
            case LayerConfig.Standardise(var mean, var deviation) -> standardise(layers, mean, deviation, name, x);
            case LayerConfig.Scale(var scale, var shift) -> {
                Flow known = sized(scale, name, x);
                double[] factors = values(scale, name + ".scale", known.size());
                layers.add(scaled(
                        name,
                        known.size(),
                        factors,
                        values(shift, name + ".shift", known.size()),
                        sources(scale, shift)));
                yield known;
            }
            case LayerConfig.Softmax(boolean log) -> {
                x.requireNumbers(name, "softmax");
                layers.add(new Layer.Softmax(log));
                yield x;
            }
            case LayerConfig.Dropout() -> {
                all.decided(name, "dropout: nothing outside of training");
                yield x;
            }
        };
    }

    private int inputs(LayerConfig.Linear linear, String name) {
        return RecurrentWeights.size(all.source().use(linear.weight(), name + ".weight", "outputs, inputs", -1, -1), 1);
    }

    private Flow linear(List<Layer> layers, LayerConfig.Linear linear, String name, Flow input) {
        if (input.kind() == Flow.Kind.IMAGE) {
            input.requireNumbers(name, "a linear layer");
        }
        Flow x = input.size() > 0 ? input : all.known(input, inputs(linear, name));
        SourceTensor weight =
                all.source().use(linear.weight(), name + ".weight", "outputs, " + x.size() + " inputs", -1, x.size());
        int outputs = RecurrentWeights.size(weight, 0);
        if (!layers.isEmpty() && layers.getLast() instanceof Layer.Linear) {
            all.decided(
                    name,
                    "a linear layer right behind another; an activation between them would leave no trace in the"
                            + " weights");
        }
        Optional<String> bias = all.vector(linear.bias(), name + ".bias", outputs);
        String stored = name + ".weight";
        if (x.kind() == Flow.Kind.FLAT) {
            int points = x.height() * x.width();
            int channels = x.size() / points;
            stored = all.collector()
                    .changed(
                            stored,
                            weight,
                            List.of(outputs, x.size()),
                            v -> LayerWeights.channelsLast(v, outputs, channels, points));
            all.decided(
                    name + ".columns",
                    "from " + channels + " channels of " + points
                            + " points to points of channels, as images lie here");
        } else {
            stored = all.collector().whole(stored, weight);
        }
        layers.add(new Layer.Linear(stored, bias, x.size(), outputs));
        return x.like(outputs);
    }

    private Flow prelu(List<Layer> layers, String slopes, String name, Flow x) {
        SourceTensor weight = all.source().use(slopes, name + ".slopes", "one, or one of each input", -1);
        int given = RecurrentWeights.size(weight, 0);
        x.requireSize(name);
        if (given != 1) {
            x.requireOrder(name);
            all.source().use(slopes, name + ".slopes", "one, or one of each input", x.size());
        }
        layers.add(new Layer.PRelu(all.collector().changed(name + ".slopes", weight, List.of(given), v -> v), given));
        return x;
    }

    private Flow batchNorm(List<Layer> layers, LayerConfig.BatchNorm norm, String name, Flow input) {
        input.requireOrder(name);
        SourceTensor mean = all.source().use(norm.mean(), name + ".mean", "one of each channel", -1);
        Flow x = all.known(input, RecurrentWeights.size(mean, 0));
        int size = x.size();
        String why = "one of each of " + size + " channels";
        all.source().use(norm.mean(), name + ".mean", why, size);
        SourceTensor variance = all.source().use(norm.variance(), name + ".variance", why, size);
        Optional<SourceTensor> gain = norm.weight().map(w -> all.source().use(w, name + ".weight", why, size));
        Optional<SourceTensor> bias = norm.bias().map(b -> all.source().use(b, name + ".bias", why, size));
        float[] means = WeightCollector.values(mean, size);
        float[] variances = WeightCollector.values(variance, size);
        Optional<float[]> gains = gain.map(g -> WeightCollector.values(g, size));
        Optional<float[]> biases = bias.map(b -> WeightCollector.values(b, size));
        double[] scale = new double[size];
        double[] shift = new double[size];
        for (int i = 0; i < size; i++) {
            double spread = variances[i] + norm.epsilon();
            if (!(spread > 0)) {
                throw new FormatException(
                        variance.subject() + " (" + name + ".variance)",
                        "variance + epsilon must be above 0",
                        variances[i] + " + " + norm.epsilon() + " at " + i,
                        "is it the variance?");
            }
            scale[i] = (gains.isPresent() ? gains.get()[i] : 1) / Math.sqrt(spread);
            shift[i] = (biases.isPresent() ? biases.get()[i] : 0) - means[i] * scale[i];
        }
        var sources = new ArrayList<>(List.of(mean, variance));
        gain.ifPresent(sources::add);
        bias.ifPresent(sources::add);
        layers.add(scaled(name, size, scale, shift, sources));
        all.decided(name, "batch normalisation by its running statistics, folded, epsilon " + norm.epsilon());
        return x;
    }

    private Flow layerNorm(List<Layer> layers, LayerConfig.LayerNorm norm, String name, Flow input) {
        input.requireNumbers(name, "a layer normalisation");
        Flow x = input;
        if (x.size() == 0 && norm.weight().isPresent()) {
            x = all.known(
                    x,
                    RecurrentWeights.size(
                            all.source().use(norm.weight().get(), name + ".gain", "one of each input", -1), 0));
        }
        x.requireSize(name);
        layers.add(layerNorm(norm, name, x.size()));
        all.decided(name, "layer normalisation, epsilon " + norm.epsilon());
        return x;
    }

    Layer.LayerNorm layerNorm(LayerConfig.LayerNorm norm, String name, int size) {
        Optional<String> gain = all.vector(norm.weight().stream().toList(), name + ".gain", size);
        Optional<String> bias = all.vector(norm.bias().stream().toList(), name + ".bias", size);
        return new Layer.LayerNorm(gain, bias, size, (float) norm.epsilon());
    }

    private Flow standardise(List<Layer> layers, Numbers mean, Numbers deviation, String name, Flow input) {
        Flow x = sized(mean, name, input);
        int size = x.size();
        double[] means = values(mean, name + ".mean", size);
        double[] deviations = values(deviation, name + ".std", size);
        double[] scale = new double[size];
        double[] shift = new double[size];
        for (int i = 0; i < size; i++) {
            if (!(deviations[i] >= LEAST)) {
                throw new FormatException(
                        name + ", std", "must be above 0", deviations[i] + " at " + i, "write 1 where nothing varies");
            }
            scale[i] = 1 / deviations[i];
            shift[i] = -means[i] * scale[i];
        }
        layers.add(scaled(name, size, scale, shift, sources(mean, deviation)));
        all.decided(name, "standardisation (x - mean) / std");
        return x;
    }

    private Flow sized(Numbers numbers, String name, Flow x) {
        x.requireOrder(name);
        return x.size() > 0
                ? x
                : all.known(
                        x,
                        switch (numbers) {
                            case Numbers.Given(var values) -> values.size();
                            case Numbers.Tensor(String tensor) ->
                                RecurrentWeights.size(all.source().use(tensor, name, "one of each input", -1), 0);
                        });
    }

    private double[] values(Numbers numbers, String name, int size) {
        double[] values = new double[size];
        switch (numbers) {
            case Numbers.Given(var given) -> {
                if (given.size() != size) {
                    throw new ShapeException(
                            name, "must have one number of each of " + size, "" + given.size(), "check the list");
                }
                for (int i = 0; i < size; i++) {
                    values[i] = given.get(i);
                }
            }
            case Numbers.Tensor(String tensor) -> {
                float[] read =
                        WeightCollector.values(all.source().use(tensor, name, "one of each of " + size, size), size);
                for (int i = 0; i < size; i++) {
                    values[i] = read[i];
                }
            }
        }
        return values;
    }

    private List<SourceTensor> sources(Numbers... numbers) {
        var sources = new ArrayList<SourceTensor>();
        for (Numbers one : numbers) {
            if (one instanceof Numbers.Tensor(String tensor)) {
                sources.add(all.source().use(tensor, tensor));
            }
        }
        return sources;
    }

    private Layer.Scale scaled(String name, int size, double[] scale, double[] shift, List<SourceTensor> sources) {
        return new Layer.Scale(
                all.collector().computed(name + ".scale", sources, floats(name, scale)),
                all.collector().computed(name + ".shift", sources, floats(name, shift)),
                size);
    }

    private static float[] floats(String name, double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
            if (!Float.isFinite(floats[i])) {
                throw new FormatException(
                        name, "factors and summands must fit f32", values[i] + " at " + i, "check the statistics");
            }
        }
        return floats;
    }
}
