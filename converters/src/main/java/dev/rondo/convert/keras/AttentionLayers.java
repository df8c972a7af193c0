package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** Attention, AdditiveAttention, MultiHeadAttention. */
final class AttentionLayers {
    private AttentionLayers() {}

    /** Context [B,Q,E] and weights [B,Q,S]. */
    private record Result(Value context, Value weights) {}

    /** Attention and AdditiveAttention: query, value and perhaps key in one list. */
    static List<Masked> attention(Graph g, Use use, boolean additive) {
        LayerConfig config = use.config();
        use.allow("mask", "return_attention_scores", "use_causal_mask", "training");
        List<Masked> inputs = use.inputs();
        if (inputs.size() < 2 || inputs.size() > 3) {
            throw config.refused("takes query, value and perhaps key", inputs.size() + " inputs");
        }
        Value query = sequence(config, inputs.get(0));
        Value values = sequence(config, inputs.get(1));
        Value keys = inputs.size() > 2 ? sequence(config, inputs.get(2)) : values;
        int size = DenseLayers.features(config, query, 2);
        boolean scaled = config.flag("use_scale", additive);
        boolean concat = !additive && config.text("score_mode").orElse("dot").equals("concat");
        if (!additive && !concat) {
            config.only("score_mode", "dot");
        }
        boolean causal = config.flag("causal", false) || use.flag("use_causal_mask");
        Value vector = Value.ABSENT;
        if (additive) {
            vector = scaled
                    ? g.weight("scale", use.weights().next("scale", size))
                    : g.fill(ElementType.F32, 1, Dim.of(size));
            g.note("score is the sum of " + (scaled ? "scale * " : "") + "tanh(query + key)");
        } else {
            if (scaled) {
                Value scale = g.weight("scale", use.weights().next("scale"));
                query = g.binary(BinaryFunction.MULTIPLY, query, scale);
                keys = concat ? g.binary(BinaryFunction.MULTIPLY, keys, scale) : keys;
            }
            if (concat) {
                Value factor = g.weight("concat_score_weight", use.weights().next("concat_score_weight"));
                vector = g.add(new Structure.Expand(List.of(Dim.of(size))), factor);
            }
            g.note("score is " + (scaled ? "scale * " : "")
                    + (concat ? "the sum of tanh(query + key)" : "query . key"));
        }
        List<Value> masks = masks(use);
        Value places = masks.get(1).isAbsent() ? Value.ABSENT : g.expandDims(masks.get(1), 1);
        if (causal) {
            places = and(g, places, causal(g, query.type().dim(1), keys.type().dim(1)));
        }
        Result result = attend(g, 1, query, keys, values, vector, places, true);
        Value context = result.context();
        if (!masks.get(0).isAbsent()) {
            context = g.where(g.expandDims(masks.get(0), -1), context, g.scalar(0));
        }
        var outputs = new ArrayList<>(List.of(new Masked(context, masks.get(0))));
        if (use.flag("return_attention_scores")) {
            outputs.add(Masked.of(result.weights()));
        }
        return outputs;
    }

    /** The masks of query and value: those the call gives, else those of the tensors. */
    private static List<Value> masks(Use use) {
        Argument given = use.named().get("mask");
        var masks = new ArrayList<Value>();
        for (int i = 0; i < 2; i++) {
            masks.add(use.inputs().get(i).mask());
        }
        if (given instanceof Argument.Items(List<Argument> items)) {
            for (int i = 0; i < Math.min(2, items.size()); i++) {
                if (items.get(i) instanceof Argument.Tensor tensor) {
                    masks.set(i, use.resolve().apply(tensor).value());
                }
            }
        } else if (given instanceof Argument.Tensor) {
            throw use.config().refused("takes a mask for the query and one for the value", "one mask");
        }
        return masks;
    }

