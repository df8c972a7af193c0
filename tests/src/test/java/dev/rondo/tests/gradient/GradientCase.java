package dev.rondo.tests.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.tests.Engine;
import dev.rondo.tests.oracle.Closeness;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.train.gradient.Gradient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * A function, a loss in it, and values at which its gradient is checked.
 *
 * @param what the operator or model, for messages
 * @param values of all inputs
 */
public record GradientCase(
        String what,
        Function function,
        Value loss,
        List<Value> parameters,
        Map<String, NdArray> values,
        Map<String, NdArray> states,
        Map<String, NdArray> weights) {
    private static final double STEP = 5e-4;
    private static final double ROUNDINGS = 64;

    public GradientCase(
            String what, Function function, Value loss, List<Value> parameters, Map<String, NdArray> values) {
        this(what, function, loss, parameters, values, Map.of(), Map.of());
    }

    Function gradient() {
        return Gradient.of(function, loss, parameters);
    }

    Interpreter.Result run(Function f) {
        return Interpreter.run(f, values, states, weights);
    }

    /**
     * Holds the gradient function, run by the interpreter, to central differences of the loss along a random direction,
     * of all parameters at once.
     *
     * @return false where a kink lies so near that differences do not tell
     */
    public boolean agreesWithDifferences(Random random) {
        Function gradient = gradient();
        assertEquals(function.inputs(), gradient.inputs());
        Interpreter.Result got = run(gradient);
        Interpreter.Result plain = run(function);
        double largest = largest(function);
        plain.outputs().forEach((name, value) -> close(value, got.output(name), 1e-12 * largest, gradient, name));
        plain.states().forEach((name, value) -> close(value, got.state(name), 1e-12 * largest, gradient, name));
        Map<String, NdArray> direction = new HashMap<>();
        double slope = 0;
        double size = 0;
        for (Value p : parameters) {
            NdArray d =
                    NdArray.tabulate(p.type().element(), values.get(p.name()).shape(), _ -> random.nextDouble(-1, 1));
            direction.put(p.name(), d);
            NdArray g = got.output("grad/" + p.name());
            assertEquals(d.shape(), g.shape(), () -> this + p.name());
            for (int i = 0; i < d.values().length; i++) {
                slope += g.values()[i] * d.values()[i];
                size += Math.abs(g.values()[i] * d.values()[i]);
            }
        }
        double fine = differences(direction, STEP / 2);
        double noise = 1e-8 + 1e-6 * Math.abs(fine);
        // Beside a kink the slope changes with the step, and on one the bend does not shrink with it.
        boolean smooth = Math.abs(differences(direction, STEP) - fine) <= noise
                && Math.abs(bend(direction, STEP) / 2 - bend(direction, STEP / 2)) <= noise;
        if (!smooth) {
            return false;
        }
        double wanted = fine;
        double found = slope;
        double allowed = 1e-6 * (1 + size);
        assertTrue(
                Math.abs(fine - slope) <= allowed,
                () -> this + "the slope along a random direction is " + wanted + ", by the gradient " + found + "\n"
                        + gradient);
        return true;
    }

    /**
     * Holds what an engine makes of the gradient function to the interpreter. An element may be off by some roundings of
     * the largest number that occurs on the way, and some times what rounding the inputs once more makes of it.
     */
    public void agreesOn(Engine engine) {
        Function gradient = gradient();
        Interpreter.Result wanted = run(gradient);
        Interpreter.Result got = engine.run(gradient, values, states, weights);
        double rounding = ROUNDINGS * 0x1p-24 * largest(gradient);
        Interpreter.Result moved = rounded(gradient);
        for (Value output : gradient.outputs()) {
            NdArray a = wanted.output(output.name());
            double change = 0;
            for (int i = 0; i < a.values().length; i++) {
                double here =
                        Math.abs(a.values()[i] - moved.output(output.name()).values()[i]);
                change = here > change ? here : change;
            }
            close(a, got.output(output.name()), rounding + ROUNDINGS * change, gradient, engine + ", " + output.name());
        }
    }

    /** What the interpreter makes of inputs that are off by up to a rounding of f32. */
    private Interpreter.Result rounded(Function gradient) {
        var random = new Random(values.size());
        Map<String, NdArray> moved = new HashMap<>();
        values.forEach((name, value) -> moved.put(
                name,
                value.element() == ElementType.F32
                        ? value.map(v -> v * (1 + 0x1p-24 * random.nextDouble(-1, 1)))
                        : value));
        return Interpreter.run(gradient, moved, states, weights);
    }

    private void close(NdArray wanted, NdArray got, double error, Function gradient, String name) {
        try {
            Closeness.assertClose(wanted, got, error, 0, name);
        } catch (AssertionError off) {
            throw new AssertionError(off.getMessage() + "\n" + this + gradient, off);
        }
    }

    /** The largest magnitude among all values of a function, at least 1, and by what a division may enlarge it. */
    private double largest(Function f) {
        var all = new ArrayList<Value>(f.inputs());
        f.nodes().forEach(n -> all.addAll(n.outputs()));
        Function open = new Function(f.name(), f.inputs(), f.states(), f.nodes(), all);
        Map<String, NdArray> results = run(open).outputs();
        double largest = magnitudes(results.values().stream()).reduce(1, Math::max);
        var divide = new Elementwise.Binary(BinaryFunction.DIVIDE);
        double smallest = magnitudes(f.nodes().stream()
                        .filter(n -> n.op().equals(divide))
                        .map(n -> results.get(n.inputs().get(1).name()))
                        .filter(Objects::nonNull))
                .filter(v -> v > 0)
                .reduce(1, Math::min);
        return largest / smallest;
    }

    private static DoubleStream magnitudes(Stream<NdArray> arrays) {
        return arrays.flatMapToDouble(a -> Arrays.stream(a.values()))
                .map(Math::abs)
                .filter(Double::isFinite);
    }

    /** The slope of the loss along a direction, to fourth order in the step. */
    private double differences(Map<String, NdArray> direction, double h) {
        double near = lossAt(direction, h) - lossAt(direction, -h);
        double far = lossAt(direction, 2 * h) - lossAt(direction, -2 * h);
        return (8 * near - far) / (12 * h);
    }

    /** The change of slope at the point: of the order of the step where the loss is smooth. */
    private double bend(Map<String, NdArray> direction, double h) {
        return (lossAt(direction, h) - 2 * lossAt(direction, 0) + lossAt(direction, -h)) / h;
    }

    private double lossAt(Map<String, NdArray> direction, double h) {
        Map<String, NdArray> moved = new HashMap<>(values);
        direction.forEach((name, d) -> {
            NdArray at = values.get(name);
            double[] shifted = at.values().clone();
            for (int i = 0; i < shifted.length; i++) {
                shifted[i] += h * d.values()[i];
            }
            moved.put(name, new NdArray(at.element(), at.shape(), shifted));
        });
        return Interpreter.run(function, moved, states, weights)
                .output(loss.name())
                .at();
    }

    /** The operator, the function with its shapes, and the values. */
    @Override
    public String toString() {
        return what + "\n" + function + "by " + parameters + " at " + values + "\n";
    }
}
