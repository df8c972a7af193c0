package dev.rondo.cli;

import dev.rondo.search.TokenListener;
import dev.rondo.train.data.Deal;
import dev.rondo.translation.NoisyChannel;
import dev.rondo.translation.Translation;
import dev.rondo.translation.TranslationOptions;
import dev.rondo.translation.TranslationSession;
import dev.rondo.translation.Translator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Sessions of one translator, each on a thread of its own. A sentence's result, but for rounding, does not depend on how they
 * share the work.
 */
final class ParallelTranslation implements AutoCloseable {
    private final Translator translator;
    private final TranslationOptions options;
    private final Optional<Supplier<NoisyChannel>> channel;
    private final List<ExecutorService> threads = new ArrayList<>();
    private final List<Worker> workers = new ArrayList<>();

    ParallelTranslation(Translator translator, TranslationOptions options, int count) {
        this(translator, options, Optional.empty(), count);
    }

    /** @param channel makes what ranks translations anew, for each thread one */
    ParallelTranslation(
            Translator translator, TranslationOptions options, Optional<Supplier<NoisyChannel>> channel, int count) {
        this.translator = translator;
        this.options = options;
        this.channel = channel;
        for (int i = 0; i < count; i++) {
            threads.add(Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("translate-" + i).factory()));
            workers.add(null);
        }
    }

    /** Translates sentences, in their order. */
    List<Translation> translate(List<String> sentences) {
        return translate(sentences, Collections.nCopies(sentences.size(), ""), 0);
    }

    /** Translates sentences whose translations begin with these prefixes, or with a bias are drawn to them. */
    List<Translation> translate(List<String> sentences, List<String> prefixes, double bias) {
        return run(
                sentences.size(),
                (worker, part) -> worker.translate(
                        part.stream().map(sentences::get).toList(),
                        part.stream().map(prefixes::get).toList(),
                        bias));
    }

    /** {@code ln P(target | source)} of each pair. */
    List<Double> score(List<String> sources, List<String> targets) {
        return run(
                sources.size(),
                (worker, part) -> worker.session.score(
                        part.stream().map(sources::get).toList(),
                        part.stream().map(targets::get).toList()));
    }

    /** Deals the indices to the threads in turn. */
    private <T> List<T> run(int count, Work<T> work) {
        List<Integer> indices = IntStream.range(0, count).boxed().toList();
        var deal = new Deal(count, Math.min(threads.size(), count));
        var futures = new ArrayList<Future<List<T>>>();
        for (int part = 0; part < deal.parts(); part++) {
            int thread = part;
            futures.add(threads.get(part).submit(() -> work.of(worker(thread), deal.part(indices, thread))));
        }
        return deal.whole(futures.stream().map(ParallelTranslation::result).toList());
    }

    /** What a thread does with the sentences that are its part. */
    private interface Work<T> {
        List<T> of(Worker worker, List<Integer> part);
    }

    /** What belongs to a thread. */
    private record Worker(TranslationSession session, Optional<NoisyChannel> channel) {
        List<Translation> translate(List<String> sentences, List<String> prefixes, double bias) {
            List<Translation> found = session.translate(sentences, prefixes, bias, TokenListener.NONE);
            if (channel.isEmpty()) {
                return found;
            }
            var ranked = new ArrayList<Translation>();
            for (int i = 0; i < found.size(); i++) {
                // Nothing comes of a source without tokens.
                boolean empty = found.get(i).source().isEmpty();
                ranked.add(empty ? found.get(i) : channel.get().rank(sentences.get(i), found.get(i)));
            }
            return ranked;
        }
    }

    /** Sessions belong to the thread that makes them. Each place of the list is touched by one thread. */
    private Worker worker(int thread) {
        if (workers.get(thread) == null) {
            workers.set(thread, new Worker(translator.session(options), channel.map(Supplier::get)));
        }
        return workers.get(thread);
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