    /**
     * Attention where a query may have no place at all: the catalogue gives it zeros, Keras the plain mean, since the
     * same large number is taken from every score.
     */
    private static Result attend(
            Graph g, float scale, Value query, Value keys, Value values, Value vector, Value places, boolean mean) {
        List<Value> outputs =
                g.addAll(new Aggregation.Attention(scale), 2, List.of(query, keys, values, vector, places));
        if (places.isAbsent() || !mean) {
            return new Result(outputs.get(0), outputs.get(1));
        }
        g.note("a query whose every place is masked takes the mean of all, as in Keras");
        Value any = g.any(places, -1, true);
        Value size = g.add(new Structure.Size(keys.type().dim(1), ElementType.F32));
        Value average = g.add(new Aggregation.Reduce(Reduction.MEAN, 1, true), values);
        return new Result(
                g.where(any, outputs.get(0), average),
                g.where(any, outputs.get(1), g.binary(BinaryFunction.DIVIDE, g.scalar(1), size)));
    }

    /** Whether place s is not after query q: bool [1,Q,S]. */
    private static Value causal(Graph g, Dim queries, Dim places) {
        g.note("causal mask");
        Value rows = g.expandDims(g.count(queries, false), -1);
        Value columns = g.expandDims(g.count(places, false), 0);
        return g.expandDims(g.compare(Comparison.GREATER_EQUAL, rows, columns), 0);
    }

    private static Value and(Graph g, Value a, Value b) {
        return a.isAbsent() ? b : b.isAbsent() ? a : g.binary(BinaryFunction.AND, a, b);
    }

    private static Value sequence(LayerConfig config, Masked input) {
        if (input.value().type().rank() != 3) {
            throw config.refused(
                    "reads sequences [B,T,features]", input.value().type().toString());
        }
        return input.value();
    }

    static List<Masked> multiHead(Graph g, Use use) {
        LayerConfig config = use.config();
        use.allow(
                "key",
                "value",
                "query",
                "query_mask",
                "value_mask",
                "key_mask",
                "attention_mask",
                "return_attention_scores",
                "use_causal_mask",
                "training");
        var inputs = new ArrayList<>(use.inputs());
        for (String keyword : List.of("query", "value", "key")) {
            inputs.addAll(use.tensors(keyword));
        }
        if (inputs.size() < 2 || inputs.size() > 3) {
            throw config.refused("takes query, value and perhaps key", inputs.size() + " inputs");
        }
        Masked query = inputs.get(0);
        Masked value = inputs.get(1);
        Masked key = inputs.size() > 2 ? inputs.get(2) : new Masked(value.value(), Value.ABSENT);
        Dim queries = sequence(config, query).type().dim(1);
        Dim places = sequence(config, value).type().dim(1);
        sequence(config, key);
        int heads = config.size("num_heads");
        int keySize = config.size("key_dim");
        int valueSize = config.has("value_dim") ? config.size("value_dim") : keySize;
        config.only("use_gate", "false");
        checkAxes(config);
        if (config.has("sliding_window")) {
            throw config.error("sliding_window", "is not converted", "a window");
        }
        int outputs = outputSize(config, query);
        boolean bias = config.flag("use_bias", true);
        LayerWeights weights = use.weights();
        Value q = heads(g, config, weights.inner("query_dense", "query"), "query", query, heads, keySize, bias);
        Value k = heads(g, config, weights.inner("key_dense", "key"), "key", key, heads, keySize, bias);
        Value v = heads(g, config, weights.inner("value_dense", "value"), "value", value, heads, valueSize, bias);
        Value mask = multiHeadMask(g, use, query, value, key, heads, queries, places);
        boolean scores = use.flag("return_attention_scores");
        // Keras takes another path when it has to show scores or might drop some; there the masked get zero.
        boolean mean = !scores && config.number("dropout", 0) == 0 || g.keras2();
        float scale = (float) (1 / Math.sqrt(keySize));
        Result result = attend(g, scale, q, k, v, Value.ABSENT, mask, mean);
        Dim rows = query.value().type().dim(0);
        Value joined =
                g.transpose(g.reshape(result.context(), rows, Dim.of(heads), queries, Dim.of(valueSize)), 0, 2, 1, 3);
        Value flat = g.reshape(joined, rows, queries, Dim.of((long) heads * valueSize));
        LayerWeights last = weights.inner("output_dense", "attention_output");
        SourceTensor kernel = last.next("kernel", heads, valueSize, outputs);
        int width = Math.multiplyExact(heads, valueSize);
        Value matrix = g.weight(
                "output.kernel",
                List.of(kernel),
                List.of(outputs, width),
                () -> WeightArrays.transposed(kernel, width, outputs));
        Value shift = bias ? g.weight("output.bias", last.next("bias", outputs)) : Value.ABSENT;
        var results = new ArrayList<>(List.of(new Masked(g.linear(flat, matrix, shift), query.mask())));
        if (scores) {
            results.add(Masked.of(g.reshape(result.weights(), rows, Dim.of(heads), queries, places)));
        }
        return results;
    }

