package dev.rondo.train;

import dev.rondo.error.StateException;
import dev.rondo.train.rule.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/** Runs the parts of a step on one thread or several. Which thread runs which part depends on their numbers only. */
public final class Workers implements AutoCloseable {
    private final int threads;
    private final ExecutorService executor;
    private final boolean own;
    private volatile boolean closed;

    private Workers(int threads, ExecutorService executor, boolean own) {
        this.threads = threads;
        this.executor = executor;
        this.own = own;
    }

    /** The caller's thread and {@code threads - 1} of its own, which end when it is closed. */
    public static Workers of(int threads) {
        Settings.require(threads >= 1, "threads", "is at least 1", threads);
        return new Workers(
                threads, threads == 1 ? null : Executors.newFixedThreadPool(threads - 1, Workers::thread), true);
    }

    /** The caller's thread and {@code threads - 1} tasks at a time of an executor, which stays open. */
    public static Workers of(int threads, ExecutorService executor) {
        Settings.require(threads >= 1, "threads", "is at least 1", threads);
        return new Workers(threads, executor, false);
    }

    private static Thread thread(Runnable task) {
        var thread = new Thread(task, "rondo training");
        thread.setDaemon(true);
        return thread;
    }

    public int threads() {
        return threads;
    }

    /**
     * Runs all parts, numbered from 0; returns, or throws what one of them threw, when all have ended.
     *
     * @throws StateException when closed
     */
    public void run(int parts, IntConsumer part) {
        if (closed) {
            throw new StateException("training", "goes on until its threads are closed", "closed", "make a new one");
        }
        List<Future<?>> others = new ArrayList<>();
        for (int first = 1; first < Math.min(threads, parts); first++) {
            int from = first;
            others.add(executor.submit(() -> every(from, parts, part)));
        }
        Throwable failure = null;
        try {
            every(0, parts, part);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        for (Future<?> other : others) {
            failure = first(failure, await(other));
        }
        switch (failure) {
            case null -> {
                /* all went well */
            }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    private static Throwable first(Throwable earlier, Throwable later) {
        return earlier == null ? later : earlier;
    }

    private void every(int first, int parts, IntConsumer part) {
        for (int i = first; i < parts; i += threads) {
            part.accept(i);
        }
    }

    /** What the task threw, or null. It works on memory of ours, so that an interrupt waits until it has ended. */
    private static Throwable await(Future<?> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    task.get();
                    return null;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    return e.getCause();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        if (own && executor != null) {
            executor.close();
        }
    }
}
