package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A layer of a model.
 *
 * @param operation whether it is certainly one of {@code keras.ops} and no layer of the same name
 * @param raw       as it stands in the file: a nested model is read from it
 * @param calls     in order
 */
record LayerSpec(String name, String className, boolean operation, LayerConfig config, JsonNode raw, List<Call> calls) {
    public LayerSpec {
        calls = List.copyOf(calls);
    }

    /** One use of a layer. */
    record Call(List<Argument> arguments, Map<String, Argument> named) {
        public Call {
            arguments = List.copyOf(arguments);
            named = Collections.unmodifiableMap(new LinkedHashMap<>(named));
        }
    }

    boolean isModel() {
        return ModelSpec.isModel(className);
    }
}
