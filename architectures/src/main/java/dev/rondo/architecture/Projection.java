package dev.rondo.architecture;

import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Value;
import java.util.Map;
import java.util.Optional;

/** {@code y = x Wᵀ + b}; weight [outputSize,inputSize], bias [outputSize]. */
public record Projection(String weight, Optional<String> bias, int inputSize, int outputSize) {
    /** With a bias, under the usual names: {@code prefix.weight} and {@code prefix.bias}. */
    public static Projection of(String prefix, int inputSize, int outputSize) {
        return new Projection(prefix + ".weight", Optional.of(prefix + ".bias"), inputSize, outputSize);
    }

    /** Without a bias. */
    public static Projection unbiased(String prefix, int inputSize, int outputSize) {
        return new Projection(prefix + ".weight", Optional.empty(), inputSize, outputSize);
    }

    /** Of x [..., inputSize]. */
    public Value of(FunctionBuilder f, Value x) {
        return f.linear(x, f.weight(weight, outputSize, inputSize), RecurrentNodes.optional(f, bias, outputSize));
    }

    /** Adds its tensors. */
    public void addTo(Map<String, Parameter> all) {
        addTo(all, ParameterRole.LINEAR, ParameterRole.BIAS);
    }

    /** Adds its tensors in roles of their own. */
    public void addTo(Map<String, Parameter> all, ParameterRole matrix, ParameterRole vector) {
        Parameter.add(all, weight, matrix, outputSize, inputSize);
        bias.ifPresent(b -> Parameter.add(all, b, vector, outputSize));
    }
}
