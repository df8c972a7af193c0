package dev.rondo.convert.keras;

import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Aggregation.Pooling;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.List;

/** Convolution and pooling over time, channels last. */
final class ConvolutionLayers {
    private ConvolutionLayers() {}

    /** Steps added before and after. */
    private record Padding(int before, int after) {}

    static List<Masked> conv1d(Graph g, Use use) {
        LayerConfig config = use.config();
        Value x = sequence(use);
        int channels = DenseLayers.features(config, x, 2);
        int filters = config.size("filters");
        int size = config.single("kernel_size", 0);
        int stride = config.single("strides", 1);
        int dilation = config.single("dilation_rate", 1);
        int groups = config.single("groups", 1);
        if (channels % groups != 0 || filters % groups != 0) {
            throw config.error("groups", "divides channels and filters", groups + " of " + channels + ", " + filters);
        }
        SourceTensor kernel = use.weights().next("kernel", size, channels / groups, filters);
        Value weight = g.weight(
                "kernel",
                List.of(kernel),
                List.of(filters, size, channels / groups),
                () -> WeightArrays.transposed(kernel, Math.multiplyExact(size, channels / groups), filters));
        Value bias =
                config.flag("use_bias", true) ? g.weight("bias", use.weights().next("bias", filters)) : Value.ABSENT;
        Padding padding = padding(g, config, x.type().dim(1), reach(config, size, dilation), stride, true);
        Value y = g.add(
                new Contraction.Conv1d(stride, dilation, groups, padding.before(), padding.after()), x, weight, bias);
        return List.of(Masked.of(Activations.apply(g, config, "activation", y)));
    }

    static List<Masked> pooling(Graph g, Use use, Pooling pooling) {
        LayerConfig config = use.config();
        Value x = sequence(use);
        int size = config.single("pool_size", 2);
        int stride = config.single("strides", size);
        Padding padding = padding(g, config, x.type().dim(1), size, stride, false);
        var window = new Aggregation.PoolWindow(pooling, size, stride);
        if (padding.before() == 0 && padding.after() == 0) {
            return List.of(Masked.of(g.add(window, x)));
        }
        if (pooling == Pooling.MAX) {
            Value padded = surround(g, x, padding, Double.NEGATIVE_INFINITY);
            return List.of(Masked.of(g.add(window, padded)));
        }
        // The mean is over the steps inside the sequence: that of the padded one over the share of real steps.
        Value ones = g.fill(ElementType.F32, 1, Dim.ONE, x.type().dim(1), Dim.ONE);
        Value share = g.add(window, surround(g, ones, padding, 0));
        return List.of(Masked.of(g.binary(BinaryFunction.DIVIDE, g.add(window, surround(g, x, padding, 0)), share)));
    }

    private static Value surround(Graph g, Value x, Padding padding, double value) {
        Value y = x;
        if (padding.before() > 0) {
            y = g.add(new Structure.Concat(1), filler(g, x, padding.before(), value), y);
        }
        if (padding.after() > 0) {
            y = g.add(new Structure.Concat(1), y, filler(g, x, padding.after(), value));
        }
        return y;
    }

    private static Value filler(Graph g, Value x, int steps, double value) {
        return g.fill(
                ElementType.F32, value, x.type().dim(0), Dim.of(steps), x.type().dim(2));
    }

    static List<Masked> global(Graph g, Use use, Pooling pooling) {
        LayerConfig config = use.config();
        Value x = sequence(use);
        use.allow("mask");
        Value mask = pooling == Pooling.MEAN ? use.mask() : Value.ABSENT;
        Value y;
        if (mask.isAbsent()) {
            y = g.add(new Aggregation.PoolTime(pooling), x, Value.ABSENT);
        } else {
            g.note("the mean is over the steps that are not masked");
            Value flags = g.expandDims(mask, -1);
            Value sum = g.add(new Aggregation.Reduce(Reduction.SUM, 1, false), g.where(flags, x, g.scalar(0)));
            Value count = g.add(
                    new Aggregation.Reduce(Reduction.SUM, 1, false),
                    g.add(new Elementwise.Cast(ElementType.F32), flags));
            y = g.binary(BinaryFunction.DIVIDE, sum, count);
        }
        return List.of(Masked.of(config.flag("keepdims", false) ? g.expandDims(y, 1) : y));
    }

    /** How many steps a kernel spans. */
    private static int reach(LayerConfig config, int size, int dilation) {
        long reach = (size - 1L) * dilation + 1;
        if (reach > Integer.MAX_VALUE / 4) {
            throw config.error("dilation_rate", "keeps the kernel within reason", reach + " steps");
        }
        return (int) reach;
    }

    private static Padding padding(Graph g, LayerConfig config, Dim steps, int reach, int stride, boolean causalToo) {
        String mode = config.text("padding").orElse("valid");
        return switch (mode) {
            case "valid" -> new Padding(0, 0);
            case "causal" -> {
                if (!causalToo) {
                    throw config.error("padding", "is valid or same", mode);
                }
                yield new Padding(reach - 1, 0);
            }
            case "same" -> {
                long total;
                if (stride == 1) {
                    total = reach - 1L;
                } else if (steps.isFixed()) {
                    long outputs = (steps.fixed() + stride - 1) / stride;
                    total = Math.max(0, (outputs - 1) * stride + reach - steps.fixed());
                } else {
                    throw config.error(
                            "padding", "'same' with strides needs a fixed number of steps", "'same' over " + steps);
                }
                int before = Math.toIntExact(total / 2);
                g.note("padding same: " + before + " steps before, " + (total - before) + " after");
                yield new Padding(before, Math.toIntExact(total - before));
            }
            default -> throw config.error("padding", "is valid, same or causal", mode);
        };
    }

    private static Value sequence(Use use) {
        LayerConfig config = use.config();
        config.only("data_format", "channels_last");
        Value x = use.x();
        if (x.type().rank() != 3) {
            throw config.refused("reads a sequence [B,T,channels]", x.type().toString());
        }
        return x;
    }
}
