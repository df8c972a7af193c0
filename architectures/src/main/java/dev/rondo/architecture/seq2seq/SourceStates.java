package dev.rondo.architecture.seq2seq;

import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a source leaves for the decoder: the values with which its states begin. */
record SourceStates(FunctionBuilder f, EncoderDecoder architecture, Value source, Value lengths) {

    /** By the names of the states, in the order in which {@code encode} declares them. */
    Map<String, Value> begin(DecoderNodes step, Drops drops) {
        Decoder decoder = architecture.decoder();
        var encoder = new EncoderNodes(f, architecture, source, lengths, drops);
        Map<String, Value> states = new LinkedHashMap<>();
        switch (decoder.context()) {
            case Context.None() -> {}
            case Context.Fixed(var summary) -> states.put(DecoderNodes.CONTEXT, encoder.summary(summary, 0));
            case Context.Attended(var attention) -> {
                var nodes =
                        new AttentionNodes(f, attention, architecture.encoder().memorySize());
                AttentionNodes.Source seen = nodes.source(encoder.memory(), encoder.mask());
                states.put(AttentionNodes.MEMORY, seen.memory());
                if (!seen.keys().equals(seen.memory())) {
                    states.put(AttentionNodes.KEYS, seen.keys());
                }
                states.put(AttentionNodes.VALID, seen.valid());
            }
        }
        List<EncoderNodes.Begin> begins = encoder.begins();
        for (int k = 0; k < begins.size(); k++) {
            states.put("h" + k, begin(step, begins.get(k).h(), step.hiddenType(k)));
            if (step.isLstm()) {
                states.put("c" + k, begin(step, begins.get(k).c(), step.cellType(k)));
            }
        }
        if (decoder.feeding()) {
            states.put(DecoderNodes.FEED, begin(step, Value.ABSENT, step.feedType()));
        }
        if (decoder.output().copies()) {
            states.put(DecoderNodes.COPIES, copies(step.copiesType()));
        }
        return states;
    }

    private Value begin(DecoderNodes step, Value value, ValueType type) {
        return value.isAbsent()
                ? f.add(new Structure.Fill(ElementType.F32, 0, type.dims()))
                : step.everyHypothesis(value);
    }

    /** 1 at the token of each place, made of {@code v < token + 1} without {@code v < token}. */
    private Value copies(ValueType type) {
        Dim places = type.dim(0).times(type.dim(1));
        Value tokens = f.reshape(source, places);
        Value one = f.add(new Structure.Fill(ElementType.I32, 1, List.of()));
        Value upTo = below(f.add(new Elementwise.Binary(BinaryFunction.ADD), tokens, one), type.dim(2));
        Value hot = f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), upTo, below(tokens, type.dim(2)));
        return f.reshape(hot, type.dims().toArray());
    }

    private Value below(Value bounds, Dim size) {
        return f.add(new Elementwise.Cast(ElementType.F32), f.add(new Structure.LengthMask(size), bounds));
    }
}
