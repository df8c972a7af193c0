package dev.rondo.convert.onnx.op;

import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import java.util.List;

/**
 * Scaled dot product attention, {@code Y = softmax(cap(scale Q Kᵀ) + bias) V} of each head. Which places a query sees
 * (a bool mask, the causal one, a window, lengths, a bias of -∞) becomes one mask of the softmax, so that a query that
 * sees none gets zeros.
 */
final class Attentions {
    private static final int MASK = 3;
    private static final int PAST_KEY = 4;
    private static final int PAST_VALUE = 5;
    private static final int LENGTHS = 6;
    private static final long MAX_HEADS = 1 << 20;

    private final NodeScope node;
    private final Expressions e;
    private Value allowed = Value.ABSENT;

    private Attentions(NodeScope node) {
        this.node = node;
        this.e = new Expressions(node.graph());
    }

    static void addTo(OperatorTable table) {
        table.add("Attention", 23, node -> new Attentions(node).lower());
    }

    private List<Operand> lower() {
        Attributes attributes = node.attributes();
        attributes.ignore("softmax_precision"); // everything computes in f32
        Value q = heads(node.value(0), "q_num_heads");
        Value k = heads(node.value(1), "kv_num_heads");
        Value v = heads(node.value(2), "kv_num_heads");
        boolean flat = node.type(0).rank() == 3;
        if (node.has(PAST_KEY) != node.has(PAST_VALUE) || node.has(PAST_KEY) && node.has(LENGTHS)) {
            throw node.error(
                    "has past_key with past_value, and not with nonpad_kv_seqlen",
                    node.node().inputs().toString(),
                    "the model is damaged; export it again");
        }
        Dim past = Dim.of(0);
        if (node.has(PAST_KEY)) {
            past = node.type(PAST_KEY).dim(2);
            k = e.concat(2, List.of(node.value(PAST_KEY), k));
            v = e.concat(2, List.of(node.value(PAST_VALUE), v));
        }
        Value bias = bias(k.type().dim(2));
        restrict(q.type().dim(2), k.type().dim(2), past);

        long groups = groups(q, k);
        float cap = attributes.real("softcap", 0);
        long mode = attributes.integer("qk_matmul_output_mode", 0);
        if (mode < 0 || mode > 3) {
            throw attributes.error("qk_matmul_output_mode", "lies between 0 and 3", "" + mode);
        }
        Value raw = scores(q, k, groups);
        Value capped = cap > 0 ? e.activate(Activation.scaledTanh(cap, 1 / cap), raw) : raw;
        Value biased = bias.isAbsent() ? capped : e.plus(capped, bias);
        Value weights = e.add(new Aggregation.Softmax(false), biased, allowed);
        Value y = weighted(weights, v, groups);
        y = flat ? e.merge(e.transpose(y, List.of(0, 2, 1, 3)), 2, 4) : y;
        Value shown = y;
        if (node.wants(MASK)) {
            shown = switch ((int) mode) {
                case 0 -> raw;
                case 1 -> capped;
                case 2 ->
                    allowed.isAbsent()
                            ? biased
                            : e.where(allowed, biased, e.number(Double.NEGATIVE_INFINITY, ElementType.F32));
                default -> weights;
            };
        }
        return NodeScope.all(List.of(y, k, v, shown));
    }

    /** [B, heads, S, size] of that, or of [B, S, heads*size]. */
    private Value heads(Value x, String attribute) {
        long count = node.attributes().integer(attribute, 0);
        if (x.type().rank() == 4) {
            return x;
        }
        Dim width = x.type().rank() == 3 ? x.type().dim(2) : Dim.ONE;
        if (x.type().rank() != 3
                || count < 1
                || count > MAX_HEADS
                || !width.dividedBy(count).times(count).equals(width)) {
            throw node.attributes().error(attribute, "divides the last axis of [B, S, H]", count + " of " + x.type());
        }
        Value split = e.split(x, 2, List.of(Dim.of(count), width.dividedBy(count)));
        return e.transpose(split, List.of(0, 2, 1, 3));
    }

