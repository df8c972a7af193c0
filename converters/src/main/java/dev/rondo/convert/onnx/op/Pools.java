package dev.rondo.convert.onnx.op;

import static dev.rondo.convert.onnx.op.NodeScope.one;

import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Pooling over one or more spatial axes, of values [N, C, D1, ...]. */
final class Pools {
    /** Slices that one node may become. */
    private static final long MAX_PLACES = 1 << 10;

    private Pools() {}

    static void addTo(OperatorTable table) {
        table.add("MaxPool", 1, Pools::max);
        table.add("AveragePool", 1, Pools::average);
        table.add("LpPool", 2, Pools::lp);
        table.add("GlobalMaxPool", 1, node -> global(node, Reduction.MAX));
        table.add("GlobalAveragePool", 1, node -> global(node, Reduction.MEAN));
        table.add("GlobalLpPool", 2, Pools::globalLp);
    }

    private static List<Operand> max(NodeScope node) {
        boolean columnMajor = node.attributes().flag("storage_order", false);
        Value x = node.value(0);
        Pooling pooling = pooling(node, x, node.attributes().flag("ceil_mode", false));
        Value pooled = pooling.max(x);
        return node.wants(1) ? NodeScope.all(List.of(pooled, pooling.argMax(x, columnMajor))) : one(pooled);
    }

    private static List<Operand> average(NodeScope node) {
        boolean countPads = node.attributes().flag("count_include_pad", false);
        Value x = node.value(0);
        return one(pooling(node, x, node.attributes().flag("ceil_mode", false)).mean(x, countPads));
    }

    private static List<Operand> lp(NodeScope node) {
        Value x = node.value(0);
        long p = power(node);
        return one(pooling(node, x, node.attributes().flag("ceil_mode", false)).norm(x, p));
    }

    private static List<Operand> global(NodeScope node, Reduction reduction) {
        Value x = node.value(0);
        return one(new Expressions(node.graph()).reduce(reduction, x, Expressions.axes(2, rank(node, x)), true));
    }

    private static List<Operand> globalLp(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        long p = power(node);
        return one(e.rootOfPowers(e.sum(e.powers(x, p), Expressions.axes(2, rank(node, x))), p));
    }

    private static long power(NodeScope node) {
        long p = node.attributes().integer("p", 2);
        if (p < 1) {
            throw node.attributes().error("p", "is positive", "" + p);
        }
        return p;
    }

    private static int rank(NodeScope node, Value x) {
        int rank = x.type().rank();
        if (rank < 3) {
            throw node.error("pools [N, C, D1, ...]", x.type().toString(), "give a value of rank 3 or more");
        }
        return rank;
    }

    private static Pooling pooling(NodeScope node, Value x, boolean up) {
        int spatial = rank(node, x) - 2;
        List<Long> kernel = node.attributes()
                .integers("kernel_shape")
                .orElseThrow(() -> node.attributes().error("kernel_shape", "is given", "none"));
        long places =
                kernel.stream().mapToLong(k -> Math.clamp(k, 0, MAX_PLACES + 1)).reduce(1, Math::multiplyExact);
        if (kernel.size() != spatial || places > MAX_PLACES) {
            throw node.attributes()
                    .error(
                            "kernel_shape",
                            "has a size for each of " + spatial + " axes, with at most " + MAX_PLACES + " places",
                            kernel.toString());
        }
        return new Pooling(
                new Expressions(node.graph()), windows(node, x.type().dims().subList(2, spatial + 2), kernel, up));
    }

    /** The windows of a node with the attributes that convolution and pooling share. */
    static List<Window> windows(NodeScope node, List<Dim> sizes, List<Long> kernel, boolean up) {
        Attributes attributes = node.attributes();
        int axes = sizes.size();
        List<Long> strides = perAxis(attributes, "strides", axes, 1);
        List<Long> dilations = perAxis(attributes, "dilations", axes, 1);
        List<Long> pads = perAxis(attributes, "pads", 2 * axes, 0);
        String auto = attributes.text("auto_pad", "NOTSET");
        Window.Padding padding = switch (auto) {
            case "NOTSET", "VALID" -> Window.Padding.EXPLICIT;
            case "SAME_UPPER" -> Window.Padding.SAME_UPPER;
            case "SAME_LOWER" -> Window.Padding.SAME_LOWER;
            default -> throw attributes.error("auto_pad", "is NOTSET, VALID, SAME_UPPER or SAME_LOWER", auto);
        };
        if (!auto.equals("NOTSET") && pads.stream().anyMatch(p -> p != 0)) {
            throw attributes.error("pads", "stands without auto_pad", pads + " with " + auto);
        }
        var windows = new ArrayList<Window>();
        for (int i = 0; i < axes; i++) {
            windows.add(Window.of(
                    node.node().subject(),
                    sizes.get(i),
                    kernel.get(i),
                    strides.get(i),
                    dilations.get(i),
                    List.of(pads.get(i), pads.get(axes + i)),
                    padding,
                    up));
        }
        return windows;
    }

    private static List<Long> perAxis(Attributes attributes, String name, int count, long absent) {
        List<Long> values = attributes.integers(name).orElse(Collections.nCopies(count, absent));
        if (values.size() != count) {
            throw attributes.error(name, "has " + count + " numbers", values.toString());
        }
        return values;
    }
}
