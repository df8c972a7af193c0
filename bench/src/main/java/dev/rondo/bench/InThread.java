package dev.rondo.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Runs an engine in the calling thread. */
final class InThread implements Runner {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Engine engine;
    private final Inputs inputs;
    private float sink;

    InThread(Engine engine, Inputs inputs) {
        this.engine = engine;
        this.inputs = inputs;
    }

    Engine engine() {
        return engine;
    }

    @Override
    public long run(int times) {
        long start = THREADS.getCurrentThreadCpuTime();
        float sum = 0;
        for (int i = 0; i < times; i++) {
            sum += engine.run(inputs.next());
        }
        long nanos = THREADS.getCurrentThreadCpuTime() - start;
        sink += sum;
        if (Float.isNaN(sink)) {
            throw new IllegalStateException("outputs are numbers; got NaN");
        }
        return nanos;
    }

    @Override
    public float[] outputs(int times) {
        engine.reset();
        inputs.restart();
        for (int i = 0; i < times; i++) {
            sink += engine.run(inputs.next());
        }
        float[] outputs = engine.outputs();
        engine.reset();
        return outputs;
    }

    @Override
    public boolean inThisJvm() {
        return true;
    }

    @Override
    public void close() {
        engine.close();
    }
}
