package dev.rondo.train.rule;

import dev.rondo.error.InputException;

/** Checks of settings. */
public final class Settings {
    private Settings() {}

    /** @throws InputException when the value does not fit; it names the setting */
    public static void require(boolean fits, String name, String rule, Object got) {
        if (!fits) {
            throw new InputException("setting " + name, rule, String.valueOf(got), "change the setting");
        }
    }
}
