package dev.rondo.plan;

import dev.rondo.error.StateException;
import dev.rondo.graph.Node;
import dev.rondo.graph.Training;

/** Binds the operators that only training needs. The trainer brings its own, so that what only infers stays small. */
@FunctionalInterface
public interface TrainingSteps {
    /** For sessions: a model file holds no such operator. */
    TrainingSteps NONE = (op, node, binder) -> {
        throw new StateException(
                "node " + node.outputs().getFirst().name(),
                "a session runs operators of inference",
                op.name(),
                "run it with the trainer");
    };

    /** The step that runs a node. Operands come from the binder. */
    Step bind(Training op, Node node, Binder binder);
}
