package dev.rondo.tests.random;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.State;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.tests.gradient.GradientCase;
import dev.rondo.tests.gradient.TrainingEngine;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.train.gradient.Parameters;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToLongFunction;
import net.jqwik.api.Assume;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Gradients of random functions over the whole catalogue, operators upon operators and scans among them. */
class RandomGradientProperties {
    private static final double LARGEST = 1e3;

    /** What has a kink too near, or no finite result, is left out. */
    @Property(tries = 400, edgeCases = EdgeCasesMode.NONE, maxDiscardRatio = 4)
    void gradientsAgreeWithDifferences(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 8) int nodes,
            @ForAll @IntRange(min = 0, max = 4) int rows,
            @ForAll @IntRange(min = 0, max = 4) int steps) {
        var random = new Random(seed);
        RandomFunction drawn = Catalogue.function(seed, nodes);
        GradientCase found = gradient(drawn, random, name -> name.equals("B") ? rows : steps, "seed " + seed);
        Assume.that(found != null);
        Assume.that(found.agreesWithDifferences(random));
        found.agreesOn(new TrainingEngine(random.nextBoolean(), random.nextBoolean()));
    }

    private static GradientCase gradient(
            RandomFunction drawn, Random random, ToLongFunction<String> sizes, String what) {
        Function f = Parameters.asInputs(drawn.function());
        Map<String, NdArray> values = new HashMap<>();
        Map<String, NdArray> states = new HashMap<>();
        Map<String, NdArray> weights = new HashMap<>(drawn.weights());
        for (Value input : f.inputs()) {
            values.put(
                    input.name(),
                    Parameters.isParameter(input)
                            ? moved(weights.remove(Parameters.tensorName(input)), random)
                            : moved(drawn.random(input, random, sizes), random));
        }
        for (State state : f.states()) {
            states.put(state.value().name(), moved(drawn.random(state.value(), random, sizes), random));
        }
        Interpreter.Result result = Interpreter.run(f, values, states, weights);
        List<Value> smooth = f.outputs().stream()
                .filter(v -> v.type().element() == ElementType.F32)
                .filter(v -> Arrays.stream(result.output(v.name()).values()).allMatch(y -> Math.abs(y) < LARGEST))
                .toList();
        List<Value> parameters = f.inputs().stream()
                .filter(v -> v.type().element() == ElementType.F32)
                .filter(_ -> random.nextInt(4) > 0)
                .toList();
        if (smooth.isEmpty() || parameters.isEmpty()) {
            return null;
        }
        Function withLoss = withLoss(f, smooth);
        for (Value y : smooth) {
            values.put(
                    "c/" + y.name(),
                    NdArray.random(random, 1, result.output(y.name()).shape().toArray(Integer[]::new)));
        }
        return new GradientCase(
                what, withLoss, withLoss.output("loss").orElseThrow(), parameters, values, states, weights);
    }

    /** Numbers off the borders and round numbers where functions turn. */
    private static NdArray moved(NdArray value, Random random) {
        return value.element() == ElementType.F32 || value.element() == ElementType.F64
                ? value.map(v -> (float) (v * 0.97 + 0.02 * random.nextDouble()))
                : value;
    }

    /** The function with {@code loss = Σ c ⊙ y} over some of its outputs. */
    private static Function withLoss(Function f, List<Value> outputs) {
        FunctionBuilder b = Function.builder(f.name());
        f.inputs().forEach(v -> b.input(v.name(), v.type()));
        f.states().forEach(s -> b.state(s.value().name(), s.value().type()));
        f.nodes()
                .forEach(n ->
                        b.addAll(n.op(), n.outputs().stream().map(Value::name).toList(), n.inputs()));
        f.states().forEach(s -> b.next(s.value(), s.next()));
        f.outputs().forEach(b::output);
        Value loss = b.add("start", new Structure.Fill(ElementType.F32, 0, List.of()));
        for (Value y : outputs) {
            Value c = b.input("c/" + y.name(), y.type());
            Value flat =
                    b.add(new Structure.Reshape(List.of(Dim.product(y.type().dims()))), b.times(c, y));
            loss = b.plus(loss, b.add(new Aggregation.Reduce(Reduction.SUM, 0, false), flat));
        }
        b.output(b.add("loss", new Structure.Reshape(List.of()), loss));
        return b.build();
    }
}
