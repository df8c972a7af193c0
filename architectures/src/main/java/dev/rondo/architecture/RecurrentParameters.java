package dev.rondo.architecture;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The sizes and parameters of one recurrent layer in one direction: H units, I inputs, P outputs; G gates.
 *
 * @param inputSize    I
 * @param hiddenSize   H
 * @param outputSize   P: H, or the size of the projection
 * @param weightInput  [G*H,I]
 * @param weightHidden [G*H,P]
 * @param bias         [G*H]
 * @param hiddenBias   of a GRU with reset after [H]
 * @param peepholes    of an LSTM [3,H]
 * @param projection   of an LSTM [P,H]
 */
public record RecurrentParameters(
        int inputSize,
        int hiddenSize,
        int outputSize,
        String weightInput,
        String weightHidden,
        Optional<String> bias,
        Optional<String> hiddenBias,
        Optional<String> peepholes,
        Optional<String> projection) {

    /** With biases, without peepholes and projection, under the usual names: {@code prefix.weight_input} and so on. */
    public static RecurrentParameters of(String prefix, Cell cell, int inputSize, int hiddenSize) {
        return new RecurrentParameters(
                inputSize,
                hiddenSize,
                hiddenSize,
                prefix + ".weight_input",
                prefix + ".weight_hidden",
                Optional.of(prefix + ".bias"),
                cell instanceof Cell.Gru(boolean resetAfter) && resetAfter
                        ? Optional.of(prefix + ".hidden_bias")
                        : Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Adds the tensors of a layer of such cells. */
    public void addTo(Map<String, Parameter> all, Cell cell) {
        int rows = cell.gates() * hiddenSize;
        gates(all, weightInput, ParameterRole.WEIGHT_INPUT, rows, inputSize, cell);
        gates(all, weightHidden, ParameterRole.WEIGHT_HIDDEN, rows, outputSize, cell);
        bias.ifPresent(b -> Parameter.add(all, b, ParameterRole.BIAS, rows));
        hiddenBias.ifPresent(b -> Parameter.add(all, b, ParameterRole.HIDDEN_BIAS, hiddenSize));
        peepholes.ifPresent(p -> Parameter.add(all, p, ParameterRole.PEEPHOLES, 3, hiddenSize));
        projection.ifPresent(p -> Parameter.add(all, p, ParameterRole.PROJECTION, outputSize, hiddenSize));
    }

    private static void gates(
            Map<String, Parameter> all, String name, ParameterRole role, int rows, int columns, Cell cell) {
        new Parameter(name, role, List.of(rows, columns), cell.gates(), false).addTo(all);
    }
}
