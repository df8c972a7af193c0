package dev.rondo.train;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.train.gradient.Gradient;
import dev.rondo.train.gradient.Parameters;
import dev.rondo.train.rule.Settings;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Computes a loss and its gradient with respect to parameters, a batch at a time. The batch is cut into shards; each has
 * a plan of its own over the shared parameters. Their gradients are added in the order of the shards, so the result does
 * not depend on threads.
 */
public final class GradientRun {
    /** The outputs a function must have: the sum of the losses, and of how many targets. */
    public static final String LOSS = "loss";

    public static final String COUNT = "count";

    private final ParameterStore parameters;
    private final Workers workers;
    private final List<Shard> shards = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();

    /** Floats of a part: a quarter of a second-level cache. */
    private static final int PART = 1 << 16;

    /** A part of one parameter's gradient: in the store and in the shards' outputs. */
    private record Part(MemorySegment sum, List<MemorySegment> ofShards) {}

    /**
     * What a run found.
     *
     * @param loss  the mean over all targets
     * @param count the number of targets
     */
    public record Outcome(double loss, double count) {}

    /**
     * Plans the gradient of a function.
     *
     * @param function   with outputs {@link #LOSS} and {@link #COUNT}, f32[]; its f32 weights are the parameters
     * @param parameters of this function
     * @param capacity   the largest sizes of a shard
     * @param kernel     for all of it
     * @throws InputException when the function has no such outputs, or the parameters are of another one
     */
    public GradientRun(
            Function function,
            ParameterStore parameters,
            Map<String, Integer> capacity,
            int shardCount,
            Model.Kernel kernel,
            Workers workers) {
        Settings.require(shardCount >= 1, "shards", "is at least 1", shardCount);
        this.parameters = parameters;
        this.workers = workers;
        Function fed = Parameters.asInputs(function);
        Value loss = scalar(fed, LOSS);
        scalar(fed, COUNT);
        var values = new ArrayList<Value>();
        for (Value parameter : Parameters.of(fed)) {
            if (!parameters.isFrozen(Parameters.tensorName(parameter))) {
                values.add(parameter);
            }
        }
        Function gradient = Gradient.of(fed, loss, values);
        for (int i = 0; i < shardCount; i++) {
            shards.add(new Shard(i, gradient, parameters, capacity, kernel));
        }
        values.forEach(this::addParts);
    }

    private static Value scalar(Function function, String name) {
        return function.output(name)
                .filter(v -> v.type().equals(new ValueType(ElementType.F32, List.of())))
                .orElseThrow(() -> new InputException(
                        "function " + function.name(),
                        "has the outputs loss f32[] and count f32[]",
                        function.outputs().toString(),
                        "sum the losses of all targets, and count them"));
    }

    public List<Shard> shards() {
        return List.copyOf(shards);
    }

    /**
     * Computes the loss and puts its gradient into the parameters' store. States stay as they were until {@link #commit}.
     */
    public Outcome run() {
        workers.run(shards.size(), i -> shards.get(i).run());
        double loss = 0;
        double count = 0;
        for (Shard shard : shards) {
            loss += scalar(shard.output(LOSS));
            count += scalar(shard.output(COUNT));
        }
        float share = count == 0 ? 0 : (float) (1 / count);
        workers.run(parts.size(), i -> addUp(parts.get(i), share));
        return new Outcome(count == 0 ? 0 : loss / count, count);
    }

    private static double scalar(MemorySegment segment) {
        return segment.get(ValueLayout.JAVA_FLOAT, 0);
    }

    private void addParts(Value parameter) {
        MemorySegment sum = parameters.gradient(Parameters.tensorName(parameter));
        String output = "grad/" + parameter.name();
        for (long from = 0; from < sum.byteSize(); from += PART * (long) Float.BYTES) {
            long at = from;
            long bytes = Math.min(sum.byteSize() - from, PART * (long) Float.BYTES);
            List<MemorySegment> ofShards = shards.stream()
                    .map(s -> s.output(output).asSlice(at, bytes))
                    .toList();
            parts.add(new Part(sum.asSlice(at, bytes), ofShards));
        }
    }

    private static void addUp(Part part, float share) {
        MemorySegment sum = part.sum;
        long count = sum.byteSize() / Float.BYTES;
        MemorySegment first = part.ofShards.getFirst();
        for (long i = 0; i < count; i++) {
            sum.setAtIndex(ValueLayout.JAVA_FLOAT, i, share * first.getAtIndex(ValueLayout.JAVA_FLOAT, i));
        }
        for (int s = 1; s < part.ofShards.size(); s++) {
            MemorySegment next = part.ofShards.get(s);
            for (long i = 0; i < count; i++) {
                float value = sum.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                float more = share * next.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                sum.setAtIndex(ValueLayout.JAVA_FLOAT, i, value + more);
            }
        }
    }

    /** Lets the states go on. */
    public void commit() {
        shards.forEach(Shard::commit);
    }
}
