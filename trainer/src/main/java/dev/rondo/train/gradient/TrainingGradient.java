package dev.rondo.train.gradient;

import dev.rondo.architecture.training.Training;
import dev.rondo.error.ShapeException;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Node;
import dev.rondo.graph.Value;
import java.util.List;

/** Gradients of {@link Training}. */
final class TrainingGradient {
    private TrainingGradient() {}

    /** The cotangents of a node's inputs. */
    static List<Value> of(Training op, Node node, Value dy, Tape t) {
        Value first = node.inputs().getFirst();
        Value second = node.inputs().size() > 1 ? node.inputs().get(1) : Value.ABSENT;
        return switch (op) {
            // The same seed and site drop the same elements.
            case Training.Dropout dropout -> List.of(t.emit.add(dropout, dy, second), Value.ABSENT);
            case Training.CrossEntropy(float smoothing) ->
                List.of(t.emit.add(new Training.CrossEntropyBackward(smoothing), first, second, dy), Value.ABSENT);
            case Training.OuterSum() ->
                List.of(
                        t.wanted(first, () -> {
                            Value da = t.emit.add(new Contraction.MatMul(true), t.emit.rows(second), dy);
                            return t.emit.reshape(da, first.type().dims());
                        }),
                        t.wanted(second, () -> t.emit.product(first, dy)));
            case Training.Backward backward ->
                throw new ShapeException(
                        "gradient of node " + node.outputs().getFirst().name(),
                        "operators of the backward pass have no gradient",
                        backward.name(),
                        "differentiate the function that it was made from");
        };
    }
}
