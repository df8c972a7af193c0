package dev.rondo.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;

/** Says what a command is busy with, in a line that the next one replaces; on a terminal only. */
record Progress(PrintWriter err, boolean terminal) implements AutoCloseable {
    private static final String CLEAR_LINE = "\r\u001b[K";

    static Progress of(CommandSpec spec) {
        return new Progress(spec.commandLine().getErr(), ((Main) spec.root().userObject()).isTerminal());
    }

    void show(String text) {
        if (terminal) {
            err.print(CLEAR_LINE + text);
            err.flush();
        }
    }

    @Override
    public void close() {
        show("");
    }
}
