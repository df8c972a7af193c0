package dev.rondo.train;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Value;
import dev.rondo.train.data.Samples;
import java.util.Map;
import java.util.function.IntFunction;

/** The smallest task: {@code y = slope x + intercept} over given points, mean squared error. */
final class Line implements TrainingTask {
    private final Function function;
    private final BatchSource batches;
    private final int batchSize;

    Line(int points, int batchSize, long seed, IntFunction<float[]> point) {
        FunctionBuilder f = Function.builder("line");
        Value x = f.input("x", ElementType.F32, "B", 1);
        Value target = f.input("target", ElementType.F32, "B", 1);
        Loss.squaredError(f, f.linear(x, f.weight("slope", 1, 1), f.weight("intercept", 1)), target);
        this.function = f.build();
        this.batchSize = batchSize;
        this.batches = new Samples(points, batchSize, seed, (sample, shard, row) -> {
            float[] xy = point.apply(sample);
            shard.input("x").set(row, xy, 0, 1);
            shard.input("target").set(row, xy, 1, 1);
        });
    }

    /** Points on y = 3x − 1. */
    static Line exact(int batchSize) {
        return new Line(20, batchSize, 1, i -> new float[] {i / 10f, 3 * i / 10f - 1});
    }

    @Override
    public Function function() {
        return function;
    }

    @Override
    public Map<String, Integer> capacity() {
        return Map.of("B", batchSize);
    }

    @Override
    public BatchSource batches() {
        return batches;
    }

    @Override
    public void initialise(ParameterStore parameters, long seed) {
        // Zero, as memory begins.
    }
}
