package dev.rondo.architecture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The sizes of a language model and the names of its parameters: a token's row of the embedding goes through recurrent
 * layers, whose last output a matrix turns into the scores of the next token.
 *
 * @param cell           of every layer
 * @param vocabularySize V
 * @param embeddingSize  E
 * @param embedding      [V,E]
 * @param layers         from the input to the output
 * @param output         [V,P of the last layer]; the embedding's name when they are tied
 * @param outputBias     [V]
 */
public record LanguageModelArchitecture(
        Cell cell,
        int vocabularySize,
        int embeddingSize,
        String embedding,
        List<RecurrentParameters> layers,
        String output,
        Optional<String> outputBias) {

    /** Copies the list. */
    public LanguageModelArchitecture {
        layers = List.copyOf(layers);
    }

    /**
     * An architecture with biases, under the usual names.
     *
     * @param tied whether the output is the embedding, which must have as many columns as the last layer units
     */
    public static LanguageModelArchitecture of(
            Cell cell, int vocabularySize, int embeddingSize, int hiddenSize, int numLayers, boolean tied) {
        var layers = new ArrayList<RecurrentParameters>();
        for (int k = 0; k < numLayers; k++) {
            layers.add(RecurrentParameters.of("layer" + k, cell, k == 0 ? embeddingSize : hiddenSize, hiddenSize));
        }
        return new LanguageModelArchitecture(
                cell,
                vocabularySize,
                embeddingSize,
                "embedding",
                layers,
                tied ? "embedding" : "output.weight",
                Optional.of("output.bias"));
    }

    /** Whether the output is the embedding. */
    public boolean isTied() {
        return output.equals(embedding);
    }

    /** Every tensor once, in the order in which files hold them. */
    public List<Parameter> parameters() {
        Map<String, Parameter> all = new LinkedHashMap<>();
        Parameter.add(all, embedding, ParameterRole.EMBEDDING, vocabularySize, embeddingSize);
        layers.forEach(layer -> layer.addTo(all, cell));
        Parameter.add(
                all,
                output,
                ParameterRole.OUTPUT,
                vocabularySize,
                layers.getLast().outputSize());
        outputBias.ifPresent(b -> Parameter.add(all, b, ParameterRole.OUTPUT_BIAS, vocabularySize));
        return List.copyOf(all.values());
    }
}
