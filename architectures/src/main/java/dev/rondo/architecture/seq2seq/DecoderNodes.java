package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Projection;
import dev.rondo.architecture.RecurrentNodes;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * The nodes of one step of a decoder: in the function {@code step}, where each sentence has K hypotheses, and in the body
 * of the scan that training runs.
 */
final class DecoderNodes {
    static final String CONTEXT = "context";
    static final String FEED = "feed";
    /** What each place of the source stands for: 1 for its token [B,S,V]. */
    static final String COPIES = "copies";

    private static final Dim B = Dim.named("B");

    private final FunctionBuilder f;
    private final EncoderDecoder architecture;
    private final Decoder decoder;
    private final Dim each;
    private final Dim rows;

    /** @param each rows of a sentence */
    DecoderNodes(FunctionBuilder f, EncoderDecoder architecture, Dim each) {
        this.f = f;
        this.architecture = architecture;
        this.decoder = architecture.decoder();
        this.each = each;
        this.rows = B.times(each);
    }

    /**
     * What a step leaves.
     *
     * @param state     of the top layer [R,P]
     * @param context   [R,M], or absent
     * @param attention weights [R,S], or absent
     */
    record Step(Value state, Value context, Value attention) {}

    ValueType hiddenType(int k) {
        return ValueType.f32(rows, decoder.layers().get(k).outputSize());
    }

    ValueType cellType(int k) {
        return ValueType.f32(rows, decoder.layers().get(k).hiddenSize());
    }

    ValueType contextType() {
        return ValueType.f32(B, architecture.encoder().memorySize());
    }

    ValueType feedType() {
        return ValueType.f32(rows, readoutSize());
    }

    boolean isLstm() {
        return decoder.cell() instanceof Cell.Lstm;
    }

    private int readoutSize() {
        return decoder.readoutSize(architecture.encoder().memorySize());
    }

    ValueType copiesType() {
        int words = architecture.encoder().embedding().vocabularySize();
        return ValueType.f32(B, Dim.named("S"), words);
    }

    /**
     * Advances by a token, replacing the states of the layers (not the feed, which follows from the readout).
     *
     * @param embedded [R,E]; may be absent when the share is given and nothing else reads it
     * @param share    the embedding's share of the first layer's gates, bias included [R,G*H]; absent to compute it here
     * @param weights  the name of the attention weights; empty for none
     */
    Step advance(Value embedded, Value share, Drops drops, String weights) {
        int count = decoder.layers().size();
        var h = new ArrayList<Value>();
        var c = new ArrayList<Value>();
        for (int k = 0; k < count; k++) {
            h.add(f.state("h" + k, hiddenType(k)));
            c.add(isLstm() ? f.state("c" + k, cellType(k)) : Value.ABSENT);
        }
        AttentionNodes attention = decoder.context() instanceof Context.Attended(var a)
                ? new AttentionNodes(f, a, architecture.encoder().memorySize())
                : null;
        AttentionNodes.Source source = attention == null ? null : attention.states();
        Attention.Query query = attention == null ? null : attention.attention().query();
        AttentionNodes.Look look = new AttentionNodes.Look(Value.ABSENT, Value.ABSENT);
        if (query == Attention.Query.BEFORE) {
            look = attention.look(h.getLast(), source, each, weights);
        } else if (decoder.context() instanceof Context.Fixed) {
            look = new AttentionNodes.Look(everyHypothesis(f.state(CONTEXT, contextType())), Value.ABSENT);
        }
        Value feed = decoder.feeding() ? f.state(FEED, feedType()) : Value.ABSENT;
        Value y = null;
        for (int k = 0; k < count; k++) {
            Value x = k == 0 ? Value.ABSENT : y;
            if (decoder.connection() == Connection.SKIP && k > 0) {
                x = f.concat(1, x, embedded);
            }
            boolean between = k == 0 && decoder.second().isPresent();
            List<String> names = List.of("h" + k + "_next", "c" + k + "_next");
            RecurrentNodes cell = nodes(decoder.layers().get(k), k, drops);
            List<String> own = between ? List.of() : names;
            List<Value> next = k == 0
                    ? first(
                            cell,
                            own,
                            embedded,
                            share,
                            decoder.readsContext() ? look.context() : Value.ABSENT,
                            feed,
                            h,
                            c)
                    : cell.step(own, x, h.get(k), c.get(k), false);
            if (between) {
                look = attention.look(next.getFirst(), source, each, weights);
                Value cellState = isLstm() ? next.get(1) : Value.ABSENT;
                next = nodes(decoder.second().get(), k, drops)
                        .step(names, look.context(), next.getFirst(), cellState, false);
            }
            f.next(h.get(k), next.getFirst());
            if (isLstm()) {
                f.next(c.get(k), next.get(1));
            }
            Value out = next.getFirst();
            boolean residual = decoder.connection() == Connection.RESIDUAL
                    && k > 0
                    && x.type().equals(out.type());
            y = residual ? f.plus(x, out) : out;
            y = k + 1 < count ? drops.between(y) : y;
        }
        if (query == Attention.Query.AFTER) {
            look = attention.look(y, source, each, weights);
        }
        return new Step(y, look.context(), look.weights());
    }

