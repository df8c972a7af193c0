package dev.rondo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** Answers standard input line by line: those that are there together at once, one that is typed at once too. */
final class ReadLines {
    private static final int AHEAD = 256;

    private ReadLines() {}

    /** Answers some lines. */
    @FunctionalInterface
    interface Answer {
        /**
         * Prints what belongs to lines.
         *
         * @param first the number of the first of them, from 1
         */
        void print(long first, List<String> lines, PrintWriter out);
    }

    static void answer(CommandSpec spec, String prompt, Answer answer) throws IOException {
        Main main = (Main) spec.root().userObject();
        var input = new LineInput(main.in());
        if (main.isTerminal()) {
            // Else somebody waits for the command, which waits for them.
            spec.commandLine().getErr().println(prompt);
        }
        PrintWriter out = spec.commandLine().getOut();
        long line = 1;
        for (List<String> lines = input.next(AHEAD); !lines.isEmpty(); lines = input.next(AHEAD)) {
            answer.print(line, lines, out);
            line += lines.size();
            out.flush();
        }
    }
}
