package dev.rondo.tests.gradient;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Op;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A function in the making whose gradient is to be checked, with values for its inputs. Real numbers stay away from
 * multiples of one half, where steps and kinks are, and from each other, so that no order of two changes.
 */
final class Scene {
    /** Parts of the space between two multiples of one half. */
    private static final int SLOTS = 400;

    /**
     * Sizes of a case.
     *
     * @param rows B
     * @param steps T
     * @param width of what is neither; the functions choose others near it
     * @param scale how far numbers reach; large ones saturate gates
     */
    record Sizes(int rows, int steps, int width, int scale) {
        long of(String name) {
            return switch (name) {
                case "B" -> rows;
                case "T" -> steps;
                default -> throw new IllegalArgumentException(name);
            };
        }
    }

    final FunctionBuilder f = Function.builder("f");
    final Random random;
    final Sizes sizes;
    private final Map<String, NdArray> values = new LinkedHashMap<>();
    private final List<Value> parameters = new ArrayList<>();
    private final List<Value> reals = new ArrayList<>();
    private Value loss;
    private int slot;
    private int named;

    Scene(Sizes sizes, Random random) {
        this.sizes = sizes;
        this.random = random;
        this.slot = random.nextInt(SLOTS);
        // Something has to tell the sizes.
        f.input("sizes", ElementType.BOOL, "B", "T");
        values.put("sizes", NdArray.zeros(ElementType.BOOL, List.of(sizes.rows, sizes.steps)));
    }

    boolean flip() {
        return random.nextBoolean();
    }

    int between(int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    @SafeVarargs
    final <T> T one(T... of) {
        return of[random.nextInt(of.length)];
    }

    /** A fixed size, from 1 to the width. */
    int size() {
        return between(1, sizes.width);
    }

    List<Integer> shape(List<Dim> dims) {
        return Interpreter.shape(dims, sizes::of);
    }

    private double number() {
        // 149 is prime to the number of slots: neighbours lie apart, and none comes twice soon.
        slot = (slot + 149) % SLOTS;
        int reach = sizes.scale * 2;
        return (float) (0.5 * between(-reach, reach - 1) + 0.05 + 0.4 * slot / SLOTS);
    }

    private Value given(String name, ValueType type, NdArray value) {
        values.put(name, value);
        return f.input(name, type);
    }

    /** A real input, mostly a parameter. */
    Value real(ValueType type) {
        NdArray value = NdArray.tabulate(type.element(), shape(type.dims()), _ -> number());
        return real(type, value);
    }

    Value real(Object... dims) {
        return real(ValueType.f32(dims));
    }

    /** A real input of numbers from 0.5 to 2. */
    Value positive(ValueType type) {
        return real(type, NdArray.tabulate(type.element(), shape(type.dims()), _ -> 0.5 + 1.5 * random.nextFloat()));
    }

    /** A matrix whose products stay small. */
    Value matrix(Object... dims) {
        ValueType type = ValueType.f32(dims);
        return real(
                type, NdArray.tabulate(type.element(), shape(type.dims()), _ -> (float) (random.nextGaussian() * 0.6)));
    }

    Value real(ValueType type, NdArray value) {
        Value input = given("x" + named++, type, value);
        boolean f32 = type.element() == ElementType.F32;
        if (f32 && random.nextInt(6) > 0) {
            parameters.add(input);
        }
        if (f32) {
            reals.add(input);
        }
        return input;
    }

    Value whole(ValueType type, int low, int high) {
        return given(
                "n" + named++, type, NdArray.tabulate(type.element(), shape(type.dims()), _ -> between(low, high)));
    }

    Value index(List<Dim> dims, int bound) {
        return whole(new ValueType(one(ElementType.I32, ElementType.I64), dims), 0, bound - 1);
    }

    Value flags(List<Dim> dims) {
        return whole(new ValueType(ElementType.BOOL, dims), 0, 1);
    }

    /** Lengths of rows, or none. */
    Value lengths(Dim rows, Dim steps) {
        int most = (int) steps.evaluate(sizes::of);
        return flip() ? Value.ABSENT : whole(new ValueType(ElementType.I32, List.of(rows)), 0, most);
    }

    Value maybe(Value value) {
        return flip() ? Value.ABSENT : value;
    }

    /** A dimension: rows, steps, or fixed. */
    Dim dim() {
        return switch (random.nextInt(4)) {
            case 0 -> Dim.named("B");
            case 1 -> Dim.named("T");
            default -> Dim.of(size());
        };
    }

    List<Dim> dims(int rank) {
        var dims = new ArrayList<Dim>();
        for (int i = 0; i < rank; i++) {
            dims.add(dim());
        }
        return dims;
    }

    /** A shape that broadcasts to another one. */
    List<Dim> narrower(List<Dim> dims) {
        var narrow = new ArrayList<>(dims);
        narrow.subList(0, between(0, dims.size())).clear();
        for (int d = 0; d < narrow.size(); d++) {
            if (random.nextInt(3) == 0) {
                narrow.set(d, Dim.ONE);
            }
        }
        return narrow;
    }

    /** Adds the operator in question; its results, or some of them, make the loss. */
    void add(Op op, Value... in) {
        result(f.addAll(op, List.of(), Arrays.asList(in)));
    }

    void result(List<Value> results) {
        var real = new ArrayList<>(results.stream().filter(Scene::isReal).toList());
        while (real.size() > 1 && random.nextInt(3) == 0) {
            real.remove(random.nextInt(real.size()));
        }
        for (Value y : real) {
            addToLoss(y);
        }
        results.stream().filter(_ -> flip()).forEach(f::output);
    }

    private static boolean isReal(Value value) {
        return value.type().element() == ElementType.F32 || value.type().element() == ElementType.F64;
    }

    /** Adds Σ c y with random c. */
    private void addToLoss(Value y) {
        Value f32 = y.type().element() == ElementType.F32 ? y : f.add(new Elementwise.Cast(ElementType.F32), y);
        Value c = given(
                "c" + named++,
                f32.type(),
                NdArray.tabulate(ElementType.F32, shape(f32.type().dims()), _ -> (float) random.nextGaussian()));
        Value flat = f.add(new Structure.Reshape(List.of(Dim.product(f32.type().dims()))), f.times(f32, c));
        Value sum = f.add(new Aggregation.Reduce(Reduction.SUM, 0, false), flat);
        loss = loss == null ? sum : f.plus(loss, sum);
    }

    /** What is to be checked: at least one input is a parameter. */
    GradientCase finish(String operator) {
        if (loss == null) {
            addToLoss(reals.getFirst());
        }
        f.output(loss);
        if (parameters.isEmpty()) {
            parameters.add(reals.getFirst());
        }
        return new GradientCase(operator, f.build(), loss, parameters, values);
    }
}
