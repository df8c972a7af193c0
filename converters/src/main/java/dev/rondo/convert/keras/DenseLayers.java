package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** Dense, Embedding and the layers that scale and shift features. */
final class DenseLayers {
    private static final float NORMALIZATION_EPSILON = 1e-7f;

    private DenseLayers() {}

    static List<Masked> dense(Graph g, Use use) {
        LayerConfig config = use.config();
        Value x = use.x();
        int inputs = features(config, x, -1);
        int units = config.size("units");
        SourceTensor kernel = use.weights().next("kernel", inputs, units);
        Value weight = g.weight(
                "kernel",
                List.of(kernel),
                List.of(units, inputs),
                () -> WeightArrays.transposed(kernel, inputs, units));
        Value bias = Value.ABSENT;
        if (config.flag("use_bias", true)) {
            bias = g.weight("bias", use.weights().next("bias", units));
        }
        return same(use, Activations.apply(g, config, "activation", g.linear(x, weight, bias)));
    }

    static List<Masked> embedding(Graph g, Use use) {
        LayerConfig config = use.config();
        Value ids = use.x();
        Value index = switch (ids.type().element()) {
            case I32, I64 -> ids;
            case F32, F64, BOOL -> {
                g.note("ids are cut to whole numbers");
                yield g.add(new Elementwise.Cast(ElementType.I32), ids);
            }
        };
        int rows = config.size("input_dim");
        int columns = config.size("output_dim");
        SourceTensor table = use.weights().next("embeddings", rows, columns);
        Value y = g.add(new Structure.Gather(), g.weight("embeddings", table), index);
        if (!config.flag("mask_zero", false)) {
            return List.of(Masked.of(y));
        }
        g.note("mask_zero: id 0 is masked; its row is an ordinary one");
        return List.of(new Masked(
                y, g.compare(Comparison.NOT_EQUAL, ids, g.fill(ids.type().element(), 0))));
    }

    /** Two vectors, computed in double precision when they are written. */
    static List<Masked> batchNormalization(Graph g, Use use) {
        LayerConfig config = use.config();
        use.allow("mask", "training");
        Value x = use.x();
        int axis = onlyAxis(config, x);
        int size = features(config, x, axis);
        config.only("renorm", "false");
        double epsilon = config.number("epsilon", 1e-3);
        LayerWeights weights = use.weights();
        SourceTensor gamma = config.flag("scale", true) ? weights.next("gamma", size) : null;
        SourceTensor beta = config.flag("center", true) ? weights.next("beta", size) : null;
        SourceTensor mean = weights.next("moving_mean", size);
        SourceTensor variance = weights.next("moving_variance", size);
        var sources = new ArrayList<>(List.of(variance, mean));
        if (gamma != null) {
            sources.add(gamma);
        }
        if (beta != null) {
            sources.add(beta);
        }
        g.note("gamma, beta, mean and variance folded into a scale and a shift");
        List<Integer> shape = alongAxis(x, axis, size);
        Value scale = g.weight("scale", sources, shape, () -> scale(variance, gamma, epsilon));
        Value shift = g.weight("shift", sources, shape, () -> shift(mean, beta, scale(variance, gamma, epsilon)));
        return same(use, g.binary(BinaryFunction.ADD, g.binary(BinaryFunction.MULTIPLY, x, scale), shift));
    }

    private static float[] scale(SourceTensor variance, SourceTensor gamma, double epsilon) {
        float[] scale = WeightArrays.all(variance);
        float[] factors = gamma == null ? null : WeightArrays.all(gamma);
        for (int i = 0; i < scale.length; i++) {
            scale[i] = (float) ((factors == null ? 1 : factors[i]) / Math.sqrt(scale[i] + epsilon));
        }
        return scale;
    }

    private static float[] shift(SourceTensor mean, SourceTensor beta, float[] scale) {
        float[] shift = WeightArrays.all(mean);
        float[] offsets = beta == null ? null : WeightArrays.all(beta);
        for (int i = 0; i < shift.length; i++) {
            shift[i] = (float) ((offsets == null ? 0 : offsets[i]) - (double) shift[i] * scale[i]);
        }
        return shift;
    }

    static List<Masked> layerNormalization(Graph g, Use use) {
        LayerConfig config = use.config();
        Value x = use.x();
        int axis = onlyAxis(config, x);
        if (axis != x.type().rank() - 1) {
            throw config.error("axis", "is the last one", Integer.toString(axis));
        }
        config.only("rms_scaling", "false");
        int size = features(config, x, -1);
        LayerWeights weights = use.weights();
        Value gain = config.flag("scale", true) ? g.weight("gamma", weights.next("gamma", size)) : Value.ABSENT;
        Value bias = config.flag("center", true) ? g.weight("beta", weights.next("beta", size)) : Value.ABSENT;
        float epsilon = (float) config.number("epsilon", 1e-3);
        if (epsilon < 0) {
            throw config.error("epsilon", "is not negative", "" + epsilon);
        }
        return same(use, g.add(new Aggregation.LayerNorm(epsilon), x, gain, bias));
    }

