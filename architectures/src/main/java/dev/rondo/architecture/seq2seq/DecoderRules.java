package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Projection;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.graph.Activation;
import java.util.List;

/** What a decoder must keep, given an encoder that keeps its own rules. */
record DecoderRules(Encoder encoder, Decoder decoder) {
    void check() {
        var rules = new Rules("decoder");
        EncoderRules.embedding(decoder.embedding(), rules.of("embedding"));
        rules.layers(decoder.layers().size());
        rules.require(
                decoder.connection() != Connection.HIGHWAY,
                "the connection is none, residual or skip",
                decoder.connection(),
                "choose one of them");
        for (RecurrentParameters layer : decoder.layers()) {
            rules.size("the output of a layer", layer.outputSize());
        }
        context(rules.of("context"));
        readout(rules.of("readout"));
        layers(rules);
        output(rules.of("output"));
    }

    private int memory() {
        return encoder.memorySize();
    }

    private void layers(Rules rules) {
        int embedding = decoder.embedding().size();
        boolean skips = decoder.connection() == Connection.SKIP;
        int read = decoder.readsContext() ? memory() : 0;
        int feed = decoder.feeding() ? decoder.readoutSize(memory()) : 0;
        String because = "embedding " + embedding + (decoder.readsContext() ? ", context " + read : "")
                + (decoder.feeding() ? ", readout of the step before " + feed : "");
        int input = embedding + read + feed;
        for (int k = 0; k < decoder.layers().size(); k++) {
            RecurrentParameters layer = decoder.layers().get(k);
            EncoderRules.recurrent(layer, decoder.cell(), input, because, rules.of("layer " + k));
            input = layer.outputSize() + (skips ? embedding : 0);
            because = "the output of the layer before" + (skips ? ", and the embedding" : "");
        }
        boolean between = query() == Attention.Query.BETWEEN;
        rules.require(
                between == decoder.second().isPresent(),
                "has a second cell where attention stands between two cells",
                (decoder.second().isPresent() ? "a second cell" : "no second cell") + ", "
                        + (query() == null ? "no attention" : "attention " + query()),
                "add or remove the second cell");
        decoder.second().ifPresent(second -> {
            Rules here = rules.of("second cell");
            EncoderRules.recurrent(second, decoder.cell(), memory(), "the size of the memory", here);
            RecurrentParameters first = decoder.layers().getFirst();
            here.equal("the number of units", first.hiddenSize(), second.hiddenSize(), "that of the first layer");
            here.equal("the output", first.outputSize(), second.outputSize(), "that of the first layer");
        });
    }

    /** Which state asks; null without attention. */
    private Attention.Query query() {
        return decoder.context() instanceof Context.Attended(var attention) ? attention.query() : null;
    }

    private void context(Rules rules) {
        switch (decoder.context()) {
            case Context.None() -> {}
            case Context.Fixed(var summary) -> {
                rules.require(
                        summary != Summary.LAST_OF_LAYER,
                        "is one vector for all layers",
                        summary,
                        "choose the last, the mean or the largest");
                new BridgeRules(encoder, decoder).summarySize(summary, 0, rules);
            }
            case Context.Attended(var attention) -> attention(attention, new Rules("attention"));
        }
    }

    private void attention(Attention attention, Rules rules) {
        List<RecurrentParameters> layers = decoder.layers();
        int asking = (attention.query() == Attention.Query.BETWEEN ? layers.getFirst() : layers.getLast()).outputSize();
        String state = "the size of the state that asks";
        String place = "the size of the memory";
        switch (attention.score()) {
            case Attention.Score.Dot(), Attention.Score.ScaledDot() ->
                rules.equal(
                        "the size of the memory, the encoder's output,",
                        asking,
                        memory(),
                        state + " in a product of the two");
            case Attention.Score.General(var keys) -> rules.maps(keys, memory(), place, asking, state);
            case Attention.Score.LowRank(var query, var keys) -> pair(query, keys, asking, rules);
            case Attention.Score.Additive(var query, var keys, var _) -> pair(query, keys, asking, rules);
        }
        int heads = attention.heads();
        int keys = attention.keySize(memory());
        rules.require(
                heads >= 1 && memory() % heads == 0 && keys % heads == 0,
                "the number of heads divides the memory's size " + memory() + " and that of the keys " + keys,
                heads,
                "choose another number of heads");
    }

    private void pair(Projection query, Projection keys, int asking, Rules rules) {
        rules.size("the size of keys", keys.outputSize());
        rules.maps(query, asking, "the size of the state that asks", keys.outputSize(), "that of the keys");
        rules.maps(keys, memory(), "the size of the memory", keys.outputSize(), "that of the keys");
    }

    private void readout(Rules rules) {
        Readout readout = decoder.readout();
        List<Readout.Part> parts = readout.parts();
        rules.require(!parts.isEmpty(), "has at least one part", parts, "add the state");
        rules.require(
                parts.stream().distinct().count() == parts.size(), "has each part once", parts, "remove one of them");
        rules.require(
                !(decoder.context() instanceof Context.None) || !parts.contains(Readout.Part.CONTEXT),
                "has the context where there is one",
                parts,
                "remove it, or add attention");
        boolean written = decoder.feeding() || decoder.output().map().isPresent();
        rules.require(
                query() != Attention.Query.AFTER || !written || parts.contains(Readout.Part.CONTEXT),
                "has the context where attention comes after the step",
                parts,
                "else nothing sees the context: add it, or ask before the step");
        rules.require(
                readout.map().isPresent() || readout.activation().equals(Activation.IDENTITY),
                "without a map there is no activation",
                readout.activation().text(),
                "name a map, or the activation identity");
        rules.require(
                written || readout.map().isEmpty(),
                "has a map where something reads it",
                "tokens that are only copied, and no feeding",
                "remove the map");
        readout.map().ifPresent(map -> {
            rules.size("the size", map.outputSize());
            rules.maps(map, decoder.partsSize(memory()), "the sum of its parts " + parts, map.outputSize(), "");
        });
    }

    private void output(Rules rules) {
        int vocabulary = decoder.embedding().vocabularySize();
        decoder.output()
                .map()
                .ifPresent(map -> rules.maps(
                        map, decoder.readoutSize(memory()), "the size of the readout", vocabulary, "the vocabulary"));
        if (!decoder.output().copies()) {
            return;
        }
        rules.require(query() != null, "copies along the attention", "no attention", "add attention");
        rules.equal(
                "the vocabulary of the target",
                encoder.embedding().vocabularySize(),
                vocabulary,
                "that of the source, from which it copies");
        rules.require(
                vocabulary <= Output.MAX_COPIED_VOCABULARY,
                "copies from a vocabulary of at most " + Output.MAX_COPIED_VOCABULARY + " tokens",
                vocabulary,
                "each place of a source keeps a row of as many numbers: make the vocabulary smaller");
        if (decoder.output() instanceof Output.GenerateOrCopy(var _, var gate)) {
            rules.of("gate")
                    .maps(gate, decoder.partsSize(memory()), "the sum of the readout's parts", 1, "a single number");
        }
    }
}
