package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.architecture.LanguageModelArchitecture.Layer;
import dev.rondo.architecture.ParameterRole;
import dev.rondo.convert.draft.EncodingChoice;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.draft.StoredTensor;
import dev.rondo.convert.statedict.LanguageModelConfig.LayerParameters;
import dev.rondo.error.ShapeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The architecture of a language model, and the tensors that the file to be written will hold. All shapes have been checked.
 *
 * @param interpretation what was read into the source, by a key each
 */
record LanguageModelWeights(
        LanguageModelArchitecture architecture, List<StoredTensor> tensors, Map<String, String> interpretation) {

    /**
     * Resolves a configuration against a source; marks the tensors it uses.
     *
     * @throws dev.rondo.error.InputException when a pattern of the choice is of no matrix
     * @throws dev.rondo.error.FormatException when a tensor is missing or of an unfit type
     * @throws ShapeException when a shape does not fit the architecture
     */
    static LanguageModelWeights collect(LanguageModelConfig config, SourceTensors source, EncodingChoice choice) {
        var collector = new WeightCollector(config.cell(), config.gateOrder(), choice);
        List<LayerParameters> parameters = switch (config.parameters()) {
            case LanguageModelConfig.Parameters.Named(var layers) -> layers;
            case LanguageModelConfig.Parameters.Pytorch(String prefix) ->
                PytorchNames.expand(prefix, config.cell(), config.gateOrder(), source);
        };
        SourceTensor table = source.use(config.embedding(), "embedding", "a row of each token", -1, -1);
        int vocabulary = size(table, 0);
        int embeddingSize = size(table, 1);
        String embedding = collector.matrix("embedding", ParameterRole.EMBEDDING, table, false);
        var layers = new ArrayList<Layer>();
        int input = embeddingSize;
        for (LayerParameters layer : parameters) {
            layers.add(layer(config.cell(), layer, "layer" + layers.size(), input, source, collector));
            input = layers.getLast().outputSize();
        }
        SourceTensor matrix = source.use(
                config.output(),
                "output.weight",
                vocabulary + " tokens as the embedding has, " + input + " outputs of the last layer",
                vocabulary,
                input);
        boolean tied = matrix.equals(table);
        String output = collector.matrix("output.weight", ParameterRole.OUTPUT, matrix, tied);
        List<SourceTensor> biases = new ArrayList<>();
        for (String name : config.outputBias()) {
            biases.add(source.use(name, "output.bias", "one of each token", vocabulary));
        }
        collector.checkChoice();
        Optional<String> outputBias = collector.sum("output.bias", biases, vocabulary);
        var architecture = new LanguageModelArchitecture(
                config.cell(), vocabulary, embeddingSize, embedding, layers, output, outputBias);
        return new LanguageModelWeights(architecture, collector.tensors(), interpretation(config, parameters, tied));
    }

    private static Layer layer(
            Cell cell, LayerParameters layer, String name, int input, SourceTensors source, WeightCollector collector) {
        int gates = cell.gates();
        SourceTensor recurrent =
                source.use(layer.weightHidden(), name + ".weight_hidden", gates + " gates of H units", -1, -1);
        if (size(recurrent, 0) % gates != 0) {
            throw new ShapeException(
                    recurrent.subject() + " (" + name + ".weight_hidden)",
                    "must have a multiple of " + gates + " rows, the gates of cell " + cell.text(),
                    "shape " + recurrent.shape(),
                    "the cell or the name in the configuration is wrong");
        }
        int hidden = size(recurrent, 0) / gates;
        int output = size(recurrent, 1);
        Optional<SourceTensor> projection = layer.projection()
                .map(p -> source.use(p, name + ".projection", "outputs by units of the layer", output, hidden));
        if (projection.isEmpty()) {
            source.use(
                    layer.weightHidden(),
                    name + ".weight_hidden",
                    gates + " gates of " + hidden + " units, " + hidden + " states",
                    gates * hidden,
                    hidden);
        }
        SourceTensor weightInput = source.use(
                layer.weightInput(),
                name + ".weight_input",
                gates + " gates of " + hidden + " units, " + input + " inputs",
                gates * hidden,
                input);
        List<SourceTensor> biases = vectors(layer.bias(), source, name + ".bias", gates * hidden);
        var hiddenWhole = new ArrayList<SourceTensor>();
        var hiddenLast = new ArrayList<SourceTensor>();
        for (String bias : layer.hiddenBias()) {
            SourceTensor tensor = source.use(bias, name + ".hidden_bias", "of the candidate, or of all gates", -1);
            boolean whole = size(tensor, 0) == gates * hidden;
            (whole ? hiddenWhole : hiddenLast)
                    .add(
                            whole
                                    ? tensor
                                    : vectors(List.of(bias), source, name + ".hidden_bias", hidden)
                                            .getFirst());
        }
        return new Layer(
                input,
                hidden,
                output,
                collector.gateMatrix(name + ".weight_input", weightInput),
                collector.gateMatrix(name + ".weight_hidden", recurrent),
                collector.bias(name + ".bias", biases, hiddenWhole, hidden),
                collector.lastGateBias(name + ".hidden_bias", hiddenWhole, hiddenLast, hidden),
                collector.stack(
                        name + ".peepholes", vectors(layer.peepholes(), source, name + ".peepholes", hidden), hidden),
                projection.map(p -> collector.matrix(name + ".projection", ParameterRole.PROJECTION, p, false)));
    }

    private static List<SourceTensor> vectors(List<String> names, SourceTensors source, String role, int size) {
        return names.stream()
                .map(n -> source.use(n, role, "one of each row of the weights it belongs to", size))
                .toList();
    }

    private static int size(SourceTensor tensor, int axis) {
        long size = tensor.shape().get(axis);
        if (size < 1 || size > Integer.MAX_VALUE) {
            throw new ShapeException(
                    tensor.subject(),
                    "sizes must lie between 1 and 2^31-1",
                    "shape " + tensor.shape(),
                    "the model is empty or the file damaged");
        }
        return (int) size;
    }

    private static Map<String, String> interpretation(
            LanguageModelConfig config, List<LayerParameters> layers, boolean tied) {
        var lines = new LinkedHashMap<String, String>();
        Cell cell = config.cell();
        lines.put("cell", cell.text());
        if (!(cell instanceof Cell.Elman)) {
            lines.put("gate-order", config.gateOrder().text(cell) + " in the source, " + cell.gateLetters() + " here");
        }
        lines.put("bias", biases(layers));
        if (cell instanceof Cell.Gru(boolean resetAfter)) {
            lines.put(
                    "reset",
                    resetAfter
                            ? "after the product: n = tanh(W x + b + r * (U h + d))"
                            : "before the product: n = tanh(W x + b + U (r * h))");
            lines.put(
                    "update-gate",
                    config.gateOrder().updateReplaces()
                            ? "h' = (1 - z) * h + z * n in the source; weights and bias of z were negated"
                            : "h' = z * h + (1 - z) * n");
        }
        lines.put("output", tied ? "tied to the embedding" : "a matrix of its own");
        return lines;
    }

    private static String biases(List<LayerParameters> layers) {
        LayerParameters first = layers.getFirst();
        if (layers.stream().allMatch(l -> l.bias().isEmpty() && l.hiddenBias().isEmpty())) {
            return "none";
        }
        String outer = first.bias().isEmpty() ? "none" : String.join(" + ", first.bias());
        return first.hiddenBias().isEmpty()
                ? outer + " (layer 0)"
                : "b = " + outer + ", d of the reset product = " + String.join(" + ", first.hiddenBias())
                        + ", whose r and z parts, where it has them, are added to b (layer 0)";
    }
}
