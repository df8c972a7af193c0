package dev.rondo.convert.statedict;

import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.statedict.WeightCollector.Gates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The architecture of a language model whose tensors have been collected. All shapes have been checked.
 *
 * @param interpretation what was read into the source, by a key each
 */
record LanguageModelWeights(LanguageModelArchitecture architecture, Map<String, String> interpretation) {
    /**
     * Resolves a configuration against a source; marks the tensors it uses.
     *
     * @throws dev.rondo.error.FormatException when a tensor is missing or of an unfit type
     * @throws dev.rondo.error.ShapeException when a shape does not fit the architecture
     */
    static LanguageModelWeights collect(LanguageModelConfig config, SourceTensors source, WeightCollector collector) {
        var gates = new Gates(config.cell(), config.gateOrder());
        List<LayerParameters> parameters = switch (config.parameters()) {
            case LanguageModelConfig.Parameters.Named(var layers) -> layers;
            case LanguageModelConfig.Parameters.Pytorch(String prefix) ->
                PytorchNames.oneDirection(prefix, config.cell(), config.gateOrder(), source);
        };
        SourceTensor table = source.use(config.embedding(), "embedding", "a row of each token", -1, -1);
        int vocabulary = RecurrentWeights.size(table, 0);
        int embeddingSize = RecurrentWeights.size(table, 1);
        String embedding = collector.whole("embedding", table);
        var layers = new ArrayList<RecurrentParameters>();
        int input = embeddingSize;
        for (LayerParameters layer : parameters) {
            layers.add(RecurrentWeights.collect(gates, layer, "layer" + layers.size(), input, source, collector));
            input = layers.getLast().outputSize();
        }
        SourceTensor matrix = source.use(
                config.output(),
                "output.weight",
                vocabulary + " tokens as the embedding has, " + input + " outputs of the last layer",
                vocabulary,
                input);
        boolean named = config.output().equals(config.embedding());
        boolean tied = named || collector.tied(matrix, Map.of(embedding, table)).isPresent();
        String output = tied ? embedding : collector.whole("output.weight", matrix);
        List<SourceTensor> biases = new ArrayList<>();
        for (String name : config.outputBias()) {
            biases.add(source.use(name, "output.bias", "one of each token", vocabulary));
        }
        Optional<String> outputBias = collector.sum("output.bias", biases, vocabulary);
        var architecture = new LanguageModelArchitecture(
                config.cell(), vocabulary, embeddingSize, embedding, layers, output, outputBias);
        var lines = new LinkedHashMap<>(RecurrentWeights.interpretation(gates, parameters));
        lines.put(
                "output",
                named
                        ? "tied to the embedding"
                        : tied ? "tied to the embedding, whose values it has" : "a matrix of its own");
        return new LanguageModelWeights(architecture, lines);
    }
}
