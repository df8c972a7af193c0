package dev.rondo.tests.oracle;

import dev.rondo.graph.Op;
import java.util.List;
import java.util.Optional;

/**
 * The inputs of one node, by the names of the operator's slots.
 *
 * @param values one per input, null where it is absent
 */
record Arguments(Op op, List<NdArray> values) {

    /** The input in a slot that must be given. */
    NdArray the(String slot) {
        return maybe(slot).orElseThrow(() -> new IllegalStateException(op.name() + " has no " + slot));
    }

    /** The input in a slot that may be empty; empty too when the operator has no such slot. */
    Optional<NdArray> maybe(String slot) {
        List<Op.Slot> slots = op.slots();
        for (int i = 0; i < slots.size(); i++) {
            if (slots.get(i).name().equals(slot)) {
                return Optional.ofNullable(values.get(i));
            }
        }
        return Optional.empty();
    }
}
