package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Projection;
import dev.rondo.architecture.RecurrentParameters;
import java.util.List;

/** What a bridge must keep, between an encoder and a decoder that keep their own rules. */
record BridgeRules(Encoder encoder, Decoder decoder) {
    void check(Bridge bridge) {
        var rules = new Rules("bridge");
        List<RecurrentParameters> layers = decoder.layers();
        switch (bridge) {
            case Bridge.Zero() ->
                rules.require(
                        !(decoder.context() instanceof Context.None),
                        "brings something of the source where the decoder sees it nowhere else",
                        "zero, and no context",
                        "choose another bridge, or add attention or a context");
            case Bridge.Copy() -> copy(rules);
            case Bridge.Same(var summary) -> {
                for (int k = 0; k < layers.size(); k++) {
                    rules.equal(
                            "h of the decoder's layer " + k,
                            summarySize(summary, k, rules),
                            layers.get(k).outputSize(),
                            "the summary itself");
                }
            }
            case Bridge.Projected(var summary, var hidden, var cell, var _) -> {
                maps("h", summary, hidden, false, rules);
                boolean lstm = decoder.cell() instanceof Cell.Lstm;
                rules.require(
                        cell.isEmpty() || lstm,
                        "only an LSTM begins with c",
                        decoder.cell().text(),
                        "remove its maps");
                if (!cell.isEmpty()) {
                    maps("c", summary, cell, true, rules);
                }
            }
        }
    }

    private void maps(String state, Summary summary, List<Projection> maps, boolean units, Rules rules) {
        List<RecurrentParameters> layers = decoder.layers();
        rules.require(
                maps.size() == layers.size(),
                "has a map to " + state + " for each of the decoder's " + layers.size() + " layers",
                maps.size(),
                "name one for each");
        for (int k = 0; k < layers.size(); k++) {
            RecurrentParameters layer = layers.get(k);
            rules.of("map to " + state + " of layer " + k)
                    .maps(
                            maps.get(k),
                            summarySize(summary, k, rules),
                            "the size of the summary",
                            units ? layer.hiddenSize() : layer.outputSize(),
                            "the size of the decoder's " + state);
        }
    }

    private void copy(Rules rules) {
        boolean lstm = decoder.cell() instanceof Cell.Lstm;
        rules.require(
                !lstm || encoder instanceof Encoder.Recurrent r && r.cell() instanceof Cell.Lstm,
                "copies c of an LSTM from an LSTM",
                "an encoder without c",
                "choose another bridge");
        for (int k = 0; k < decoder.layers().size(); k++) {
            RecurrentParameters to = decoder.layers().get(k);
            Encoder.Layer from = layer(k, rules);
            rules.equal("h of the decoder's layer " + k, from.outputSize(), to.outputSize(), "that of the encoder's");
            if (lstm) {
                rules.equal(
                        "c of the decoder's layer " + k, from.hiddenSize(), to.hiddenSize(), "that of the encoder's");
            }
        }
    }

    private Encoder.Layer layer(int k, Rules rules) {
        int count = encoder instanceof Encoder.Recurrent r ? r.layers().size() : 0;
        rules.require(
                k < count,
                "layer " + k + " of the decoder begins with the last states of layer " + k + " of the encoder",
                count + " recurrent layers in the encoder",
                "make the encoder as deep as the decoder, or choose another summary or bridge");
        return ((Encoder.Recurrent) encoder).layers().get(k);
    }

    /** The size of a summary for layer k of the decoder. */
    int summarySize(Summary summary, int k, Rules rules) {
        return switch (summary) {
            case MEAN, MAX -> encoder.memorySize();
            case LAST -> {
                rules.require(
                        encoder instanceof Encoder.Recurrent,
                        "the last state is that of a recurrent encoder",
                        "convolutions",
                        "choose the mean or the largest");
                yield encoder.memorySize();
            }
            case LAST_OF_LAYER -> layer(k, rules).outputSize();
        };
    }
}
