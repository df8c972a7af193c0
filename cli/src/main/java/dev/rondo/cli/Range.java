package dev.rondo.cli;

import dev.rondo.error.InputException;

/** Checks of what options hold. */
final class Range {
    private Range() {}

    /** Refuses a value, naming the option and its range. */
    static void check(boolean holds, String option, String range, Object got) {
        if (!holds) {
            throw new InputException(option, range, String.valueOf(got), "give a value in that range");
        }
    }
}
