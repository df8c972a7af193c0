package dev.rondo.convert.onnx.graph;

import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.graph.Dim;
import dev.rondo.graph.ValueType;
import java.util.List;
import java.util.function.Supplier;

/**
 * A value whose contents are known.
 *
 * @param name     of the tensor in the file
 * @param sources  tensors of the source that it is made from
 * @param kept     the encoding that keeps its values, of f32
 * @param cost     how many elements are computed to have it
 * @param elements reads or computes them
 */
record Constant(
        String name,
        ElementType element,
        List<Integer> shape,
        List<String> sources,
        Encoding kept,
        long cost,
        Supplier<Elements> elements) {
    Constant {
        shape = List.copyOf(shape);
        sources = List.copyOf(sources);
    }

    int count() {
        return shape.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
    }

    ValueType type() {
        return new ValueType(element, shape.stream().map(Dim::of).toList());
    }
}
