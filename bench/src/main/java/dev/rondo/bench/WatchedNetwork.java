package dev.rondo.bench;

import com.sun.management.ThreadMXBean;
import dev.rondo.Model;
import dev.rondo.search.StepFunction;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;

/** Counts what a search does with a network, how long that takes, and what is allocated from one step to the next. */
final class WatchedNetwork implements TranslationNetwork, StepFunction {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final TranslationNetwork network;
    private final StepFunction steps;
    private long readNanos;
    private long stepNanos;
    private long regroupNanos;
    private long count;
    private long rows;
    private long bytes;
    private long pairs;
    /** Allocated when the last step of this search ended; -1 before the first. */
    private long before;

    WatchedNetwork(TranslationNetwork network) {
        this.network = network;
        this.steps = network.steps();
    }

    void clear() {
        readNanos = 0;
        stepNanos = 0;
        regroupNanos = 0;
        count = 0;
        rows = 0;
        bytes = 0;
        pairs = 0;
    }

    double readMicros() {
        return readNanos / 1e3;
    }

    double stepMicros() {
        return stepNanos / 1e3;
    }

    double regroupMicros() {
        return regroupNanos / 1e3;
    }

    long count() {
        return count;
    }

    long rowCount() {
        return rows;
    }

    /** On the heap, from the end of a step to the end of the next in one search. */
    double bytesOfAStep() {
        return (double) bytes / pairs;
    }

    @Override
    public void read(int[][] sources) {
        long start = THREADS.getCurrentThreadCpuTime();
        network.read(sources);
        readNanos += THREADS.getCurrentThreadCpuTime() - start;
    }

    @Override
    public StepFunction steps() {
        return this;
    }

    @Override
    public void close() {
        network.close();
    }

    @Override
    public void begin(int sentences) {
        steps.begin(sentences);
        before = -1;
    }

    @Override
    public void step(int[] tokens) {
        long start = THREADS.getCurrentThreadCpuTime();
        steps.step(tokens);
        stepNanos += THREADS.getCurrentThreadCpuTime() - start;
        count++;
        rows += steps.rows();
        long now = THREADS.getCurrentThreadAllocatedBytes();
        if (before >= 0) {
            bytes += now - before;
            pairs++;
        }
        before = now;
    }

    @Override
    public void regroup(int width, int[] parents) {
        long start = THREADS.getCurrentThreadCpuTime();
        steps.regroup(width, parents);
        regroupNanos += THREADS.getCurrentThreadCpuTime() - start;
    }

    @Override
    public void keep(int[] kept, int left) {
        long start = THREADS.getCurrentThreadCpuTime();
        steps.keep(kept, left);
        regroupNanos += THREADS.getCurrentThreadCpuTime() - start;
    }

    @Override
    public int vocabularySize() {
        return steps.vocabularySize();
    }

    @Override
    public int sentences() {
        return steps.sentences();
    }

    @Override
    public int width() {
        return steps.width();
    }

    @Override
    public MemorySegment scores() {
        return steps.scores();
    }

    @Override
    public boolean scored() {
        return steps.scored();
    }

    @Override
    public int attentionSize() {
        return steps.attentionSize();
    }

    @Override
    public MemorySegment attention() {
        return steps.attention();
    }

    @Override
    public Model.Kernel kernel() {
        return steps.kernel();
    }
}
