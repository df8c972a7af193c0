package dev.rondo.train.lm;

import dev.rondo.Model;
import dev.rondo.graph.Function;
import dev.rondo.train.Feed;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.Shard;
import dev.rondo.train.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The mean cross-entropy of a text, read once with the state carried on. One stream is exact. Several, side by side and so
 * several times as fast, differ in one thing: each but the first begins in the middle of the text at a state of zero, and
 * reads some tokens before those that count.
 */
final class StreamEvaluation {
    private final int[] path;
    private final int targets;
    private final int streams;
    private final int warmUp;
    private final int length;
    private final int chunk;
    private final List<Shard> shards = new ArrayList<>();
    private final Workers workers;

    /**
     * Plans the evaluation.
     *
     * @param function {@code evaluation} of {@link dev.rondo.architecture.LanguageModelGraph}
     * @param path     ids; all but the first are predicted
     * @param streams  side by side
     * @param warmUp   tokens that a stream reads before those that count
     * @param chunk    tokens of a stream in one call
     * @param parts    into which the streams are divided, for the workers
     */
    StreamEvaluation(
            Function function,
            ParameterStore parameters,
            int[] path,
            int streams,
            int warmUp,
            int chunk,
            int parts,
            Workers workers) {
        this.path = path;
        this.targets = path.length - 1;
        this.streams = streams;
        this.warmUp = streams == 1 ? 0 : warmUp;
        this.length = (Math.max(0, targets - this.warmUp) + streams - 1) / streams;
        this.chunk = Math.min(chunk, this.warmUp + length);
        this.workers = workers;
        int count = Math.min(parts, streams);
        int rows = (streams + count - 1) / count;
        for (int i = 0; i < count; i++) {
            shards.add(Shard.forward(function, parameters, Map.of("B", rows, "T", this.chunk), Model.Kernel.BEST));
        }
    }

    /** The mean over all targets, in nats. */
    double loss() {
        double[] sums = new double[shards.size()];
        workers.run(shards.size(), part -> {
            int first = streams * part / shards.size();
            int last = streams * (part + 1) / shards.size();
            sums[part] = sum(shards.get(part), first, last - first);
        });
        double sum = 0;
        for (double part : sums) {
            sum += part;
        }
        return sum / targets;
    }

    /** Over some neighbouring streams. */
    private double sum(Shard shard, int first, int rows) {
        shard.size("B", rows);
        shard.reset();
        double sum = 0;
        int steps = warmUp + length;
        for (int start = 0; start < steps; start += chunk) {
            int size = Math.min(chunk, steps - start);
            shard.size("T", size);
            feed(shard, first, rows, start, size);
            shard.run();
            shard.commit();
            float[] losses = shard.floats("losses");
            for (int row = 0; row < rows; row++) {
                for (int t = 0; t < size; t++) {
                    sum += counts(first + row, start + t) ? losses[row * size + t] : 0;
                }
            }
        }
        return sum;
    }

    private void feed(Shard shard, int first, int rows, int start, int size) {
        Feed tokens = shard.input("tokens");
        Feed next = shard.input("targets");
        for (int row = 0; row < rows; row++) {
            for (int t = 0; t < size; t++) {
                // What lies beyond the text does not count.
                int at = (int) Math.min(targets - 1L, at(first + row, start + t));
                tokens.set(row * size + t, path[at]);
                next.set(row * size + t, path[at + 1]);
            }
        }
    }

    /** Stream s reads from s·length on. */
    private long at(int stream, int t) {
        return (long) stream * length + t;
    }

    /** A stream's first tokens count for the stream before. */
    private boolean counts(int stream, int t) {
        return (stream == 0 || t >= warmUp) && at(stream, t) < targets;
    }
}
