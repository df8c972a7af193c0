package dev.rondo.train.network;

import dev.rondo.format.Tensor;
import dev.rondo.graph.Function;
import dev.rondo.graph.Node;
import dev.rondo.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tensors of another model under the names that a network gives them. Converters keep the names of their source; what computes
 * the same in the same order means the same.
 */
final class CorrespondingTensors {
    private CorrespondingTensors() {}

    /**
     * All tensors under their own names, and those of functions that are alike but for names under the names here.
     *
     * @param own       functions of the network
     * @param others    of the model, by their names
     * @param tensors   of the model
     */
    static Map<String, Tensor> of(List<Function> own, Map<String, Function> others, Map<String, Tensor> tensors) {
        Map<String, Tensor> all = new HashMap<>(tensors);
        for (Function function : own) {
            Optional.ofNullable(others.get(function.name()))
                    .flatMap(other -> names(function, other))
                    .orElse(Map.of())
                    .forEach((here, there) -> all.put(here, tensors.get(there)));
        }
        return all;
    }

    /** The names of tensors there by the names here, where both functions do the same; sizes may differ. */
    private static Optional<Map<String, String>> names(Function here, Function there) {
        if (here.inputs().size() != there.inputs().size()
                || here.nodes().size() != there.nodes().size()) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        Map<String, String> tensors = new HashMap<>();
        for (int i = 0; i < here.nodes().size(); i++) {
            Node own = here.nodes().get(i);
            Node other = there.nodes().get(i);
            boolean alike = own.op().equals(other.op())
                    && own.inputs().size() == other.inputs().size()
                    && own.outputs().size() == other.outputs().size();
            if (!alike) {
                return Optional.empty();
            }
            for (int k = 0; k < own.inputs().size(); k++) {
                Value value = own.inputs().get(k);
                Value counterpart = other.inputs().get(k);
                boolean same = value.isWeight() == counterpart.isWeight()
                        && value.isAbsent() == counterpart.isAbsent()
                        && counterpart.name().equals(values.getOrDefault(value.name(), counterpart.name()));
                if (!same) {
                    return Optional.empty();
                }
                values.put(value.name(), counterpart.name());
                if (value.isWeight()) {
                    tensors.put(value.tensorName(), counterpart.tensorName());
                }
            }
            for (int k = 0; k < own.outputs().size(); k++) {
                values.put(own.outputs().get(k).name(), other.outputs().get(k).name());
            }
        }
        return Optional.of(tensors);
    }
}
