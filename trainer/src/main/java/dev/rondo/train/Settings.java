package dev.rondo.train;

import dev.rondo.error.InputException;

/** Checks of settings. */
final class Settings {
    private Settings() {}

    /** @throws InputException when the value is outside, or not a number */
    static void require(boolean fits, String name, String rule, Object got) {
        if (!fits) {
            throw new InputException("setting " + name, rule, String.valueOf(got), "change the setting");
        }
    }
}
