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

/** One step of a recurrent cell, batch 1, one thread. With {@code -prof gc}, bytes allocated per step. */
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
            "-Xmx128m"
        })
public class StepBenchmark {
    /** {@link Contender#ORT_INT8} runs too, for an LSTM. */
    @Param({"RONDO_F32", "RONDO_BF16", "RONDO_INT8", "ORT_F32"})
    public Contender contender;

    @Param({"lstm-1x40", "lstm-64x64", "lstm-128x128", "lstm-256x256", "lstm-512x512", "gru-128x128", "gru-256x256"})
    public String cell;

    private Inputs inputs;
    private Engine engine;

    /** Opens the engine and checks its numbers against ONNX Runtime's. */
    @Setup
    public void open() {
        Cell parsed = Cell.parse(cell);
        CellWeights weights = CellWeights.random(parsed, 1);
        inputs = new Inputs(parsed, 2);
        engine = contender.open(weights);
        try (Engine reference = Contender.ORT_F32.open(weights)) {
            Agreement.check(contender.text(), engine, reference, parsed, contender.tolerance());
        }
    }

    @Benchmark
    public float step() {
        return engine.step(inputs.next());
    }

    @TearDown
    public void close() {
        engine.close();
    }
}
