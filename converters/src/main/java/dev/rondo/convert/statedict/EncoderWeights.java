package dev.rondo.convert.statedict;

import dev.rondo.architecture.Projection;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Embedding;
import dev.rondo.architecture.seq2seq.Encoder;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.error.FormatException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The parameters of an encoder. */
record EncoderWeights(
        LinearWeights linears, SourceTensors source, WeightCollector collector, Map<String, String> interpretation) {

    /**
     * An encoder and the sizes of what it leaves.
     *
     * @param hidden of the last h of each layer, directions side by side; empty without recurrent layers
     */
    record Encoded(Encoder encoder, List<Integer> hidden) {
        /** The size of a summary for layer k of the decoder. */
        int size(Summary summary, int k) {
            int layer = switch (summary) {
                case LAST -> hidden.size() - 1;
                case LAST_OF_LAYER -> k;
                case MEAN, MAX -> -1;
            };
            if (summary == Summary.MEAN || summary == Summary.MAX) {
                return encoder.memorySize();
            }
            if (layer < 0 || layer >= hidden.size()) {
                throw new FormatException(
                        "key 'summary'",
                        "must be of states that the encoder has",
                        EncoderDecoderReader.lower(summary) + ", for layer " + k + " of the decoder; the encoder has "
                                + hidden.size() + " recurrent layers",
                        "use mean or max");
            }
            return hidden.get(layer);
        }
    }

    Encoded collect(EncoderDecoderConfig.Encoder config, Embedding embedding) {
        return switch (config) {
            case EncoderDecoderConfig.Encoder.Recurrent recurrent -> recurrent(recurrent, embedding);
            case EncoderDecoderConfig.Encoder.Convolutional convolutional -> convolutional(convolutional, embedding);
        };
    }

    private Encoded recurrent(EncoderDecoderConfig.Encoder.Recurrent config, Embedding embedding) {
        var layers = new ArrayList<Encoder.Layer>();
        var hidden = new ArrayList<Integer>();
        var connected = new ArrayList<Integer>();
        Set<Integer> gates = new HashSet<>(config.gates().keySet());
        int size = embedding.size();
        for (List<LayerParameters> directions : config.layers().layers()) {
            int k = layers.size();
            int input = size + (config.connection() == Connection.SKIP && k > 0 ? embedding.size() : 0);
            String name = "encoder.layer" + k;
            var gatesOf = config.layers().gates();
            RecurrentParameters forward =
                    RecurrentWeights.collect(gatesOf, directions.getFirst(), name, input, source, collector);
            Optional<RecurrentParameters> backward = directions.size() == 1
                    ? Optional.empty()
                    : Optional.of(RecurrentWeights.collect(
                            gatesOf, directions.get(1), name + ".backward", input, source, collector));
            size = forward.outputSize()
                    + backward.map(RecurrentParameters::outputSize).orElse(0);
            layers.add(new Encoder.Layer(forward, backward, gate(config, gates, k, input, size)));
            hidden.add(size);
            if (input == size) {
                connected.add(k);
            }
        }
        if (!gates.isEmpty()) {
            throw new FormatException(
                    "encoder, key 'gates'", "must be of layers of the encoder", "layers " + gates, "correct them");
        }
        RecurrentWeights.interpretation(
                        config.layers().gates(),
                        config.layers().layers().stream().map(List::getFirst).toList())
                .forEach((key, value) -> interpretation.put("encoder." + key, value));
        boolean both = config.layers().layers().stream().anyMatch(d -> d.size() == 2);
        interpretation.put("encoder.direction", both ? "both; side by side, forward first" : "forward");
        interpretation.put(
                "encoder.connection",
                switch (config.connection()) {
                    case NONE -> "none";
                    case RESIDUAL ->
                        "residual around layers " + connected + ", whose inputs and outputs are of one size";
                    case HIGHWAY -> "highway around layers " + config.gates().keySet();
                    case SKIP -> "the embedding behind the input of every layer but the first";
                });
        return new Encoded(
                new Encoder.Recurrent(embedding, config.layers().gates().cell(), layers, config.connection()), hidden);
    }

    /** The gate of a layer, if it has one. */
    private Optional<Projection> gate(
            EncoderDecoderConfig.Encoder.Recurrent config, Set<Integer> left, int k, int input, int output) {
        if (!left.remove(k)) {
            return Optional.empty();
        }
        return Optional.of(linears.collect(config.gates().get(k), "encoder.gate" + k, input, output));
    }

    private Encoded convolutional(EncoderDecoderConfig.Encoder.Convolutional config, Embedding embedding) {
        var layers = new ArrayList<Encoder.Convolution>();
        int size = embedding.size();
        for (LayerConfig.Linear layer : config.layers()) {
            String name = "encoder.conv" + layers.size();
            SourceTensor weight =
                    source.use(layer.weight(), name + ".weight", "outputs, " + size + " inputs, kernel", -1, size, -1);
            int outputs = RecurrentWeights.size(weight, 0);
            int inputs = size;
            int kernel = RecurrentWeights.size(weight, 2);
            String bias = linears.bias(layer.bias(), name, outputs)
                    .orElseThrow(() -> new FormatException(
                            name, "must have a bias", "none", "write zeros into the source under a name of their own"));
            layers.add(new Encoder.Convolution(
                    collector.changed(
                            name + ".weight",
                            weight,
                            List.of(outputs, kernel, inputs),
                            v -> LayerWeights.channelsLast(v, outputs, inputs, kernel)),
                    bias,
                    inputs,
                    outputs,
                    kernel));
            size = outputs;
        }
        interpretation.put(
                "encoder.convolutions",
                "centred, zeros beyond each source, " + config.activation().text() + ", connection "
                        + EncoderDecoderReader.lower(config.connection()));
        return new Encoded(
                new Encoder.Convolutional(embedding, layers, config.activation(), config.connection()), List.of());
    }
}
