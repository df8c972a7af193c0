package dev.rondo.train.gradient;

import dev.rondo.architecture.training.AttentionBackward;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Node;
import dev.rondo.graph.Value;
import java.util.Arrays;
import java.util.List;

/**
 * The gradient of {@link Aggregation.Attention}: with {@code context = a values}, {@code a = softmax(scale scores)} it is
 * {@code dvalues = aᵀ dcontext}, {@code da = dcontext valuesᵀ + dweights}, {@code dscores = scale a ⊙ (da − Σ a ⊙ da)}, and
 * from there to query and keys. No more than [Q,S] numbers of a row are in memory.
 */
final class AttentionGradient {
    private final float scale;
    private final Node node;
    private final Tape tape;
    private final Emitter emit;
    private final Value query;
    private final Value keys;
    private final Value values;
    private final Value vector;

    private AttentionGradient(Aggregation.Attention op, Node node, Tape tape) {
        this.scale = op.scale();
        this.node = node;
        this.tape = tape;
        this.emit = tape.emit;
        this.query = node.input("query");
        this.keys = node.input("keys");
        this.values = node.input("values");
        this.vector = node.input("vector");
    }

    /** The cotangents of the node's inputs from those of context and weights, absent where nothing arrived. */
    static List<Value> of(Aggregation.Attention op, Node node, List<Value> arrived, Tape tape) {
        return new AttentionGradient(op, node, tape).cotangents(arrived.get(0), arrived.get(1));
    }

    private List<Value> cotangents(Value dcontext, Value dweights) {
        Value weights = node.outputs().get(1);
        Value none = Value.ABSENT;
        Value dvalues = dcontext.isAbsent() ? none : tape.wanted(values, () -> outerSums(weights, dcontext));
        if (!tape.wants(query) && !tape.wants(keys) && !tape.wants(vector)) {
            return List.of(none, none, dvalues, none, none);
        }
        Value da = dweights;
        if (!dcontext.isAbsent()) {
            Value ofContext = emit.add(new Contraction.MatMul(true), dcontext, values);
            da = da.isAbsent() ? ofContext : emit.plus(ofContext, da);
        }
        Value scaled = AggregationGradient.softmax(weights, da, emit);
        Value dscores = scale == 1 ? scaled : emit.times(scaled, scale);
        return vector.isAbsent() ? products(dscores, dvalues) : additive(dscores, dvalues);
    }

    private List<Value> products(Value dscores, Value dvalues) {
        Value dquery = tape.wanted(query, () -> emit.add(new Contraction.MatMul(false), dscores, keys));
        Value dkeys = tape.wanted(keys, () -> outerSums(dscores, query));
        return List.of(dquery, dkeys, dvalues, Value.ABSENT, Value.ABSENT);
    }

    private List<Value> additive(Value dscores, Value dvalues) {
        Value queries = asRowsOfKeys(query);
        Value dy = asRowsOfKeys(dscores);
        Value dquery = tape.wanted(query, () -> {
            Value all = emit.add(new AttentionBackward.AdditiveQuery(), queries, keys, vector, dy);
            return emit.reshape(all, query.type().dims());
        });
        Value dkeys = Value.ABSENT;
        Value dvector = Value.ABSENT;
        if (tape.wants(keys) || tape.wants(vector)) {
            List<Value> both = emit.addAll(
                    new AttentionBackward.AdditiveKeys(), List.of(), Arrays.asList(queries, keys, vector, dy));
            dkeys = tape.wanted(keys, both::getFirst);
            dvector = tape.wanted(vector, both::getLast);
        }
        return List.of(dquery, dkeys, dvalues, dvector, Value.ABSENT);
    }

    private Value outerSums(Value a, Value b) {
        return emit.add(new AttentionBackward.OuterSums(), asRowsOfKeys(a), asRowsOfKeys(b));
    }

    /** All queries as those of one row where all rows have the same keys. */
    private Value asRowsOfKeys(Value x) {
        Dim rows = x.type().dim(0);
        if (rows.equals(keys.type().dim(0))) {
            return x;
        }
        return emit.reshape(
                x,
                List.of(
                        Dim.ONE,
                        Dim.product(List.of(rows, x.type().dim(1))),
                        x.type().dim(2)));
    }
}
