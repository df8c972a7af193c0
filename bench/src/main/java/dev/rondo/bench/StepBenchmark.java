package dev.rondo.bench;

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

/** One run of a {@link Work}, one thread: a step of a cell, or any other. With {@code -prof gc}, bytes allocated by a run. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
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
public class StepBenchmark {
    /** {@link Contender#ORT_INT8} runs too, where there is one. */
    @Param({"RONDO_F32", "RONDO_BF16", "RONDO_INT8", "ORT_F32"})
    public Contender contender;

    /** Also {@code lstm-256x256-t64}, {@code projection-512x32000-b1}, {@code attention-50x512} (f32 alone). */
    @Param({"lstm-1x40", "lstm-64x64", "lstm-128x128", "lstm-256x256", "lstm-512x512", "gru-128x128", "gru-256x256"})
    public String work;

    private Inputs inputs;
    private Engine engine;

    /** Opens the engine and checks its numbers. */
    @Setup
    public void open() {
        Work parsed = Work.parse(work);
        inputs = parsed.inputs();
        if (!(parsed.open(contender) instanceof InThread runner)) {
            throw new IllegalArgumentException(contender.text() + ": runs in this JVM; it does not");
        }
        Agreement.check(parsed, contender, runner);
        engine = runner.engine();
    }

    @Benchmark
    public float step() {
        return engine.run(inputs.next());
    }

    @TearDown
    public void close() {
        engine.close();
    }
}
