package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Projection;
import dev.rondo.error.InputException;

/** What settings and configurations must keep; what is wrong is said with the part that is. */
record Rules(String part) {
    private static final int MAX_LAYERS = 64;
    private static final int MAX_SIZE = 1 << 16;
    private static final int MAX_VOCABULARY = 1 << 24;

    Rules of(String inner) {
        return new Rules(part + ", " + inner);
    }

    void require(boolean holds, String rule, Object got, String remedy) {
        if (!holds) {
            throw new InputException(part, rule, String.valueOf(got), remedy);
        }
    }

    /** A number that follows from others. */
    void equal(String what, long wanted, long got, String because) {
        require(got == wanted, what + " is " + wanted + ": " + because, got, "make the sizes fit each other");
    }

    void size(String what, int size) {
        require(size >= 1 && size <= MAX_SIZE, what + " is from 1 to " + MAX_SIZE, size, "choose another size");
    }

    void vocabulary(int size) {
        require(
                size >= 1 && size <= MAX_VOCABULARY,
                "the vocabulary has from 1 to " + MAX_VOCABULARY + " tokens",
                size,
                "choose another vocabulary");
    }

    void layers(int count) {
        require(
                count >= 1 && count <= MAX_LAYERS,
                "has from 1 to " + MAX_LAYERS + " layers",
                count,
                "add or remove some");
    }

    /** A linear map between two sizes. */
    void maps(Projection map, long from, String fromWhat, long to, String toWhat) {
        size("the input", map.inputSize());
        equal("the input of '" + map.weight() + "'", from, map.inputSize(), fromWhat);
        equal("the output of '" + map.weight() + "'", to, map.outputSize(), toWhat);
    }
}
