package dev.rondo.tests.random;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToLongFunction;

/**
 * A random well-typed function, with what its inputs may hold and how far off its results may be.
 *
 * @param domains of inputs and states, by name
 * @param errors of outputs and of what replaces states, by name of the output or state
 */
record RandomFunction(
        Function function, Map<String, NdArray> weights, Map<String, Domain> domains, Map<String, Double> errors) {

    /** The names of dimensions that random functions use. */
    static final List<String> SIZES = List.of("B", "T");

    /**
     * What an input may hold: numbers from low to high, whole numbers for whole types.
     *
     * @param top where not null, takes the place of high
     */
    record Domain(double low, double high, Dim top) {
        Domain(double low, double high) {
            this(low, high, null);
        }

        static Domain lengths(Dim steps) {
            return new Domain(0, 0, steps);
        }
    }

    /** A random value of an input or a state. */
    NdArray random(Value value, Random random, ToLongFunction<String> sizes) {
        return random(
                value.type(), Interpreter.shape(value.type().dims(), sizes), domains.get(value.name()), random, sizes);
    }

    static NdArray random(
            ValueType type, List<Integer> shape, Domain domain, Random random, ToLongFunction<String> sizes) {
        double high = domain.top == null ? domain.high : domain.top.evaluate(sizes);
        ElementType element = type.element();
        return NdArray.tabulate(element, shape, _ -> switch (element) {
            case BOOL -> random.nextInt(2);
            case I32, I64 -> domain.low + random.nextInt((int) (high - domain.low) + 1);
            case F32, F64 -> number(domain.low, high, random);
        });
    }

    /** Now and then a round number or a border, where functions turn. */
    private static double number(double low, double high, Random random) {
        double any = (float) (low + (high - low) * random.nextDouble());
        return switch (random.nextInt(8)) {
            case 0 -> Math.clamp(Math.rint(any), low, high);
            case 1 -> random.nextBoolean() ? low : high;
            default -> any;
        };
    }
}
