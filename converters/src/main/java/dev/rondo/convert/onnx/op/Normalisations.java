package dev.rondo.convert.onnx.op;

import static dev.rondo.convert.onnx.op.Expressions.axes;
import static dev.rondo.convert.onnx.op.NodeScope.one;

import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.List;
import java.util.Optional;

/** Normalisation by statistics of the value itself, or by known ones. */
final class Normalisations {
    private static final float EPSILON = 1e-5f;
    /** What MeanVarianceNormalization adds to the deviation. */
    private static final double MVN_EPSILON = 1e-9;
    /** Channels that LRN looks at, at most. */
    private static final long MAX_SIZE = 1 << 10;

    private Normalisations() {}

    static void addTo(OperatorTable table) {
        table.add("BatchNormalization", 7, Normalisations::batch);
        table.add("LayerNormalization", 17, Normalisations::layer);
        table.add("RMSNormalization", 23, Normalisations::rms);
        table.add("InstanceNormalization", 6, Normalisations::instance);
        table.add("GroupNormalization", 18, Normalisations::group);
        table.add("LpNormalization", 1, Normalisations::lp);
        table.add("MeanVarianceNormalization", 9, Normalisations::meanVariance);
        table.add("LRN", 1, Normalisations::localResponse);
    }

    /**
     * {@code y = (x - mean) / sqrt(var + epsilon) * scale + bias} of each channel, with known statistics: a multiply
     * and an add.
     */
    private static List<Operand> batch(NodeScope node) {
        var e = new Expressions(node.graph());
        float epsilon = epsilon(node);
        node.attributes().ignore("momentum"); // of training
        if (node.attributes().flag("training_mode", false)) {
            throw node.attributes().error("training_mode", "is 0", "1");
        }
        if (!node.attributes().flag("spatial", true)) {
            throw node.attributes().error("spatial", "is 1: statistics of a channel, not of each place", "0");
        }
        Value x = node.value(0);
        int rank = x.type().rank();
        if (rank < 2) {
            throw node.error("normalises [N, C, ...]", x.type().toString(), "give a value of rank 2 or more");
        }
        Value scale = node.value(1);
        Value bias = node.value(2);
        Value mean = node.value(3);
        Value deviation = e.root(e.affine(node.value(4), 1, epsilon));
        Value factor = e.divide(scale, deviation);
        Value shift = e.minus(bias, e.times(mean, factor));
        Optional<Value> folded = ChannelFold.of(e, x, 1, factor, shift);
        folded.ifPresent(_ -> node.interpret("folded into the weights of the product before it"));
        return one(folded.orElseGet(() -> e.plus(e.times(x, e.along(factor, 1, rank)), e.along(shift, 1, rank))));
    }

    private static List<Operand> layer(NodeScope node) {
        var e = new Expressions(node.graph());
        float epsilon = epsilon(node);
        node.attributes().ignore("stash_type"); // everything computes in f32
        Value x = node.value(0);
        int rank = x.type().rank();
        int axis = node.axis(node.attributes().integer("axis", -1), rank);
        Value y = normalised(e, x, axis, node.value(1), node.optional(2), epsilon);
        if (!node.wants(1) && !node.wants(2)) {
            return one(y);
        }
        Value mean = e.mean(x, axes(axis, rank));
        Value variance = e.mean(e.square(e.minus(x, mean)), axes(axis, rank));
        Value inverse = e.unary(UnaryFunction.RECIPROCAL, e.root(e.affine(variance, 1, epsilon)));
        return NodeScope.all(List.of(y, mean, inverse));
    }

    /** Over axes from {@code axis} on; gain and bias broadcast to x. */
    private static Value normalised(Expressions e, Value x, int axis, Value gain, Value bias, float epsilon) {
        int rank = x.type().rank();
        List<Dim> inner = x.type().dims().subList(axis, rank);
        Dim size = Dim.product(inner);
        Value flat = e.merge(x, axis, rank);
        boolean fused = gain.type().dims().equals(inner)
                && (bias.isAbsent() || bias.type().dims().equals(inner));
        Value flatGain = fused ? e.reshape(gain, List.of(size)) : Value.ABSENT;
        Value flatBias = fused && !bias.isAbsent() ? e.reshape(bias, List.of(size)) : Value.ABSENT;
        Value y = e.reshape(
                e.add(new Aggregation.LayerNorm(epsilon), flat, flatGain, flatBias),
                x.type().dims());
        if (fused) {
            return y;
        }
        Value scaled = e.times(y, gain);
        return bias.isAbsent() ? scaled : e.plus(scaled, bias);
    }

    private static List<Operand> rms(NodeScope node) {
        var e = new Expressions(node.graph());
        float epsilon = epsilon(node);
        node.attributes().ignore("stash_type"); // everything computes in f32
        Value x = node.value(0);
        int rank = x.type().rank();
        int axis = node.axis(node.attributes().integer("axis", -1), rank);
        Value square = e.mean(e.square(x), axes(axis, rank));
        return one(e.times(e.divide(x, e.root(e.affine(square, 1, epsilon))), node.value(1)));
    }

