package dev.rondo.graph;

import java.util.List;

/** One operation of a function. Inputs stand in the order of the operator's slots. */
public record Node(Op op, List<Value> inputs, List<Value> outputs) {
    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** The input in the named slot, {@link Value#ABSENT} when it is not given. */
    public Value input(String slot) {
        List<Op.Slot> slots = op.slots();
        for (int i = 0; i < slots.size(); i++) {
            if (slots.get(i).name().equals(slot)) {
                return inputs.get(i);
            }
        }
        throw new IllegalArgumentException(op.name() + " has no input '" + slot + "'");
    }
}
