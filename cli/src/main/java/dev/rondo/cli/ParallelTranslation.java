package dev.rondo.cli;

import dev.rondo.translation.Translation;
import dev.rondo.translation.TranslationOptions;
import dev.rondo.translation.TranslationSession;
import dev.rondo.translation.Translator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;

/**
 * Sessions of one translator, each on a thread of its own. A sentence's result, but for rounding, does not depend on how they
 * share the work.
 */
final class ParallelTranslation implements AutoCloseable {
    private final Translator translator;
    private final TranslationOptions options;
    private final List<ExecutorService> threads = new ArrayList<>();
    private final List<TranslationSession> sessions = new ArrayList<>();

    ParallelTranslation(Translator translator, TranslationOptions options, int count) {
        this.translator = translator;
        this.options = options;
        for (int i = 0; i < count; i++) {
            threads.add(Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("translate-" + i).factory()));
            sessions.add(null);
        }
    }

    /** Translates sentences, in their order. */
    List<Translation> translate(List<String> sentences) {
        return run(
                sentences.size(),
                (session, part) ->
                        session.translate(part.stream().map(sentences::get).toList()));
    }

    /** {@code ln P(target | source)} of each pair. */
    List<Double> score(List<String> sources, List<String> targets) {
        return run(
                sources.size(),
                (session, part) -> session.score(
                        part.stream().map(sources::get).toList(),
                        part.stream().map(targets::get).toList()));
    }

    /** Deals the indices to the threads in turn. */
    private <T> List<T> run(int count, BiFunction<TranslationSession, List<Integer>, List<T>> work) {
        int parts = Math.min(threads.size(), count);
        var futures = new ArrayList<Future<List<T>>>();
        for (int part = 0; part < parts; part++) {
            var indices = new ArrayList<Integer>();
            for (int i = part; i < count; i += parts) {
                indices.add(i);
            }
            int thread = part;
            futures.add(threads.get(part).submit(() -> work.apply(session(thread), indices)));
        }
        var results = new ArrayList<List<T>>();
        for (Future<List<T>> future : futures) {
            results.add(result(future));
        }
        var all = new ArrayList<T>(count);
        for (int i = 0; i < count; i++) {
            all.add(results.get(i % parts).get(i / parts));
        }
        return all;
    }

    /** A session belongs to the thread that makes it. Each place of the list is touched by one thread. */
    private TranslationSession session(int thread) {
        if (sessions.get(thread) == null) {
            sessions.set(thread, translator.session(options));
        }
        return sessions.get(thread);
    }

    private static <T> T result(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case Throwable cause -> throw new IllegalStateException(cause);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }

    @Override
    public void close() {
        threads.forEach(ExecutorService::shutdownNow);
    }
}
