package dev.rondo.convert.onnx.op;

import dev.rondo.convert.onnx.graph.FunctionGraph;
import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** MatMul and Gemm. A known matrix becomes the weight of a linear map, [outputs, inputs]. */
final class Products {
    private Products() {}

    static void addTo(OperatorTable table) {
        table.add("MatMul", 1, Products::matMul);
        table.add("Gemm", 7, Products::gemm);
    }

    private static List<Operand> matMul(NodeScope node) {
        FunctionGraph graph = node.graph();
        Value a = node.value(0);
        Value b = node.value(1);
        if (a.type().rank() == 0 || b.type().rank() == 0) {
            throw node.error("multiplies vectors or matrices", a.type() + " and " + b.type(), "export the model again");
        }
        if (b.isWeight() && b.type().rank() == 2) {
            return NodeScope.one(linear(graph, a, swapped(graph, b), Value.ABSENT));
        }
        boolean row = a.type().rank() == 1;
        boolean column = b.type().rank() == 1;
        Value left = row ? graph.unsqueeze(a, 0) : a;
        Value right = column ? graph.unsqueeze(b, 1) : b;
        Value product = product(graph, left, right);
        var dims = new ArrayList<>(product.type().dims());
        if (column) {
            dims.removeLast();
        }
        if (row) {
            dims.remove(dims.size() - (column ? 1 : 2));
        }
        return NodeScope.one(graph.reshape(product, dims));
    }

    static Value linear(FunctionGraph graph, Value x, Value weight, Value bias) {
        return graph.add(new Contraction.Linear(), x, weight, bias);
    }

    /** a b; a transposed b is not transposed back. */
    private static Value product(FunctionGraph graph, Value a, Value b) {
        return graph.producer(b)
                .filter(n -> n.op() instanceof Structure.Transpose(List<Integer> p) && p.equals(lastSwapped(p.size())))
                .map(n -> graph.add(new Contraction.MatMul(true), a, n.inputs().getFirst()))
                .orElseGet(() -> graph.add(new Contraction.MatMul(false), a, b));
    }

    private static List<Integer> lastSwapped(int rank) {
        return IntStream.range(0, rank)
                .map(d -> d < rank - 2 ? d : 2 * rank - 3 - d)
                .boxed()
                .toList();
    }

    private static Value swapped(FunctionGraph graph, Value matrix) {
        return graph.transpose(matrix, List.of(1, 0));
    }

    /** {@code y = alpha A B + beta C}. */
    private static List<Operand> gemm(NodeScope node) {
        FunctionGraph graph = node.graph();
        Attributes attributes = node.attributes();
        Value a = attributes.flag("transA", false) ? swapped(graph, node.value(0)) : node.value(0);
        boolean rows = attributes.flag("transB", false);
        Value b = node.value(1);
        float alpha = attributes.real("alpha", 1);
        float beta = attributes.real("beta", 1);
        if (a.type().rank() != 2 || b.type().rank() != 2) {
            throw node.error("multiplies matrices", a.type() + " and " + b.type(), "export the model again");
        }
        Value c = node.has(2) ? scaled(graph, node.value(2), beta) : Value.ABSENT;
        if (!b.isWeight()) {
            Value product =
                    scaled(graph, rows ? graph.add(new Contraction.MatMul(true), a, b) : product(graph, a, b), alpha);
            return NodeScope.one(
                    c.isAbsent() ? product : graph.add(new Elementwise.Binary(BinaryFunction.ADD), product, c));
        }
        Value weight = scaled(graph, rows ? b : swapped(graph, b), alpha);
        Dim outputs = weight.type().dim(0);
        boolean bias = !c.isAbsent()
                && c.isWeight()
                && (c.type().rank() < 2 || c.type().dim(0).is(1));
        if (bias) {
            Value vector =
                    c.type().rank() == 2 ? graph.reshape(c, List.of(c.type().dim(1))) : c;
            return NodeScope.one(linear(graph, a, weight, graph.expand(vector, List.of(outputs))));
        }
        Value product = linear(graph, a, weight, Value.ABSENT);
        return NodeScope.one(
                c.isAbsent() ? product : graph.add(new Elementwise.Binary(BinaryFunction.ADD), product, c));
    }

    private static Value scaled(FunctionGraph graph, Value x, float factor) {
        return factor == 1
                ? x
                : graph.add(
                        new Elementwise.Binary(BinaryFunction.MULTIPLY),
                        graph.cast(x, ElementType.F32),
                        graph.scalar(ElementType.F32, factor));
    }
}
