package dev.rondo.convert.statedict;

import dev.rondo.architecture.Projection;
import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.convert.statedict.EncoderDecoderConfig.Score;
import dev.rondo.convert.statedict.WeightCollector.Columns;
import dev.rondo.error.FormatException;

/** The parameters of attention scores. */
record ScoreWeights(LinearWeights linears) {
    private static final String QUERY = "attention.query";
    private static final String KEYS = "attention.keys";
    private static final String VECTOR = "attention.vector";

    /**
     * @param asked  the size of the state that asks, D
     * @param memory the size of a place, M
     */
    Attention.Score collect(Score score, int asked, int memory, int heads) {
        return switch (score) {
            case Score.Dot(boolean scaled) -> scaled ? new Attention.Score.ScaledDot() : new Attention.Score.Dot();
            case Score.General(var map, boolean ofQuery) -> {
                if (ofQuery && !map.bias().isEmpty()) {
                    throw new FormatException(
                            "attention, key 'query'",
                            "of a general score has no bias",
                            map.bias().toString(),
                            "use low_rank scores, or add the bias in the model");
                }
                yield new Attention.Score.General(
                        ofQuery
                                ? linears.transposed(map, KEYS, memory, asked)
                                : linears.collect(map, KEYS, memory, asked));
            }
            case Score.LowRank(var query, var keys) -> {
                Projection q = linears.collect(query, QUERY, asked, -1);
                yield new Attention.Score.LowRank(q, linears.collect(keys, KEYS, memory, q.outputSize()));
            }
            case Score.Additive(var query, var keys, String vector) -> {
                Projection q = linears.collect(query, QUERY, asked, -1);
                yield additive(q, linears.collect(keys, KEYS, memory, q.outputSize()), vector, heads);
            }
            case Score.Joint(var map, boolean queryFirst, String vector) ->
                joint(map, queryFirst, vector, asked, memory, heads);
        };
    }

    private Attention.Score joint(
            LayerConfig.Linear map, boolean queryFirst, String vector, int asked, int memory, int heads) {
        Projection whole = linears.collect(map, "attention.joint", asked + memory, -1);
        // The columns of both are stored each by itself; the whole is then used by nobody, and dropped.
        Projection query = linears.columns(map, QUERY, new Columns(queryFirst ? 0 : memory, asked));
        Projection keys = linears.columns(map, KEYS, new Columns(queryFirst ? asked : 0, memory));
        return additive(new Projection(query.weight(), whole.bias(), asked, whole.outputSize()), keys, vector, heads);
    }

    private Attention.Score additive(Projection query, Projection keys, String vector, int heads) {
        int numbers = Math.max(1, query.outputSize() / heads);
        return new Attention.Score.Additive(query, keys, linears.vector(vector, VECTOR, numbers));
    }
}
