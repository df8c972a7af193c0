package dev.rondo.convert.statedict;

import dev.rondo.architecture.Projection;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.statedict.WeightCollector.Columns;
import java.util.List;
import java.util.Optional;

/** Linear maps between the parts of a model: their shapes are checked, their tensors collected. */
record LinearWeights(SourceTensors source, WeightCollector collector) {
    /**
     * A map {@code x Wᵀ + b}.
     *
     * @param name    in the file, before {@code .weight} and {@code .bias}
     * @param inputs  -1 for any
     * @param outputs -1 for any
     */
    Projection collect(LayerConfig.Linear map, String name, int inputs, int outputs) {
        SourceTensor weight = use(map, name, inputs, outputs);
        int rows = RecurrentWeights.size(weight, 0);
        return new Projection(
                collector.whole(name + ".weight", weight),
                bias(map.bias(), name, rows),
                RecurrentWeights.size(weight, 1),
                rows);
    }

    /** A part of a map that reads two things side by side: some of its columns, without the bias. */
    Projection columns(LayerConfig.Linear map, String name, Columns columns) {
        SourceTensor weight = use(map, name, -1, -1);
        return new Projection(
                collector.columns(name + ".weight", weight, List.of(columns)),
                Optional.empty(),
                columns.count(),
                RecurrentWeights.size(weight, 0));
    }

    /** The map the other way round, {@code x W}, which has no bias. */
    Projection transposed(LayerConfig.Linear map, String name, int inputs, int outputs) {
        SourceTensor weight = use(map, name, outputs, inputs);
        String stored = collector.changed(name + ".weight", weight, List.of(outputs, inputs), values -> {
            float[] turned = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                turned[i % outputs * inputs + i / outputs] = values[i];
            }
            return turned;
        });
        return new Projection(stored, Optional.empty(), inputs, outputs);
    }

    private SourceTensor use(LayerConfig.Linear map, String name, int inputs, int outputs) {
        String why =
                (outputs < 0 ? "outputs" : outputs + " outputs") + ", " + (inputs < 0 ? "inputs" : inputs + " inputs");
        return source.use(map.weight(), name + ".weight", why, outputs, inputs);
    }

    /** The sum of vectors [n]; empty when there are none. */
    Optional<String> bias(List<String> names, String name, int n) {
        return collector.sum(name + ".bias", RecurrentWeights.vectors(names, source, name + ".bias", n), n);
    }

    /** A vector [n], which the source may hold as a matrix of one row. */
    String vector(String tensor, String name, int n) {
        SourceTensor vector = source.use(tensor, name);
        if (vector.shape().size() == 2) {
            source.use(tensor, name, n + " numbers", 1, n);
        } else {
            source.use(tensor, name, n + " numbers", n);
        }
        return collector.changed(name, vector, List.of(n), values -> values);
    }
}