    /** How many query heads share one of keys and values. */
    private long groups(Value q, Value k) {
        Dim queries = q.type().dim(1);
        Dim keys = k.type().dim(1);
        if (queries.equals(keys)) {
            return 1;
        }
        boolean fixed = queries.isFixed() && keys.isFixed();
        if (!fixed || keys.fixed() < 1 || queries.fixed() % keys.fixed() != 0) {
            throw node.error("heads of keys divide those of queries", keys + " and " + queries, "export it again");
        }
        return queries.fixed() / keys.fixed();
    }

    private Value scores(Value q, Value k, long groups) {
        double size = q.type().dim(3).isFixed() ? q.type().dim(3).fixed() : 0;
        float scale = node.attributes().real("scale", 0);
        if (scale == 0 && size < 1) {
            throw node.error("the size of a head is fixed", q.type().toString(), "fix it with --shape");
        }
        Value scaled = e.affine(q, scale == 0 ? 1 / Math.sqrt(size) : scale, 0);
        if (groups == 1) {
            return e.matmul(scaled, k, true);
        }
        Value grouped = e.split(scaled, 1, List.of(k.type().dim(1), Dim.of(groups)));
        return e.merge(e.matmul(grouped, e.insert(k, 2), true), 1, 3);
    }

    private Value weighted(Value weights, Value v, long groups) {
        if (groups == 1) {
            return e.matmul(weights, v, false);
        }
        Value grouped = e.split(weights, 1, List.of(v.type().dim(1), Dim.of(groups)));
        return e.merge(e.matmul(grouped, e.insert(v, 2), false), 1, 3);
    }

    /** What the mask adds to the scores, if anything; a bool mask restricts instead, and so does -∞. */
    private Value bias(Dim places) {
        if (!node.has(MASK)) {
            return Value.ABSENT;
        }
        Value mask = node.value(MASK);
        int last = mask.type().rank() - 1;
        boolean real = mask.type().element() == ElementType.F32;
        double none = real ? Double.NEGATIVE_INFINITY : 0;
        if (last < 0) {
            throw node.error("the mask has a last axis", mask.type().toString(), "export it again");
        }
        Dim missing = places.minus(mask.type().dim(last));
        if (!mask.type().dim(last).is(1) && missing.isFixed()) {
            mask = e.pad(mask, last, 0, Expressions.bounded(missing.fixed()), none);
        }
        if (!real) {
            allow(mask);
            return Value.ABSENT;
        }
        allow(e.compare(Comparison.NOT_EQUAL, mask, e.number(none, ElementType.F32)));
        return mask;
    }

    private void allow(Value condition) {
        allowed = allowed.isAbsent() ? condition : e.and(allowed, condition);
    }

    /** Restrictions by the places of query and key; {@code past} keys come before the first query. */
    private void restrict(Dim queries, Dim places, Dim past) {
        Attributes attributes = node.attributes();
        boolean causal = attributes.flag("is_causal", false);
        long left = attributes.integer("left_window_size", -1);
        long right = attributes.integer("right_window_size", -1);
        Value key = e.along(e.iota(places), 3, 4);
        Value query = e.along(e.iota(queries), 2, 4);
        Value offset = e.size(past, ElementType.I64);
        if (node.has(LENGTHS)) {
            Value lengths = e.along(e.cast(node.value(LENGTHS), ElementType.I64), 0, 4);
            offset = e.minus(lengths, e.size(queries, ElementType.I64));
            allow(e.compare(Comparison.LESS, key, lengths));
        }
        Value here = e.plus(query, offset);
        if (causal) {
            allow(e.compare(Comparison.LESS_EQUAL, key, here));
        }
        if (left >= 0) {
            allow(e.compare(Comparison.GREATER_EQUAL, key, e.minus(here, e.number(left, ElementType.I64))));
        }
        if (right >= 0) {
            allow(e.compare(Comparison.LESS_EQUAL, key, e.plus(here, e.number(right, ElementType.I64))));
        }
    }
}
