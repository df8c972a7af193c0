package dev.rondo.bench;

import java.util.Locale;

/** A goal and what came of it. */
record Verdict(String what, String against, double toReach, Spread reached, String prototype) {
    boolean kept() {
        return reached.median() >= toReach;
    }

    /** A row under {@link #HEADER}; what is missed stands out. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | %s | %s |",
                what,
                against,
                toReach,
                reached.text(2),
                prototype,
                kept() ? "kept" : "**missed**");
    }

    static final String HEADER = "| work | against | to reach | reached | prototype | |\n|---|---|--:|--:|--:|---|";
}
