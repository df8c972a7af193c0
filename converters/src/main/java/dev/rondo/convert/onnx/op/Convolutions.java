package dev.rondo.convert.onnx.op;

import static dev.rondo.convert.onnx.op.NodeScope.one;

import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Convolution along one or more axes. The last axis is convolved as time, channels last; the rows that a kernel sees
 * along the axes before it stand side by side as channels, and the places it takes along them count as rows of the
 * batch.
 */
final class Convolutions {
    /** Rows of a kernel that become slices. */
    private static final long MAX_ROWS = 1 << 10;

    private Convolutions() {}

    static void addTo(OperatorTable table) {
        table.add("Conv", 1, Convolutions::convolution);
    }

    private static List<Operand> convolution(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        Value weight = node.value(1);
        Value bias = node.optional(2);
        int spatial = x.type().rank() - 2;
        if (spatial < 1
                || weight.type().rank() != spatial + 2
                || weight.type().dims().stream().anyMatch(d -> !d.isFixed())) {
            throw node.error(
                    "convolves [N, C, D1, ...] with a fixed [O, C/group, K1, ...]",
                    x.type() + " with " + weight.type(),
                    "fix sizes with --shape");
        }
        List<Long> kernel =
                weight.type().dims().stream().skip(2).map(Dim::fixed).toList();
        List<Long> stated = node.attributes().integers("kernel_shape").orElse(kernel);
        long rows = kernel.subList(0, spatial - 1).stream()
                .mapToLong(k -> Math.min(k, MAX_ROWS + 1))
                .reduce(1, Math::multiplyExact);
        if (!stated.equals(kernel) || rows > MAX_ROWS) {
            throw node.attributes()
                    .error(
                            "kernel_shape",
                            "is that of the weights, " + kernel + ", with at most " + MAX_ROWS + " rows",
                            stated.toString());
        }
        long groups = node.attributes().integer("group", 1);
        if (groups < 1 || groups > Window.MAX) {
            throw node.attributes().error("group", "is positive", "" + groups);
        }
        List<Window> windows = Pools.windows(node, x.type().dims().subList(2, spatial + 2), kernel, false);
        Value y = convolved(e, e.channelsLast(x), weight, bias, (int) groups, windows);
        return one(e.channelsFirst(y));
    }

    /** x [N, D1, ..., C] to [N, E1, ..., O]. */
    private static Value convolved(Expressions e, Value x, Value weight, Value bias, int groups, List<Window> windows) {
        int leading = windows.size() - 1;
        Window last = windows.getLast();
        Value gathered = x;
        for (int i = 0; i < leading; i++) {
            gathered = e.pad(
                    gathered, i + 1, windows.get(i).before(), windows.get(i).after(), 0);
        }
        if (leading > 0) {
            gathered = rows(e, gathered, groups, windows.subList(0, leading));
        }
        List<Dim> outer = gathered.type().dims().subList(0, leading + 1);
        Value flat = e.merge(gathered, 0, leading + 1);
        // [O, C/G, K1, ..., J] to [O, J, K1 * ... * C/G]
        var order = new ArrayList<>(List.of(0, leading + 2));
        IntStream.range(2, leading + 2).forEach(order::add);
        order.add(1);
        Value kernel = e.merge(e.transpose(weight, order), 2, leading + 3);
        var op = new Contraction.Conv1d(
                (int) last.stride(), (int) last.dilation(), groups, (int) last.before(), (int) last.after());
        return e.split(e.add(op, flat, kernel, bias), 0, outer);
    }

    /** The rows of each place along the leading axes, side by side as channels, of each group its own. */
    private static Value rows(Expressions e, Value x, int groups, List<Window> windows) {
        var parts = new ArrayList<Value>();
        for (List<Long> offset : Pooling.offsets(windows)) {
            Value part = x;
            for (int i = 0; i < windows.size(); i++) {
                Window w = windows.get(i);
                part = e.slice(part, i + 1, Dim.of(offset.get(i) * w.dilation()), w.steps(), (int) w.stride());
            }
            parts.add(part);
        }
        int channels = x.type().rank() - 1;
        if (groups == 1 || parts.size() == 1) {
            return e.concat(channels, parts);
        }
        Dim width = x.type().dim(channels).dividedBy(groups);
        List<Value> split = parts.stream()
                .map(part -> e.split(part, channels, List.of(Dim.of(groups), Dim.ONE, width)))
                .toList();
        return e.merge(e.concat(channels + 1, split), channels, channels + 3);
    }
}
