package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.RecurrentParameters;

/** What an encoder must keep. */
record EncoderRules(Encoder encoder) {
    void check() {
        var rules = new Rules("encoder");
        embedding(encoder.embedding(), rules.of("embedding"));
        switch (encoder) {
            case Encoder.Recurrent recurrent -> recurrent(recurrent, rules);
            case Encoder.Convolutional convolutional -> convolutional(convolutional, rules);
        }
    }

    static void embedding(Embedding embedding, Rules rules) {
        rules.size("the size", embedding.size());
        rules.vocabulary(embedding.vocabularySize());
    }

    private static void recurrent(Encoder.Recurrent encoder, Rules rules) {
        rules.layers(encoder.layers().size());
        int before = encoder.embedding().size();
        for (int k = 0; k < encoder.layers().size(); k++) {
            Encoder.Layer layer = encoder.layers().get(k);
            Rules here = rules.of("layer " + k);
            boolean skips = encoder.connection() == Connection.SKIP && k > 0;
            int input = before + (skips ? encoder.embedding().size() : 0);
            String because = k == 0
                    ? "the size of the embedding"
                    : "the output of the layer before" + (skips ? ", and the embedding" : "");
            recurrent(layer.forward(), encoder.cell(), input, because, here);
            layer.backward()
                    .ifPresent(b -> recurrent(b, encoder.cell(), input, because, here.of("backward direction")));
            int output = layer.outputSize();
            boolean gated = encoder.connection() == Connection.HIGHWAY && input == output;
            here.require(
                    gated == layer.gate().isPresent(),
                    "has a gate where the connection is a highway and its input is as wide as its output",
                    encoder.connection() + ", input " + input + ", output " + output
                            + (layer.gate().isPresent() ? ", a gate" : ", no gate"),
                    "add or remove the gate");
            layer.gate().ifPresent(g -> here.of("gate").maps(g, input, "the layer's input", input, "the same"));
            before = output;
        }
    }

    /** A layer in one direction. */
    static void recurrent(RecurrentParameters layer, Cell cell, int input, String because, Rules rules) {
        rules.size("the number of units", layer.hiddenSize());
        rules.size("the output", layer.outputSize());
        rules.equal("the input", input, layer.inputSize(), because);
        rules.require(
                layer.projection().isPresent() || layer.outputSize() == layer.hiddenSize(),
                "without a projection the output is as wide as the layer",
                "output " + layer.outputSize() + ", units " + layer.hiddenSize(),
                "make them equal, or name a projection");
        boolean lstm = cell instanceof Cell.Lstm;
        rules.require(
                lstm || layer.projection().isEmpty() && layer.peepholes().isEmpty(),
                "only an LSTM has peepholes and a projection",
                cell.text(),
                "remove them");
        rules.require(
                cell instanceof Cell.Gru(boolean resetAfter) && resetAfter
                        || layer.hiddenBias().isEmpty(),
                "only a GRU with reset after the product has a bias of its own there",
                cell.text(),
                "add it to the bias");
    }

    private static void convolutional(Encoder.Convolutional encoder, Rules rules) {
        rules.layers(encoder.layers().size());
        rules.require(
                encoder.connection() == Connection.NONE || encoder.connection() == Connection.RESIDUAL,
                "the connection of convolutions is none or residual",
                encoder.connection(),
                "choose one of them");
        int before = encoder.embedding().size();
        for (int k = 0; k < encoder.layers().size(); k++) {
            Encoder.Convolution layer = encoder.layers().get(k);
            Rules here = rules.of("layer " + k);
            here.size("the number of channels", layer.channels());
            here.size("the window", layer.kernel());
            here.require(
                    layer.kernel() % 2 == 1, "the window is an odd number of places", layer.kernel(), "add a place");
            here.equal(
                    "the input",
                    before,
                    layer.inputSize(),
                    k == 0 ? "the size of the embedding" : "the channels of the layer before");
            before = layer.channels();
        }
    }
}
