package dev.rondo.convert.keras;

import dev.rondo.graph.Value;

/**
 * A value as Keras hands it from layer to layer.
 *
 * @param mask which steps count: bool [B,T]; {@link Value#ABSENT} when all do
 */
record Masked(Value value, Value mask) {
    static Masked of(Value value) {
        return new Masked(value, Value.ABSENT);
    }

    boolean isMasked() {
        return !mask.isAbsent();
    }
}
