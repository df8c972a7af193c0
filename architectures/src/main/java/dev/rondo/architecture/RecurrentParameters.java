package dev.rondo.architecture;

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
        Optional<String> projection) {}
