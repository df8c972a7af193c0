package dev.rondo.convert.onnx.op;

import dev.rondo.convert.onnx.graph.Operand;
import java.util.List;

/**
 * What a node of one operator becomes: nodes of the catalogue, added to {@link NodeScope#graph()}.
 *
 * <p>It must ask for every input that the node has and every attribute, even if only to check it: what nobody asked for
 * is refused afterwards as not understood. It need not fold constants ({@code graph().add} does), nor mind names.
 */
@FunctionalInterface
public interface Lowering {
    /** The outputs in the order of the operator, at least as many as the node names. */
    List<Operand> lower(NodeScope node);
}
