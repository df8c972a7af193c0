package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What a layer is called with. */
sealed interface Argument {
    /**
     * An output of a call.
     *
     * @param node   which call of the layer
     * @param output which of its outputs
     */
    record Tensor(String layer, int node, int output) implements Argument {}

    record Items(List<Argument> items) implements Argument {
        public Items {
            items = List.copyOf(items);
        }
    }

    record Literal(JsonNode value) implements Argument {}

    /** All tensors within, in order. */
    default List<Tensor> tensors() {
        return switch (this) {
            case Tensor tensor -> List.of(tensor);
            case Items(List<Argument> items) -> {
                var all = new ArrayList<Tensor>();
                items.forEach(item -> all.addAll(item.tensors()));
                yield all;
            }
            case Literal _ -> List.of();
        };
    }
}
