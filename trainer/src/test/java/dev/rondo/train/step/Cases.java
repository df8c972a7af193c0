package dev.rondo.train.step;

import dev.rondo.architecture.training.AttentionBackward;
import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Every operator of training over rows B, steps T, and fixed sizes.
 *
 * @param bound what whole numbers among the inputs stay below, when T is at least that
 */
record Cases(String name, Training op, int bound, ValueType... types) {
    /** Units, of which some fill no vector; inputs; classes. */
    static final int H = 19;

    static final int I = 5;
    static final int V = 6;

    private static final ValueType SEQUENCE = ValueType.f32("B", "T", H);
    private static final ValueType STATE = ValueType.f32("B", H);
    private static final ValueType LENGTHS = ValueType.of(ElementType.I32, "B");

    @Override
    public String toString() {
        return name;
    }

    OneNode bind(boolean vector, int rows, int steps) {
        return new OneNode(op, vector, Map.of("B", rows, "T", steps), types);
    }

    static List<Cases> all() {
        var cases = new ArrayList<Cases>();
        ValueType index = ValueType.of(ElementType.I64, "B", "T");
        ValueType narrow = ValueType.of(ElementType.I32, "B", "T");
        ValueType scalars = ValueType.f32("B", "T");
        ValueType logits = ValueType.f32("B", "T", V);
        ValueType seed = ValueType.of(ElementType.I64);
        cases.add(new Cases("dropout", new Training.Dropout(0.4f, 2), 1000, SEQUENCE, seed));
        cases.add(new Cases("cross_entropy", new Training.CrossEntropy(0), V, logits, index));
        cases.add(new Cases("cross_entropy smooth", new Training.CrossEntropy(0.1f), V, logits, narrow));
        cases.add(new Cases("outer_sum", new Training.OuterSum(), 1, SEQUENCE, logits));
        for (Activation f : List.of(Activation.TANH, Activation.GELU)) {
            cases.add(new Cases(
                    "activate_backward " + f.text(),
                    new Training.ActivateBackward(f),
                    1,
                    SEQUENCE,
                    SEQUENCE,
                    SEQUENCE));
        }
        ValueType scores = ValueType.f32("B", "T", V);
        ValueType keys = ValueType.f32("B", V, H);
        ValueType vector = ValueType.f32(H);
        cases.add(new Cases("outer_sums", new AttentionBackward.OuterSums(), 1, SEQUENCE, scores));
        cases.add(new Cases(
                "additive_query_backward", new AttentionBackward.AdditiveQuery(), 1, SEQUENCE, keys, vector, scores));
        cases.add(new Cases(
                "additive_keys_backward", new AttentionBackward.AdditiveKeys(), 1, SEQUENCE, keys, vector, scores));
        cases.add(new Cases(
                "cross_entropy_backward", new Training.CrossEntropyBackward(0.1f), V, logits, narrow, scalars));
        cases.add(new Cases("gather_backward", new Training.GatherBackward(Dim.of(V)), V, SEQUENCE, index));
        cases.add(new Cases("gather_backward one", new Training.GatherBackward(Dim.of(V)), V, scalars, narrow));
        cases.add(new Cases("pick_backward", new Training.PickBackward(Dim.of(V)), V, scalars, index));
        cases.add(new Cases(
                "slice_backward", new Training.SliceBackward(1, Dim.of(2), Dim.parse("T*3+4"), 3), 1, SEQUENCE));
        cases.add(new Cases(
                "slice_backward dense", new Training.SliceBackward(-1, Dim.of(1), Dim.of(H + 3), 1), 1, SEQUENCE));
        for (boolean reverse : new boolean[] {false, true}) {
            recurrences(cases, reverse, false);
            recurrences(cases, reverse, true);
        }
        return cases;
    }

    /** @param full whether optional inputs are given */
    private static void recurrences(List<Cases> cases, boolean reverse, boolean full) {
        String suffix = (reverse ? " reverse" : "") + (full ? " full" : "");
        int bound = 4;
        for (int gates : new int[] {4, 3}) {
            ValueType wide = ValueType.f32("B", "T", gates * H);
            ValueType hidden = ValueType.f32(gates * H, H);
            ValueType input = full ? ValueType.f32(gates * H, I) : null;
            ValueType x = full ? ValueType.f32("B", "T", I) : wide;
            ValueType bias = ValueType.f32(gates * H);
            ValueType state = full ? STATE : null;
            ValueType lengths = full ? LENGTHS : null;
            ValueType dy = full ? SEQUENCE : null;
            if (gates == 4) {
                cases.add(new Cases(
                        "lstm_trace" + suffix,
                        new Training.LstmTrace(reverse, full),
                        bound,
                        x,
                        state,
                        state,
                        hidden,
                        input,
                        full ? bias : null,
                        null,
                        null,
                        lengths));
                cases.add(new Cases(
                        "lstm_backward" + suffix,
                        new Training.LstmBackward(reverse),
                        bound,
                        wide,
                        SEQUENCE,
                        hidden,
                        state,
                        dy,
                        STATE,
                        state,
                        lengths));
                continue;
            }
            for (boolean after : new boolean[] {false, true}) {
                String variant = suffix + (after ? " after" : " before");
                cases.add(new Cases(
                        "gru_trace" + variant,
                        new Training.GruTrace(after, reverse, full),
                        bound,
                        x,
                        state,
                        hidden,
                        input,
                        // Without weight_input too: then it is added first.
                        bias,
                        full && after ? ValueType.f32(H) : null,
                        lengths));
                cases.add(new Cases(
                        "gru_backward" + variant,
                        new Training.GruBackward(after, reverse),
                        bound,
                        wide,
                        SEQUENCE,
                        SEQUENCE,
                        hidden,
                        dy,
                        STATE,
                        lengths));
            }
        }
        cases.add(new Cases(
                "elman_backward" + suffix,
                new Training.ElmanBackward(Activation.TANH, reverse),
                bound,
                SEQUENCE,
                ValueType.f32(H, H),
                full ? SEQUENCE : null,
                STATE,
                full ? LENGTHS : null));
    }
}
