package dev.rondo.convert.statedict;

import dev.rondo.architecture.LayerStack.Results;
import java.util.List;
import java.util.Optional;

/**
 * The configuration of a model of layers, one after the other; {@code docs/architectures.md} describes the file.
 *
 * @param task        in the metadata
 * @param layers      from the input to the output
 * @param results     what the functions give
 * @param text        vocabulary and how text is cut, of a model that reads tokens
 * @param allowUnused patterns of tensors that may stay unused
 * @param reference   how reference vectors are named
 */
record StackConfig(
        String task,
        List<LayerConfig> layers,
        Results results,
        Optional<TextConfig> text,
        List<String> allowUnused,
        ReferenceConfig reference) {}
