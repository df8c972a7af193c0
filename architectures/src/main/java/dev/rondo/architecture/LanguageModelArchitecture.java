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

    /** A tensor of the model: its name, what it is for, and its shape. */
    public record Parameter(String name, ParameterRole role, List<Integer> shape) {}

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
            String name = "layer" + k;
            layers.add(new RecurrentParameters(
                    k == 0 ? embeddingSize : hiddenSize,
                    hiddenSize,
                    hiddenSize,
                    name + ".weight_input",
                    name + ".weight_hidden",
                    Optional.of(name + ".bias"),
                    cell instanceof Cell.Gru(boolean resetAfter) && resetAfter
                            ? Optional.of(name + ".hidden_bias")
                            : Optional.empty(),
                    Optional.empty(),
                    Optional.empty()));
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
        add(all, embedding, ParameterRole.EMBEDDING, vocabularySize, embeddingSize);
        for (RecurrentParameters l : layers) {
            int rows = cell.gates() * l.hiddenSize();
            add(all, l.weightInput(), ParameterRole.WEIGHT_INPUT, rows, l.inputSize());
            add(all, l.weightHidden(), ParameterRole.WEIGHT_HIDDEN, rows, l.outputSize());
            l.bias().ifPresent(b -> add(all, b, ParameterRole.BIAS, rows));
            l.hiddenBias().ifPresent(b -> add(all, b, ParameterRole.HIDDEN_BIAS, l.hiddenSize()));
            l.peepholes().ifPresent(p -> add(all, p, ParameterRole.PEEPHOLES, 3, l.hiddenSize()));
            l.projection().ifPresent(p -> add(all, p, ParameterRole.PROJECTION, l.outputSize(), l.hiddenSize()));
        }
        add(all, output, ParameterRole.OUTPUT, vocabularySize, layers.getLast().outputSize());
        outputBias.ifPresent(b -> add(all, b, ParameterRole.OUTPUT_BIAS, vocabularySize));
        return List.copyOf(all.values());
    }

    private static void add(Map<String, Parameter> all, String name, ParameterRole role, Integer... shape) {
        all.putIfAbsent(name, new Parameter(name, role, List.of(shape)));
    }
}