    private static void checkAxes(LayerConfig config) {
        JsonNode axes = config.raw("attention_axes");
        boolean time = axes.isMissingNode()
                || axes.isNull()
                || config.numbers("attention_axes").equals(List.of(1));
        if (!time) {
            throw config.error("attention_axes", "is the time axis", LayerConfig.quoted(axes));
        }
    }

    private static int outputSize(LayerConfig config, Masked query) {
        return config.has("output_shape")
                ? config.single("output_shape", 1)
                : DenseLayers.features(config, query.value(), 2);
    }

    /** A linear map to all heads, a row of the batch for each: [B*N,T,D]. */
    private static Value heads(
            Graph g,
            LayerConfig config,
            LayerWeights weights,
            String name,
            Masked input,
            int heads,
            int size,
            boolean bias) {
        int features = DenseLayers.features(config, input.value(), 2);
        int width = Math.multiplyExact(heads, size);
        SourceTensor kernel = weights.next("kernel", features, heads, size);
        Value matrix = g.weight(
                name + ".kernel",
                List.of(kernel),
                List.of(width, features),
                () -> WeightArrays.transposed(kernel, features, width));
        Value shift = Value.ABSENT;
        if (bias) {
            SourceTensor source = weights.next("bias", heads, size);
            shift = g.weight(name + ".bias", List.of(source), List.of(width), () -> WeightArrays.all(source));
        }
        Dim rows = input.value().type().dim(0);
        Dim steps = input.value().type().dim(1);
        Value all = g.linear(input.value(), matrix, shift);
        Value split = g.transpose(g.reshape(all, rows, steps, Dim.of(heads), Dim.of(size)), 0, 2, 1, 3);
        return g.reshape(split, rows.times(heads), steps, Dim.of(size));
    }

    /** All masks together, for every head: bool [B*N,Q,S], or absent. */
    private static Value multiHeadMask(
            Graph g, Use use, Masked query, Masked value, Masked key, int heads, Dim queries, Dim places) {
        Value ofQuery = given(use, "query_mask", query.mask());
        Value ofValue = given(use, "value_mask", value.mask());
        Value ofKey = given(use, "key_mask", key.mask());
        Value mask = ofQuery.isAbsent() ? Value.ABSENT : g.expandDims(ofQuery, -1);
        mask = and(g, mask, ofValue.isAbsent() ? Value.ABSENT : g.expandDims(ofValue, 1));
        mask = and(g, mask, ofKey.isAbsent() ? Value.ABSENT : g.expandDims(ofKey, 1));
        if (use.flag("use_causal_mask")) {
            mask = and(g, mask, causal(g, queries, places));
        }
        Value whole = given(use, "attention_mask", Value.ABSENT);
        if (!whole.isAbsent()) {
            if (whole.type().rank() != 3) {
                throw use.config()
                        .refused("has an attention_mask [B,Q,S]", whole.type().toString());
            }
            Value flags = whole.type().element() == ElementType.BOOL
                    ? whole
                    : g.add(new Elementwise.Cast(ElementType.BOOL), whole);
            mask = and(g, mask, flags);
        }
        if (mask.isAbsent()) {
            return mask;
        }
        Dim rows = query.value().type().dim(0);
        List<Dim> shape = List.of(rows, Dim.of(heads), queries, places);
        Value all = g.add(new Structure.Expand(shape), g.expandDims(mask, 1));
        return g.reshape(all, rows.times(heads), queries, places);
    }

    private static Value given(Use use, String keyword, Value otherwise) {
        List<Masked> given = use.tensors(keyword);
        return given.isEmpty() ? otherwise : given.getFirst().value();
    }
}
