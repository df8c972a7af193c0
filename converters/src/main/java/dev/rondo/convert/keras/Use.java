package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * One call of one layer.
 *
 * @param inputs    the tensors among the arguments, in order
 * @param arguments all of them
 * @param named     keywords
 * @param resolve   the value that a tensor of the call stands for
 */
record Use(
        LayerConfig config,
        LayerWeights weights,
        List<Masked> inputs,
        List<Argument> arguments,
        Map<String, Argument> named,
        Function<Argument.Tensor, Masked> resolve) {
    public Use {
        inputs = List.copyOf(inputs);
        arguments = List.copyOf(arguments);
        named = Map.copyOf(named);
    }

    /** The same call of a layer inside. */
    Use with(LayerConfig inner, LayerWeights innerWeights, List<Masked> innerInputs) {
        return new Use(inner, innerWeights, innerInputs, List.of(), Map.of(), resolve);
    }

    /** The only input. */
    Masked input() {
        if (inputs.size() != 1) {
            throw config.refused("takes one input", inputs.size() + " of them");
        }
        return inputs.getFirst();
    }

    Value x() {
        return input().value();
    }

    /** A keyword whose value is one tensor or several; none when it is absent. */
    List<Masked> tensors(String keyword) {
        var tensors = new ArrayList<Masked>();
        if (named.get(keyword) instanceof Argument argument) {
            argument.tensors().forEach(t -> tensors.add(resolve.apply(t)));
        }
        return tensors;
    }

    /** The mask that the call gives, {@link Value#ABSENT} when it gives none. */
    Value givenMask() {
        List<Masked> mask = tensors("mask");
        if (mask.size() > 1) {
            throw config.refused("takes one mask", mask.size() + " of them");
        }
        return mask.isEmpty() ? Value.ABSENT : mask.getFirst().value();
    }

    /** The mask that the call gives, else that of the first input. */
    Value mask() {
        Value given = givenMask();
        return given.isAbsent() && !inputs.isEmpty() ? inputs.getFirst().mask() : given;
    }

    /** A keyword that is true or false. */
    boolean flag(String keyword) {
        Argument argument = named.get(keyword);
        if (argument == null) {
            return false;
        }
        if (argument instanceof Argument.Literal(JsonNode value) && (value.isBoolean() || value.isNull())) {
            return value.asBoolean();
        }
        throw config.refused("keyword '" + keyword + "' is true or false", argument.toString());
    }

    /** Requires that the call has no other keywords than these and those without a meaning for inference. */
    void allow(String... keywords) {
        var allowed = Set.of(keywords);
        named.forEach((key, argument) -> {
            boolean empty = argument instanceof Argument.Literal(JsonNode value)
                    && (value.isNull() || value.isBoolean() && !value.booleanValue());
            if (!empty && !allowed.contains(key)) {
                throw config.refused("keywords of its call are known", key);
            }
        });
    }
}
