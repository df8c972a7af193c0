package dev.rondo.architecture.memory;

import dev.rondo.architecture.RecurrentNodes;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The nodes of a memory network, from story and question to the scores of answers. */
final class MemoryNodes {
    private static final Dim B = Dim.named("B");
    private static final Dim S = Dim.named("S");

    private final FunctionBuilder f;
    private final MemoryNetwork architecture;
    private final Value linear;
    private final Dim words;
    private final Dim size;
    private final Text story;
    private final Text question;
    private final Value valid;
    private final Map<String, Value> memories = new HashMap<>();

    /**
     * Ids of words [rows...,J].
     *
     * @param shares  of its words in the vector of a sentence, [rows...,J,1] or [rows...,J,d]
     * @param lengths in words i32, of all rows in one dimension; absent unless words are read one after the other
     */
    private record Text(Value ids, Value shares, Value lengths) {}

    /** What the network says: the scores [B,V], what each hop looked at [B,1,S], and the states around them [B,1,d]. */
    record Answer(Value logits, List<Value> looks, List<Value> controllers) {
        Value[] attention() {
            return looks.toArray(new Value[0]);
        }

        Value[] states() {
            return controllers.toArray(new Value[0]);
        }
    }

    /**
     * Declares the inputs.
     *
     * @param linear how much of the memory is read without softmax, []; absent for none
     */
    MemoryNodes(FunctionBuilder f, MemoryNetwork architecture, Value linear) {
        this.f = f;
        this.architecture = architecture;
        this.linear = linear;
        this.words = Dim.of(architecture.words());
        this.size = Dim.of(architecture.size());
        this.story = text(f.input("story", ElementType.I32, B, S, words), List.of(B, S));
        this.question = text(f.input("query", ElementType.I32, B, words), List.of(B));
        Value sentences = f.input("sentences", ElementType.I32, B);
        this.valid = f.reshape(f.add(new Structure.LengthMask(S), sentences), B, 1, S);
    }

    private Text text(Value ids, List<Dim> rows) {
        Value zero = f.add(new Structure.Fill(ElementType.I32, 0, List.of()));
        Value present = f.add(new Elementwise.Compare(Comparison.NOT_EQUAL), ids, zero);
        Value counted = f.add(new Elementwise.Cast(ElementType.F32), present);
        var each = new ArrayList<>(rows);
        each.add(words);
        each.add(Dim.ONE);
        Value shares = f.add(new Structure.Reshape(each), counted);
        return switch (architecture.encoding()) {
            case SentenceEncoding.Bag() -> new Text(ids, shares, Value.ABSENT);
            case SentenceEncoding.Position() ->
                new Text(ids, f.times(shares, f.weight(MemoryNetwork.POSITION, words, size)), Value.ABSENT);
            case SentenceEncoding.Recurrent _ -> {
                Value count = f.add(new Aggregation.Reduce(Reduction.SUM, -1, false), counted);
                Value lengths = f.add(new Elementwise.Cast(ElementType.I32), count);
                yield new Text(ids, shares, f.reshape(lengths, Dim.product(rows)));
            }
        };
    }

    /** Hop by hop to the answer. */
    Answer answer() {
        Value u = encode(architecture.question(), question);
        var looks = new ArrayList<Value>();
        var states = new ArrayList<Value>();
        states.add(f.reshape(u, B, 1, size));
        for (int hop = 0; hop < architecture.hops(); hop++) {
            List<Value> read = look(u, memory(architecture.keys(hop)), memory(architecture.values(hop)));
            u = f.plus(carried(u), f.reshape(read.getFirst(), B, size));
            looks.add(read.get(1));
            states.add(f.reshape(u, B, 1, size));
        }
        Value bias = architecture.tying() == Tying.LAYER_WISE && architecture.biases()
                ? f.weight("output.bias", architecture.vocabularySize())
                : Value.ABSENT;
        Value logits = f.add("logits", new Contraction.Linear(), u, table(architecture.output()), bias);
        return new Answer(logits, looks, states);
    }

    /** What of a hop's state the next one has, beside what it has read. */
    private Value carried(Value u) {
        return switch (architecture.tying()) {
            case ADJACENT -> u;
            case LAYER_WISE ->
                f.linear(
                        u,
                        f.weight("hop.weight", size, size),
                        architecture.biases() ? f.weight("hop.bias", size) : Value.ABSENT);
        };
    }

    /** Reads the memory [B,S,d] with a state [B,d]; gives what was read [B,1,d] and the shares of the places [B,1,S]. */
    private List<Value> look(Value u, Value keys, Value values) {
        Value query = f.reshape(u, B, 1, size);
        if (linear.isAbsent()) {
            return f.addAll(new Aggregation.Attention(1), List.of(), List.of(query, keys, values, Value.ABSENT, valid));
        }
        Value scores = f.add(new Contraction.MatMul(true), query, keys);
        Value soft = f.add(new Aggregation.Softmax(false), scores, valid);
        Value plain = f.times(scores, f.add(new Elementwise.Cast(ElementType.F32), valid));
        Value more = f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), plain, soft);
        Value shares = f.plus(soft, f.times(linear, more));
        return List.of(f.add(new Contraction.MatMul(false), shares, values), shares);
    }

    /** The story as a table sees it, each once [B,S,d]. */
    private Value memory(String table) {
        Value known = memories.get(table);
        if (known == null) {
            known = encode(table, story);
            if (architecture.temporal()) {
                Value places = f.weight(MemoryNetwork.places(table), architecture.sentences(), size);
                known = f.plus(known, f.slice(places, 0, 0, S));
            }
            memories.put(table, known);
        }
        return known;
    }

    private Value table(String name) {
        return f.weight(name, architecture.vocabularySize(), size);
    }

    /** Sentences as vectors [rows...,d]. */
    private Value encode(String table, Text text) {
        Value embedded = f.times(f.gather(table(table), text.ids), text.shares);
        List<Dim> dims = embedded.type().dims();
        var rows = new ArrayList<>(dims.subList(0, dims.size() - 2));
        return switch (architecture.encoding()) {
            case SentenceEncoding.Bag(), SentenceEncoding.Position() ->
                f.add(new Aggregation.Reduce(Reduction.SUM, -2, false), embedded);
            case SentenceEncoding.Recurrent(var layer) -> {
                Value sequence = f.reshape(embedded, Dim.product(rows), words, size);
                var nodes = new RecurrentNodes(f, architecture.cell(), layer, 0);
                List<Value> read =
                        nodes.sequence(List.of(), sequence, Value.ABSENT, Value.ABSENT, text.lengths, false, false);
                rows.add(size);
                yield f.add(new Structure.Reshape(rows), read.get(1));
            }
        };
    }
}
