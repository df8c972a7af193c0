package dev.rondo.convert.onnx.op;

import dev.rondo.graph.Contraction;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.List;
import java.util.Optional;

/** A known factor and shift of each channel become part of the known weights that computed the channels. */
final class ChannelFold {
    private ChannelFold() {}

    /**
     * {@code x * factor + shift} along an axis without a node more, if x comes from a linear map or a convolution and
     * everything is known.
     */
    static Optional<Value> of(Expressions e, Value x, int axis, Value factor, Value shift) {
        if (!factor.isWeight() || !shift.isWeight()) {
            return Optional.empty();
        }
        return e.graph().producer(x).flatMap(node -> through(e, node, axis, factor, shift));
    }

    private static Optional<Value> through(Expressions e, Node node, int axis, Value factor, Value shift) {
        Value x = node.inputs().getFirst();
        return switch (node.op()) {
            case Structure.Transpose(List<Integer> permutation) ->
                of(e, x, permutation.get(axis), factor, shift).map(y -> e.transpose(y, permutation));
            case Structure.Reshape reshape
            when isLast(axis, node.outputs().getFirst())
                    && x.type().rank() > 0
                    && x.type().dim(-1).equals(factor.type().dim(0)) ->
                of(e, x, x.type().rank() - 1, factor, shift).map(y -> e.reshape(y, reshape.dims()));
            case Contraction.Linear _, Contraction.Conv1d _
            when isLast(axis, node.outputs().getFirst()) -> product(e, node.op(), node.inputs(), factor, shift);
            default -> Optional.empty();
        };
    }

    private static boolean isLast(int axis, Value value) {
        return axis == value.type().rank() - 1;
    }

    private static Optional<Value> product(Expressions e, Op op, List<Value> inputs, Value factor, Value shift) {
        Value weight = inputs.get(1);
        Value bias = inputs.get(2);
        if (!weight.isWeight() || !bias.isAbsent() && !bias.isWeight()) {
            return Optional.empty();
        }
        Value scaled = e.times(weight, e.along(factor, 0, weight.type().rank()));
        Value shifted = bias.isAbsent() ? shift : e.plus(e.times(bias, factor), shift);
        boolean known = scaled.isWeight() && shifted.isWeight();
        return known ? Optional.of(e.add(op, inputs.getFirst(), scaled, shifted)) : Optional.empty();
    }
}
