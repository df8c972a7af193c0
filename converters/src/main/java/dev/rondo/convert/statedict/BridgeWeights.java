package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Projection;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.architecture.seq2seq.Bridge;
import dev.rondo.architecture.seq2seq.Decoder;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.error.FormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** The parameters between an encoder and a decoder; whether the two fit, {@link dev.rondo.architecture.seq2seq} says. */
record BridgeWeights(LinearWeights linears, Map<String, String> interpretation) {
    private static final String BRIDGE = "bridge";

    Bridge collect(EncoderDecoderConfig.Bridge config, EncoderWeights.Encoded encoded, Decoder decoder) {
        List<RecurrentParameters> layers = decoder.layers();
        boolean lstm = decoder.cell() instanceof Cell.Lstm;
        return switch (config) {
            case EncoderDecoderConfig.Bridge.Zero() -> {
                interpretation.put(BRIDGE, "none: the decoder begins at zero");
                yield new Bridge.Zero();
            }
            case EncoderDecoderConfig.Bridge.Copy() -> {
                interpretation.put(BRIDGE, "the encoder's last states, layer by layer, directions side by side");
                yield new Bridge.Copy();
            }
            case EncoderDecoderConfig.Bridge.Same(var summary) -> {
                interpretation.put(BRIDGE, "h = " + text(summary) + (lstm ? ", c = 0" : ""));
                yield new Bridge.Same(summary);
            }
            case EncoderDecoderConfig.Bridge.Projected(var summary, var hidden, var cell, var activation) -> {
                var read = new Bridge.Projected(
                        summary,
                        maps(hidden, "hidden", summary, encoded, layers, RecurrentParameters::outputSize),
                        cell.isEmpty()
                                ? List.of()
                                : maps(cell, "cell", summary, encoded, layers, RecurrentParameters::hiddenSize),
                        activation);
                String of = activation.text() + " of a map of " + text(summary);
                interpretation.put(BRIDGE, "h = " + of + (lstm ? ", c = " + (cell.isEmpty() ? "0" : of) : ""));
                yield read;
            }
        };
    }

    private static String text(Summary summary) {
        return switch (summary) {
            case LAST -> "the last states of the encoder's top layer";
            case LAST_OF_LAYER -> "the last states of the same layer of the encoder";
            case MEAN -> "the mean of the memory";
            case MAX -> "the maximum of the memory";
        };
    }

    private List<Projection> maps(
            List<LayerConfig.Linear> maps,
            String key,
            Summary summary,
            EncoderWeights.Encoded encoded,
            List<RecurrentParameters> layers,
            ToIntFunction<RecurrentParameters> size) {
        if (maps.size() != 1 && maps.size() != layers.size()) {
            throw new FormatException(
                    "bridge, key '" + key + "'",
                    "must have one map for all layers of the decoder, or one of each of " + layers.size(),
                    maps.size() + " maps",
                    "correct the list");
        }
        var read = new ArrayList<Projection>();
        for (int k = 0; k < layers.size(); k++) {
            read.add(linears.collect(
                    maps.get(maps.size() == 1 ? 0 : k),
                    BRIDGE + "." + key + k,
                    encoded.size(summary, k),
                    size.applyAsInt(layers.get(k))));
        }
        return read;
    }
}
