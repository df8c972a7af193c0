package dev.rondo.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** What came of all goals that a run has measured. */
final class Verdicts {
    private final List<Verdict> all = new ArrayList<>();

    void add(Verdict verdict) {
        all.add(verdict);
    }

    /** A table in Markdown; nothing when no goal was measured. */
    void print(PrintStream out) {
        if (!all.isEmpty()) {
            out.println("## Promised and reached (ratio: the peer's time divided by ours)\n");
            out.println(Verdict.HEADER);
            all.forEach(out::println);
        }
    }
}
