package dev.rondo.architecture.seq2seq;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.List;

/**
 * The nodes of attention. What depends on the source alone is computed once per sentence: the memory, its keys, and which
 * places are valid, with the heads of a sentence as rows of their own.
 */
record AttentionNodes(FunctionBuilder f, Attention attention, int memorySize) {
    static final String MEMORY = "memory";
    static final String KEYS = "keys";
    static final String VALID = "valid";

    private static final Dim B = Dim.named("B");
    private static final Dim S = Dim.named("S");

    /** What a query of D numbers is compared with; keys are the memory itself where the score has no map for it. */
    record Source(Value memory, Value keys, Value valid) {}

    private int heads() {
        return attention.heads();
    }

    private int keySize() {
        return attention.keySize(memorySize);
    }

    /** Whether keys are the memory itself. */
    private boolean sharesMemory() {
        return attention.score() instanceof Attention.Score.Dot
                || attention.score() instanceof Attention.Score.ScaledDot;
    }

    ValueType memoryType() {
        return new ValueType(ElementType.F32, List.of(B.times(heads()), S, Dim.of(memorySize / heads())));
    }

    ValueType keysType() {
        return new ValueType(ElementType.F32, List.of(B.times(heads()), S, Dim.of(keySize() / heads())));
    }

    ValueType validType() {
        return new ValueType(ElementType.BOOL, List.of(B.times(heads()), S));
    }

    /** What is kept of a source: memory [B,S,M], mask bool[B,S]. */
    Source source(Value memory, Value mask) {
        Value keys = switch (attention.score()) {
            case Attention.Score.Dot(), Attention.Score.ScaledDot() -> memory;
            case Attention.Score.General(var map) -> map.of(f, memory);
            case Attention.Score.LowRank(var _, var map) -> map.of(f, memory);
            case Attention.Score.Additive(var _, var map, var _) -> map.of(f, memory);
        };
        if (heads() == 1) {
            return new Source(memory, keys, mask);
        }
        Value split = headRows(memory, S, memorySize);
        Value everyHead = f.add(new Structure.Expand(List.of(B, Dim.of(heads()), S)), f.reshape(mask, B, 1, S));
        return new Source(
                split,
                sharesMemory() ? split : headRows(keys, S, keySize()),
                f.reshape(everyHead, B.times(heads()), S));
    }

    /** [B,n,size] to [heads*B,n,size/heads]. */
    private Value headRows(Value x, Dim n, int size) {
        int each = size / heads();
        Value split = f.reshape(x, B, n, heads(), each);
        return f.reshape(f.add(new Structure.Transpose(List.of(0, 2, 1, 3)), split), B.times(heads()), n, each);
    }

    /** Declares the source as states, read only. */
    Source states() {
        Value memory = f.state(MEMORY, memoryType());
        Value keys = sharesMemory() ? memory : f.state(KEYS, keysType());
        return new Source(memory, keys, f.state(VALID, validType()));
    }

    /** Context [R,M] and weights [R,S] of a query. */
    record Look(Value context, Value weights) {}

    /**
     * Looks at the source.
     *
     * @param query      [R,D], R = B * each
     * @param each       rows of a sentence
     * @param weightName of the weights
     */
    Look look(Value query, Source source, Dim each, String weightName) {
        Dim rows = query.type().dim(0);
        Value vector = Value.ABSENT;
        float scale = 1;
        Value asked = query;
        switch (attention.score()) {
            case Attention.Score.Dot(), Attention.Score.General _ -> {}
            case Attention.Score.ScaledDot() -> scale = (float) (1 / Math.sqrt((double) keySize() / heads()));
            case Attention.Score.LowRank(var map, var _) -> asked = map.of(f, query);
            case Attention.Score.Additive(var map, var _, String name) -> {
                asked = map.of(f, query);
                vector = f.weight(name, keySize() / heads());
            }
        }
        Value split = f.reshape(asked, B, each, keySize());
        Value queries = heads() == 1 ? split : headRows(split, each, keySize());
        Value mask = f.reshape(source.valid, B.times(heads()), 1, S);
        List<Value> found = f.addAll(
                new Aggregation.Attention(scale),
                List.of(),
                List.of(queries, source.keys, source.memory, vector, mask));
        Value context = found.getFirst();
        Value weights = found.get(1);
        if (heads() > 1) {
            Value side = f.reshape(context, B, heads(), each, memorySize / heads());
            context = f.add(new Structure.Transpose(List.of(0, 2, 1, 3)), side);
            Value all = f.reshape(weights, B, heads(), each, S);
            weights = f.add(new Aggregation.Reduce(Reduction.MEAN, 1, false), all);
        }
        return new Look(
                f.reshape(context, rows, memorySize),
                weightName.isEmpty()
                        ? Value.ABSENT
                        : f.add(weightName, new Structure.Reshape(List.of(rows, S)), weights));
    }
}
