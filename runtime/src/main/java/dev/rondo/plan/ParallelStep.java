package dev.rondo.plan;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Two steps that do not need each other: one runs on the calling thread, the other on an executor; on the calling thread
 * too when the executor has not begun it by then, so a busy executor costs time and never blocks. Both have ended when
 * this one ends, however it does. Allocates nothing itself.
 */
final class ParallelStep extends Step {
    private static final int IDLE = 0;
    private static final int OFFERED = 1;
    private static final int RUNNING = 2;
    private static final int DONE = 3;

    /** Looks at the state before the thread parks; waking it would cost more than a short layer. */
    private static final int SPINS = 10_000;

    private final Step here;
    private final Step there;
    private final Executor executor;
    private final Runnable offer = this::takeOffer;
    private final AtomicInteger state = new AtomicInteger();
    private volatile Thread waiting;
    private Throwable failure;

    ParallelStep(Step here, Step there, Executor executor) {
        this.here = here;
        this.there = there;
        this.executor = executor;
    }

    @Override
    public void resize() {
        here.resize();
        there.resize();
    }

    @Override
    public void run() {
        failure = null;
        state.set(OFFERED);
        try {
            offer();
            here.run();
            takeOffer();
        } finally {
            // After an error the other step is not begun any more, or has to end.
            if (!state.compareAndSet(OFFERED, IDLE)) {
                await();
            }
        }
        switch (failure) {
            case RuntimeException thrown -> throw thrown;
            case Error thrown -> throw thrown;
            case null, default -> {}
        }
    }

    private void offer() {
        try {
            executor.execute(offer);
        } catch (RejectedExecutionException ignored) {
            // Then it runs here.
        }
    }

    /** Runs the other step if nobody does; a task that the executor begins late finds nothing, or the next call's. */
    private void takeOffer() {
        if (state.compareAndSet(OFFERED, RUNNING)) {
            try {
                there.run();
            } catch (Throwable thrown) {
                failure = thrown;
            }
            state.set(DONE);
            LockSupport.unpark(waiting);
        }
    }

    private void await() {
        for (int i = 0; i < SPINS && state.get() != DONE; i++) {
            Thread.onSpinWait();
        }
        waiting = Thread.currentThread();
        while (state.get() != DONE) {
            LockSupport.park(this);
        }
        waiting = null;
    }
}
