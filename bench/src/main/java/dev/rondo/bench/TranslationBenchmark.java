package dev.rondo.bench;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Sixteen sentences translated by beam search, one thread. See {@link TranslationTask} for models of your own ({@code -jvmArgsAppend}). */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-Xms128m",
            "-Xmn64m",
            "-Xmx2g"
        })
public class TranslationBenchmark {
    private static final int SENTENCES = 16;
    private static final float[] NOTHING = {0};

    @Param({"RONDO_F32", "RONDO_BF16", "ORT_F32"})
    public Contender contender;

    /** Sentences searched together. */
    @Param({"1", "16"})
    public int batch;

    private TranslationTask task;
    private TranslationEngine engine;

    @Setup
    public void open() throws IOException {
        task = TranslationTask.open();
        TranslationPlan plan = task.plan().part(SENTENCES).withBatch(batch);
        engine = new TranslationEngine(plan, task.open(contender, plan, 1));
    }

    @Benchmark
    public float translate() {
        return engine.run(NOTHING);
    }

    @TearDown
    public void close() throws IOException {
        engine.close();
        task.close();
    }
}
