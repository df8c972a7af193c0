package dev.rondo.cli;

import java.util.ArrayList;
import java.util.List;
import org.jline.utils.Signals;

/**
 * A wish to stop that long work looks at: Ctrl-C, or a signal to end. The first is remembered, so that the work can save
 * what it has; the second ends the JVM as usual.
 */
final class Interruption implements AutoCloseable {
    /** What a shell adds to a signal's number to make the exit code of a command that it ended. */
    private static final int EXIT_OFFSET = 128;

    private enum Signal {
        HUP(1),
        INT(2),
        TERM(15);

        private final int number;

        Signal(int number) {
            this.number = number;
        }
    }

    private record Registered(String signal, Object before) {}

    private final List<Registered> registered = new ArrayList<>();
    private volatile Signal received;

    private Interruption() {}

    /** Listens from now on until it is closed. */
    static Interruption listen() {
        var interruption = new Interruption();
        for (Signal signal : Signal.values()) {
            Object before = Signals.register(signal.name(), () -> interruption.receive(signal));
            interruption.registered.add(new Registered(signal.name(), before));
        }
        return interruption;
    }

    private void receive(Signal signal) {
        if (received == null) {
            received = signal;
        } else {
            // Not halt: what deletes unfinished files still has to run.
            Runtime.getRuntime().exit(EXIT_OFFSET + signal.number);
        }
    }

    /** Whether to stop. */
    boolean isRequested() {
        return received != null;
    }

    /** What a command returns that stopped: the exit code of one that a signal ended. */
    int exitCode() {
        return EXIT_OFFSET + (received == null ? Signal.INT.number : received.number);
    }

    @Override
    public void close() {
        registered.forEach(r -> Signals.unregister(r.signal(), r.before()));
    }
}
