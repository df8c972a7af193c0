package dev.rondo;

import dev.rondo.kernel.KernelProvider;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs a function again and again, in a session and a thread of its own, until the JVM has compiled it; then tells the
 * call that asked. It works on copies of that call's inputs and states, and never replaces the states. It ends by
 * itself: when it is done, when the call is forgotten, when anything throws (a closed model), or at a limit.
 */
final class WarmUp implements Runnable {
    /** Runs are timed in batches of at least this long. */
    private static final long BATCH = 25_000_000L;

    /**
     * It is warm when so many batches in turn, and a quarter of all, were not faster: a kernel that waits for its
     * compiler keeps its speed for a while, the longer the busier the machine.
     */
    private static final int SETTLED = 5;

    /** Nanoseconds after which it ends in any case. */
    private static final long LIMIT = 10_000_000_000L;

    private final WeakReference<Call> asking;
    private final Thread before;
    private final String function;
    private final Capacity capacity;
    private final Model.Kernel kernel;
    private final Session.Snapshot start;
    private final Map<String, byte[]> inputs = new HashMap<>();

    private WarmUp(Call asking, Session session, Thread before) {
        this.asking = new WeakReference<>(asking);
        this.before = before;
        this.function = asking.function().name();
        this.capacity = session.capacity();
        this.kernel = session.kernel();
        this.start = session.snapshot();
        asking.inputs().forEach((name, port) -> inputs.put(name, port.bytes()));
    }

    /** Starts the thread. @param before goes first; may be null */
    static Thread start(Call asking, Session session, Thread before) {
        Thread thread = new Thread(new WarmUp(asking, session, before), "rondo warm-up");
        thread.setDaemon(true);
        thread.setPriority(Thread.MIN_PRIORITY);
        thread.start();
        return thread;
    }

    @Override
    public void run() {
        try {
            if (before != null) {
                before.join();
            }
            KernelProvider goal = Session.kernels(kernel != Model.Kernel.PLAIN);
            Session session = new Session(start.model(), capacity, kernel);
            session.restore(start);
            Call call = session.call(function);
            inputs.forEach((name, bytes) -> call.input(name).bytes(bytes));
            if (isFast(call, goal)) {
                Call user = asking.get();
                if (user != null) {
                    user.warmed(goal);
                }
            }
        } catch (Throwable ignored) {
            // The user's step meets the same fault, or never does: the session stays as it is.
        }
    }

    /** Runs until it is no longer getting faster, and with the kernels to switch to not slower than with plain ones. */
    private boolean isFast(Call call, KernelProvider goal) {
        long end = System.nanoTime() + LIMIT;
        double best = Double.MAX_VALUE;
        int settled = 0;
        int batches = 0;
        while (asking.get() != null) {
            call.use(goal);
            double now = nanos(call);
            settled = now < 0.95 * best ? 0 : settled + 1;
            best = Math.min(best, now);
            batches++;
            boolean late = System.nanoTime() > end;
            if (late || settled >= SETTLED + batches / 4) {
                call.use(KernelProvider.plain());
                boolean fast = best < 1.2 * nanos(call);
                if (fast || late) {
                    return fast;
                }
                settled = 0;
            }
        }
        return false;
    }

    /** Nanoseconds of a run, the mean of a batch. */
    private static double nanos(Call call) {
        long start = System.nanoTime();
        long now;
        int runs = 0;
        do {
            call.rehearse();
            runs++;
            now = System.nanoTime();
        } while (now - start < BATCH);
        return (double) (now - start) / runs;
    }
}
