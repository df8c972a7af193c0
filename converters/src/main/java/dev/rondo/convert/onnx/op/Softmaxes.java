package dev.rondo.convert.onnx.op;

import dev.rondo.convert.onnx.graph.FunctionGraph;
import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Softmax and its logarithm. */
final class Softmaxes {
    private Softmaxes() {}

    static void addTo(OperatorTable table) {
        table.add("Softmax", 1, node -> flatSoftmax(node, false));
        table.add("Softmax", 13, node -> softmax(node, false));
        table.add("LogSoftmax", 1, node -> flatSoftmax(node, true));
        table.add("LogSoftmax", 13, node -> softmax(node, true));
    }

    /** Along one axis, the last by default. */
    private static List<Operand> softmax(NodeScope node, boolean log) {
        FunctionGraph graph = node.graph();
        Value x = node.value(0);
        int rank = x.type().rank();
        int axis = node.axis(node.attributes().integer("axis", -1), rank);
        List<Integer> swap = IntStream.range(0, rank)
                .map(d -> d == axis ? rank - 1 : d == rank - 1 ? axis : d)
                .boxed()
                .toList();
        Value last = graph.transpose(x, swap);
        return NodeScope.one(graph.transpose(graph.add(new Aggregation.Softmax(log), last, Value.ABSENT), swap));
    }

    /** Before version 13: over all axes from one on, the second by default. */
    private static List<Operand> flatSoftmax(NodeScope node, boolean log) {
        FunctionGraph graph = node.graph();
        Value x = node.value(0);
        int rank = x.type().rank();
        int axis = node.axis(node.attributes().integer("axis", 1), rank);
        var dims = new ArrayList<>(x.type().dims().subList(0, axis));
        dims.add(Dim.product(x.type().dims().subList(axis, rank)));
        Value flat = graph.add(new Aggregation.Softmax(log), graph.reshape(x, dims), Value.ABSENT);
        return NodeScope.one(graph.reshape(flat, x.type().dims()));
    }
}
