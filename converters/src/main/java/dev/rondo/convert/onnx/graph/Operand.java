package dev.rondo.convert.onnx.graph;

import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import java.util.List;

/** What a value of an ONNX graph is while the graph is imported. */
public sealed interface Operand {
    /** A value of the function; one whose contents are known is a weight ({@link Value#isWeight()}). */
    record Tensor(Value value) implements Operand {}

    /**
     * Whole numbers (int64) of which at least one depends on the sizes of named dimensions, as a Shape node gives them.
     *
     * @param shape [] or [n]
     * @param dims  one, or n
     */
    record Sizes(List<Integer> shape, List<Dim> dims) implements Operand {
        public Sizes {
            shape = List.copyOf(shape);
            dims = List.copyOf(dims);
        }
    }
}
