package dev.rondo.graph;

import java.util.List;

/**
 * The operator catalogue: one record per operator, holding its attributes and its shape rule. Everything that
 * interprets functions (the planner, the codec, gradients, the tests' double-precision interpreter) is an exhaustive
 * switch over it, so a new operator does not compile until each of them has said what it means.
 */
public sealed interface Op permits Elementwise, Structure, Contraction, Aggregation, Recurrent, Scan, Extension {
    /** The name in files and in graph text, such as {@code lstm_cell}. */
    String name();

    /** The inputs, in order. */
    List<Slot> slots();

    /**
     * The shape rule: the types of the outputs for the types of the inputs.
     *
     * @throws dev.rondo.error.ShapeException when the inputs do not fit the operator
     */
    List<ValueType> infer(InputTypes in);

    /** One input of an operator. */
    record Slot(String name, Presence presence) {
        public static Slot required(String name) {
            return new Slot(name, Presence.REQUIRED);
        }

        public static Slot optional(String name) {
            return new Slot(name, Presence.OPTIONAL);
        }

        /** Stands for one or more inputs; only as the last slot. */
        public static Slot repeated(String name) {
            return new Slot(name, Presence.REPEATED);
        }
    }

    /** Whether an input must be given. */
    enum Presence {
        REQUIRED,
        OPTIONAL,
        REPEATED
    }
}
