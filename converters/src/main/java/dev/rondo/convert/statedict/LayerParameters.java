package dev.rondo.convert.statedict;

import java.util.List;
import java.util.Optional;

/**
 * The tensors of a layer of H units with I inputs, P outputs (H, or the size of the projection) and G gates.
 *
 * @param weightInput  [G*H, I]
 * @param weightHidden [G*H, P]
 * @param bias         [G*H], summed; empty for none
 * @param hiddenBias   of a GRU with reset after: [H] of the candidate, or [G*H], summed; empty for none
 * @param peepholes    of an LSTM: [H] of i, f and o; empty for none
 * @param projection   of an LSTM: [P, H]
 */
public record LayerParameters(
        String weightInput,
        String weightHidden,
        List<String> bias,
        List<String> hiddenBias,
        List<String> peepholes,
        Optional<String> projection) {}