    private RecurrentNodes nodes(RecurrentParameters layer, int k, Drops drops) {
        var plain = new RecurrentNodes(f, decoder.cell(), layer, k);
        return new RecurrentNodes(f, decoder.cell(), layer, k, drops.recurrent(plain.weightHidden()));
    }

    /** The first layer: its input is [embedding; context; feed]. */
    private List<Value> first(
            RecurrentNodes cell,
            List<String> names,
            Value embedded,
            Value share,
            Value context,
            Value feed,
            List<Value> h,
            List<Value> c) {
        var rest = new ArrayList<Value>();
        for (Value part : List.of(context, feed)) {
            if (!part.isAbsent()) {
                rest.add(part);
            }
        }
        if (share.isAbsent()) {
            rest.addFirst(embedded);
            return cell.step(names, side(1, rest), h.getFirst(), c.getFirst(), false);
        }
        Value gates = share;
        if (!rest.isEmpty()) {
            int from = decoder.embedding().size();
            Value columns = f.slice(cell.input(), 1, from, cell.layer().inputSize() - from);
            gates = f.plus(gates, f.linear(side(1, rest), columns, Value.ABSENT));
        }
        return cell.step(names, gates, h.getFirst(), c.getFirst(), true);
    }

    /** The embedding's share of the first layer's gates [..., G*H], bias included. */
    Value share(Value embedded) {
        var cell = new RecurrentNodes(f, decoder.cell(), decoder.layers().getFirst(), 0);
        int size = decoder.embedding().size();
        Value columns = cell.layer().inputSize() == size ? cell.input() : f.slice(cell.input(), 1, 0, size);
        return f.linear(embedded, columns, cell.bias());
    }

    /** The parts of the readout side by side [..., P]: of values with the same axes before the last. */
    Value parts(Value state, Value context, Value embedded) {
        var parts = new ArrayList<Value>();
        for (Readout.Part part : decoder.readout().parts()) {
            parts.add(
                    switch (part) {
                        case STATE -> state;
                        case CONTEXT -> context;
                        case EMBEDDING -> embedded;
                    });
        }
        return side(state.type().rank() - 1, parts);
    }

    /** What the scores are made of [..., R], given its parts; without dropout. */
    Value readout(Value parts) {
        return decoder.readout()
                .map()
                .map(map -> f.activate(decoder.readout().activation(), map.of(f, parts)))
                .orElse(parts);
    }

    /** The gate between writing and copying before its sigmoid [..., 1]; absent where there is none. */
    Value gate(Value parts) {
        return decoder.output() instanceof Output.GenerateOrCopy(var _, var gate) ? gate.of(f, parts) : Value.ABSENT;
    }

    private Value side(int axis, List<Value> parts) {
        return parts.size() == 1 ? parts.getFirst() : f.concat(axis, parts.toArray(Value[]::new));
    }

    /**
     * The scores of the next token, {@code logits} [..., V], of a readout [..., R] with the same axes before the last: those
     * of a step, [B*K], or of all steps of training, [B,T].
     *
     * @param gate      [..., 1], of {@link #gate}
     * @param attention [..., S]; absent without copying
     * @param copies    [B,S,V]; absent without copying
     */
    Value logits(Value readout, Value gate, Value attention, Value copies) {
        return switch (decoder.output()) {
            case Output.Generate(var scores) -> linear("logits", scores, readout);
            case Output.GenerateOrCopy(var scores, var _) -> {
                Value written = f.softmax(linear("scores", scores, readout));
                Value copied = copied(attention, copies);
                Value share = f.activate(Activation.SIGMOID, gate);
                Value apart = f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), written, copied);
                yield logarithm(f.plus(copied, f.times(share, apart)));
            }
            case Output.Copy() -> logarithm(copied(attention, copies));
        };
    }

    /** The attention that each token of the vocabulary gets, at all places where it stands. */
    private Value copied(Value attention, Value copies) {
        var product = new Contraction.MatMul(false);
        if (attention.type().rank() == 3) {
            return f.add(product, attention, copies);
        }
        Value split = f.reshape(attention, B, each, attention.type().dim(1));
        return f.reshape(f.add(product, split, copies), rows, copies.type().dim(2));
    }

    private Value linear(String name, Projection map, Value x) {
        return f.add(
                name,
                new Contraction.Linear(),
                x,
                f.weight(map.weight(), map.outputSize(), map.inputSize()),
                RecurrentNodes.optional(f, map.bias(), map.outputSize()));
    }

    private Value logarithm(Value probabilities) {
        Value floor = f.add(new Structure.Fill(ElementType.F32, Output.FLOOR, List.of()));
        Value above = f.add(new Elementwise.Binary(BinaryFunction.MAXIMUM), probabilities, floor);
        return f.add("logits", new Elementwise.Unary(UnaryFunction.LOG), above);
    }

    /** A value of each sentence [B,n] for each of its rows [R,n]. */
    Value everyHypothesis(Value x) {
        if (each.is(1)) {
            return x;
        }
        Dim n = x.type().dim(1);
        Value wide = f.add(new Structure.Expand(List.of(B, each, n)), f.reshape(x, B, 1, n));
        return f.reshape(wide, rows, n);
    }
}
