package dev.rondo.train.lm;

import dev.rondo.Model;
import dev.rondo.graph.Function;
import dev.rondo.train.Feed;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.Shard;
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
    private final Shard shard;

    /**
     * Plans the evaluation.
     *
     * @param function {@code evaluation} of {@link dev.rondo.architecture.LanguageModelGraph}
     * @param path     ids; all but the first are predicted
     * @param streams  side by side
     * @param warmUp   tokens that a stream reads before those that count
     * @param chunk    tokens of a stream in one call
     */
    StreamEvaluation(Function function, ParameterStore parameters, int[] path, int streams, int warmUp, int chunk) {
        this.path = path;
        this.targets = path.length - 1;
        this.streams = streams;
        this.warmUp = streams == 1 ? 0 : warmUp;
        this.length = (Math.max(0, targets - this.warmUp) + streams - 1) / streams;
        this.chunk = Math.min(chunk, this.warmUp + length);
        this.shard = Shard.forward(function, parameters, Map.of("B", streams, "T", this.chunk), Model.Kernel.BEST);
    }

    /** The mean over all targets, in nats. */
    double loss() {
        shard.size("B", streams);
        shard.reset();
        double sum = 0;
        int steps = warmUp + length;
        for (int start = 0; start < steps; start += chunk) {
            int size = Math.min(chunk, steps - start);
            shard.size("T", size);
            feed(start, size);
            shard.run();
            shard.commit();
            sum += sum(start, size, shard.floats("losses"));
        }
        return sum / targets;
    }

    private void feed(int start, int size) {
        Feed tokens = shard.input("tokens");
        Feed next = shard.input("targets");
        for (int stream = 0; stream < streams; stream++) {
            for (int t = 0; t < size; t++) {
                int at = Math.min(targets - 1, stream * length + start + t); // what lies beyond does not count
                tokens.set(stream * size + t, path[at]);
                next.set(stream * size + t, path[at + 1]);
            }
        }
    }

    /** Stream s reads from s·length on; its first tokens count for the stream before. */
    private double sum(int start, int size, float[] losses) {
        double sum = 0;
        for (int stream = 0; stream < streams; stream++) {
            for (int t = 0; t < size; t++) {
                boolean counts = stream == 0 || start + t >= warmUp;
                if (counts && (long) stream * length + start + t < targets) {
                    sum += losses[stream * size + t];
                }
            }
        }
        return sum;
    }
}
