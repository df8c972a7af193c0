package dev.rondo.cli;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jline.utils.Signals;

/**
 * A wish to stop that long work looks at: Ctrl-C, or a signal to end. The first is remembered, so that the work can
 * save what it has; the second ends the JVM as usual.
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

    private record Registered(Signal signal, Object before) {}

    private final List<Registered> registered = new CopyOnWriteArrayList<>();
    private volatile Signal received;

    private Interruption() {}

    /** Listens from now on until it is closed. */
    static Interruption listen() {
        var interruption = new Interruption();
        for (Signal signal : Signal.values()) {
            Object before = Signals.register(signal.name(), () -> interruption.receive(signal));
            interruption.registered.add(new Registered(signal, before));
        }
        return interruption;
    }

    private void receive(Signal signal) {
        // Whoever sees the first signal may send the second: by then it has to find the JVM's own handler.
        close();
        received = signal;
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
        registered.forEach(r -> Signals.unregister(r.signal().name(), r.before()));
    }
}