    private static List<Operand> instance(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        int rank = x.type().rank();
        if (rank < 3) {
            throw node.error("normalises [N, C, D1, ...]", x.type().toString(), "give a value of rank 3 or more");
        }
        Value gain = e.along(node.value(1), 1, rank);
        Value bias = e.along(node.value(2), 1, rank);
        Value flat = e.merge(x, 2, rank);
        Value y = e.add(new Aggregation.LayerNorm(epsilon(node)), flat, Value.ABSENT, Value.ABSENT);
        return one(e.plus(e.times(e.reshape(y, x.type().dims()), gain), bias));
    }

    private static List<Operand> group(NodeScope node) {
        var e = new Expressions(node.graph());
        float epsilon = epsilon(node);
        node.attributes().ignore("stash_type"); // everything computes in f32
        Value x = node.value(0);
        int rank = x.type().rank();
        long groups = node.attributes().integer("num_groups", 0);
        if (rank < 2
                || groups < 1
                || !x.type().dim(1).isFixed()
                || x.type().dim(1).fixed() % groups != 0) {
            throw node.attributes()
                    .error(
                            "num_groups",
                            "divides the fixed number of channels of [N, C, ...]",
                            groups + " of " + x.type());
        }
        List<Dim> dims = x.type().dims();
        Dim size = Dim.product(dims.subList(2, rank)).times(dims.get(1).dividedBy(groups));
        Value flat = e.reshape(x, List.of(dims.getFirst(), Dim.of(groups), size));
        Value y = e.add(new Aggregation.LayerNorm(epsilon), flat, Value.ABSENT, Value.ABSENT);
        Value gain = node.value(1);
        Value bias = node.value(2);
        if (node.opset() >= 21) {
            Value shaped = e.reshape(y, dims);
            return one(e.plus(e.times(shaped, e.along(gain, 1, rank)), e.along(bias, 1, rank)));
        }
        // Before version 21 each group, not each channel, has its factor.
        return one(e.reshape(e.plus(e.times(y, e.along(gain, 1, 3)), e.along(bias, 1, 3)), dims));
    }

    /** {@code x / |x|_p} along an axis; zero where the norm is. */
    private static List<Operand> lp(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        int axis = node.axis(node.attributes().integer("axis", -1), x.type().rank());
        long p = node.attributes().integer("p", 2);
        if (p != 1 && p != 2) {
            throw node.attributes().error("p", "is 1 or 2", "" + p);
        }
        Value norm = e.rootOfPowers(e.sum(e.powers(x, p), List.of(axis)), p);
        Value zero = e.number(0, ElementType.F32);
        return one(e.where(e.compare(Comparison.EQUAL, norm, zero), zero, e.divide(x, norm)));
    }

    private static List<Operand> meanVariance(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        List<Long> given = node.attributes().integers("axes").orElse(List.of(0L, 2L, 3L));
        List<Integer> axes = given.stream()
                .map(a -> node.axis(a, x.type().rank()))
                .distinct()
                .sorted()
                .toList();
        Value centred = e.minus(x, e.mean(x, axes));
        Value deviation = e.root(e.mean(e.square(centred), axes));
        return one(e.divide(centred, e.affine(deviation, 1, MVN_EPSILON)));
    }

    /** {@code y = x / (bias + alpha/size * sum of squares of the size channels around)^beta}. */
    private static List<Operand> localResponse(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        Attributes attributes = node.attributes();
        long size = attributes.integer("size", 0);
        float alpha = attributes.real("alpha", 1e-4f);
        float beta = attributes.real("beta", 0.75f);
        float bias = attributes.real("bias", 1);
        if (size < 1 || size > MAX_SIZE || x.type().rank() < 2) {
            throw attributes.error(
                    "size", "lies between 1 and " + MAX_SIZE + ", of [N, C, ...]", size + " of " + x.type());
        }
        Value padded = e.pad(e.square(x), 1, (size - 1) / 2, size / 2, 0);
        Value sum = e.slice(padded, 1, 0, x.type().dim(1));
        for (long place = 1; place < size; place++) {
            sum = e.plus(sum, e.slice(padded, 1, place, x.type().dim(1)));
        }
        return one(e.divide(x, e.power(e.affine(sum, alpha / size, bias), beta)));
    }

    private static float epsilon(NodeScope node) {
        float epsilon = node.attributes().real("epsilon", EPSILON);
        if (!(epsilon >= 0 && epsilon < Float.POSITIVE_INFINITY)) {
            throw node.attributes().error("epsilon", "is finite and not negative", "" + epsilon);
        }
        return epsilon;
    }
}
