package dev.rondo.architecture.training;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.InputTypes;
import dev.rondo.graph.ValueType;
import java.util.List;

/**
 * What the gradient of {@link Aggregation.Attention} needs beyond products. All of them are sums over queries, so that of
 * many steps is one operator over the queries of all steps.
 */
public sealed interface AttentionBackward extends Training.Backward {

    /** The sum of outer products in each row of the batch: {@code y_bnk = Σ_r a_brn b_brk}, a [B,R,N], b [B,R,K], y [B,N,K]. */
    record OuterSums() implements AttentionBackward {
        @Override
        public String name() {
            return "outer_sums";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("a"), Slot.required("b"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType a = in.require(0, ElementType.F32, null, null, null);
            ValueType b = in.require(1, ElementType.F32, a.dim(0), a.dim(1), null);
            return List.of(a.withDims(List.of(a.dim(0), a.dim(2), b.dim(2))));
        }
    }

    /**
     * Of additive scores {@code y_qs = Σ_d v_d tanh(query_qd + keys_sd)} back to the queries:
     * {@code dquery_qd = v_d Σ_s dy_qs (1 − tanh²)}. Inputs query [B,Q,D], keys [B,S,D], vector v [D], dy [B,Q,S]; what
     * has dy = 0 is not looked at.
     */
    record AdditiveQuery() implements AttentionBackward {
        @Override
        public String name() {
            return "additive_query_backward";
        }

        @Override
        public List<Slot> slots() {
            return additive();
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            return List.of(check(in));
        }
    }

    /**
     * The same back to keys and vector: {@code dkeys_sd = v_d Σ_q dy_qs (1 − tanh²)}, {@code dvector_d = Σ dy_qs tanh}
     * over all rows, queries and keys.
     */
    record AdditiveKeys() implements AttentionBackward {
        @Override
        public String name() {
            return "additive_keys_backward";
        }

        @Override
        public List<Slot> slots() {
            return additive();
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            check(in);
            return List.of(in.type(1), in.type(2));
        }
    }

    private static List<Training.Slot> additive() {
        return List.of(
                Training.Slot.required("query"),
                Training.Slot.required("keys"),
                Training.Slot.required("vector"),
                Training.Slot.required("dy"));
    }

    /** The type of query. */
    private static ValueType check(InputTypes in) {
        ValueType query = in.require(0, ElementType.F32, null, null, null);
        Dim rows = query.dim(0);
        ValueType keys = in.require(1, ElementType.F32, rows, null, query.dim(2));
        in.require(2, ElementType.F32, query.dim(2));
        in.require(3, ElementType.F32, rows, query.dim(1), keys.dim(1));
        return query;
    }
}
