package dev.rondo.convert.statedict;

import dev.rondo.architecture.LayerStack.Results;
import java.util.List;
import java.util.Optional;

/**
 * The configuration of a model of layers, one after the other; {@code docs/architectures.md} describes the file.
 *
 * @param task        in the metadata
 * @param input       what it reads
 * @param layers      from the input to the output
 * @param results     what the functions give
 * @param chain       over the tags of a tagger
 * @param texts       vocabularies and how text is cut, of a model that reads tokens
 * @param allowUnused patterns of tensors that may stay unused
 * @param reference   how reference vectors are named
 */
record StackConfig(
        String task,
        Input input,
        List<LayerConfig> layers,
        Results results,
        Optional<ChainConfig> chain,
        Texts texts,
        List<String> allowUnused,
        ReferenceConfig reference) {
    /**
     * What the first layer reads.
     *
     * @param steps whether it is a sequence; else a vector
     * @param size  of a step or vector; 0 when the layers tell
     */
    record Input(boolean steps, int size) {}

    /**
     * How text becomes ids.
     *
     * @param tokens     what the first layer looks up; empty where there is no text
     * @param characters of a word; empty where the model does not read them
     * @param labels     the names of tags or classes in the order of their ids; none for numbers
     */
    record Texts(Optional<TextConfig> tokens, Optional<TextConfig> characters, List<String> labels) {}

    /**
     * Scores of a linear chain over K tags.
     *
     * @param start       of a first tag
     * @param transitions tensor [K, K]
     * @param fromRows    whether a row is the tag before, and a column the one behind; else the other way round
     * @param end         of a last tag
     */
    record ChainConfig(Border start, String transitions, boolean fromRows, Border end) {}

    /** The scores of first or of last tags. */
    sealed interface Border {
        /** A tensor [K]. */
        record Tensor(String name) implements Border {}

        /** Transitions from, or to, a tag that stands for the border. */
        record Tag(int id) implements Border {}

        /** Zero. */
        record None() implements Border {}
    }
}
