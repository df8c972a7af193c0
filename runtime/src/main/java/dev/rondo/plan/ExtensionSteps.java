package dev.rondo.plan;

import dev.rondo.error.StateException;
import dev.rondo.graph.Extension;
import dev.rondo.graph.Node;

/** Binds the operators that a module above the runtime brings. */
@FunctionalInterface
public interface ExtensionSteps {
    /** For sessions: a model file holds no such operator. */
    ExtensionSteps NONE = new ExtensionSteps() {
        @Override
        public Step bind(Extension op, Node node, Binder binder) {
            throw new StateException(
                    "node " + node.outputs().getFirst().name(),
                    "a session runs operators of inference",
                    op.name(),
                    "run it with the trainer");
        }
    };

    /** The step that runs a node. Operands come from the binder. */
    Step bind(Extension op, Node node, Binder binder);
}