    static List<Masked> rescaling(Graph g, Use use) {
        LayerConfig config = use.config();
        Value scaled = g.binary(BinaryFunction.MULTIPLY, floats(g, use.x()), g.scalar(config.number("scale", 1)));
        return same(use, g.binary(BinaryFunction.ADD, scaled, g.scalar(config.number("offset", 0))));
    }

    /** With the mean and variance of its configuration, or those it was adapted to. */
    static List<Masked> normalization(Graph g, Use use) {
        LayerConfig config = use.config();
        Value x = floats(g, use.x());
        config.only("invert", "false");
        if (config.has("mean") || config.has("variance")) {
            double mean = config.number("mean", 0);
            double deviation = Math.max(Math.sqrt(config.number("variance", 1)), NORMALIZATION_EPSILON);
            config.raw("axis");
            Value centred = g.binary(BinaryFunction.SUBTRACT, x, g.scalar(mean));
            return same(use, g.binary(BinaryFunction.DIVIDE, centred, g.scalar(deviation)));
        }
        int axis = onlyAxis(config, x);
        int size = features(config, x, axis);
        SourceTensor mean = use.weights().next("mean", size);
        SourceTensor variance = use.weights().next("variance", size);
        List<Integer> shape = alongAxis(x, axis, size);
        Value means = g.weight("mean", List.of(mean), shape, () -> WeightArrays.all(mean));
        Value deviations = g.weight("deviation", List.of(variance), shape, () -> {
            float[] values = WeightArrays.all(variance);
            for (int i = 0; i < values.length; i++) {
                values[i] = Math.max((float) Math.sqrt(values[i]), NORMALIZATION_EPSILON);
            }
            return values;
        });
        Value centred = g.binary(BinaryFunction.SUBTRACT, x, means);
        return same(use, g.binary(BinaryFunction.DIVIDE, centred, deviations));
    }

    /** PReLU: alpha has a number for every place that is not shared. */
    static List<Masked> prelu(Graph g, Use use) {
        LayerConfig config = use.config();
        Value x = use.x();
        List<Integer> shared = config.has("shared_axes") ? config.numbers("shared_axes") : List.of();
        int[] shape = new int[x.type().rank() - 1];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = shared.contains(i + 1) ? 1 : features(config, x, i + 1);
        }
        Value alpha = g.weight("alpha", use.weights().next("alpha", shape));
        Value zero = g.scalar(0);
        Value below = g.binary(BinaryFunction.MULTIPLY, alpha, g.binary(BinaryFunction.MINIMUM, x, zero));
        return same(use, g.binary(BinaryFunction.ADD, g.binary(BinaryFunction.MAXIMUM, x, zero), below));
    }

    static List<Masked> same(Use use, Value y) {
        return List.of(new Masked(y, use.mask()));
    }

    /** As floats, where the model reads whole numbers. */
    static Value floats(Graph g, Value x) {
        return x.type().element() == ElementType.F32 ? x : g.add(new Elementwise.Cast(ElementType.F32), x);
    }

    static int features(LayerConfig config, Value x, int axis) {
        if (x.type().rank() == 0) {
            throw config.refused("reads at least [B,features]", x.type().toString());
        }
        Dim size = x.type().dim(axis);
        if (!size.isFixed()) {
            throw config.refused("reads a fixed number of features", x.type().toString());
        }
        return Math.toIntExact(size.fixed());
    }

    /** The axis of a normalisation, a number or a list of one, from 0 on. */
    private static int onlyAxis(LayerConfig config, Value x) {
        JsonNode axis = config.raw("axis");
        List<Integer> axes = axis.isMissingNode() ? List.of(-1) : config.numbers("axis");
        int rank = x.type().rank();
        int resolved = axes.size() == 1 ? axes.getFirst() : rank;
        resolved = resolved < 0 ? resolved + rank : resolved;
        if (resolved < 1 || resolved >= rank) {
            throw config.error("axis", "is one axis of " + x.type() + " but the first", LayerConfig.quoted(axis));
        }
        return resolved;
    }

    /** The shape of a vector that lies along an axis of x. */
    private static List<Integer> alongAxis(Value x, int axis, int size) {
        var shape = new ArrayList<Integer>(List.of(size));
        for (int i = axis + 1; i < x.type().rank(); i++) {
            shape.add(1);
        }
        return shape;
    }
}
